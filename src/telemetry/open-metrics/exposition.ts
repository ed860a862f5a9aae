/** A text that metrics are written as: OpenMetrics 1.0, or the Prometheus text format 0.0.4. */
export type Exposition = "openmetrics" | "prometheus";

/** The `Content-Type` of each. What is written never needs escaping, since names are translated, not escaped. */
export const expositionContentTypes: Readonly<Record<Exposition, string>> = {
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores",
  prometheus: "text/plain; version=0.0.4; charset=utf-8; escaping=underscores",
};
