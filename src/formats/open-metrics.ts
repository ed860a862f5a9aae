import { expositionContentTypes } from "../telemetry/open-metrics/exposition.ts";
import { writeReport } from "../telemetry/open-metrics/write-report.ts";
import type { Format, Offer } from "./format.ts";

/** OpenMetrics 1.0, as `/health/` and `/metrics` offer it. */
export const openMetricsOffer: Offer = {
  mediaType: "application/openmetrics-text",
  parameters: { version: "1.0.0" },
  contentType: expositionContentTypes.openmetrics,
};

/** The text format of Prometheus. */
export const prometheusTextOffer: Offer = {
  mediaType: "text/plain",
  parameters: { version: "0.0.4" },
  contentType: expositionContentTypes.prometheus,
};

/** The metrics of the endpoint's checks, so that Prometheus can scrape an endpoint by itself. */
export const openMetrics: Format = {
  name: "openmetrics",
  title: "OpenMetrics",
  offers: [openMetricsOffer, prometheusTextOffer],
  tellsByStatus: false,
  render: (report, { offer }) => writeReport(report, offer === prometheusTextOffer ? "prometheus" : "openmetrics"),
};
