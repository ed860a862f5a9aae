/** A text that metrics are written as: OpenMetrics 1.0, a draft of OpenMetrics 2.0, or the Prometheus text format 0.0.4. */
export type Exposition = "openmetrics" | "openmetrics2" | "prometheus";

/**
 * The `Content-Type` of each, and of the protobuf format. What is written never needs escaping, since names are translated, not
 * escaped.
 */
export const expositionContentTypes: Readonly<Record<Exposition | "protobuf", string>> = {
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores",
  openmetrics2: "application/openmetrics-text; version=2.0.0; charset=utf-8",
  prometheus: "text/plain; version=0.0.4; charset=utf-8; escaping=underscores",
  protobuf:
    "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=underscores",
};
