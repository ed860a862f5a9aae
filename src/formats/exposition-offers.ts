import { expositionContentTypes } from "../telemetry/open-metrics/exposition.ts";
import type { Offer } from "./format.ts";

/** OpenMetrics 1.0, as `/health/` and `/metrics` offer it. */
export const openMetricsOffer: Offer = {
  mediaType: "application/openmetrics-text",
  parameters: { version: "1.0.0" },
  contentType: expositionContentTypes.openmetrics,
};

/** The draft of OpenMetrics 2.0, for those who ask for that version. */
export const openMetrics2Offer: Offer = {
  mediaType: "application/openmetrics-text",
  parameters: { version: "2.0.0" },
  contentType: expositionContentTypes.openmetrics2,
};

/** Prometheus' protobuf format, which has native histograms. */
export const protobufOffer: Offer = {
  mediaType: "application/vnd.google.protobuf",
  parameters: { proto: "io.prometheus.client.metricfamily", encoding: "delimited" },
  contentType: expositionContentTypes.protobuf,
};

/** The Prometheus text format. */
export const prometheusTextOffer: Offer = {
  mediaType: "text/plain",
  parameters: { version: "0.0.4" },
  contentType: expositionContentTypes.prometheus,
};
