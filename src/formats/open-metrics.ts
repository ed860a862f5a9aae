import { writeReport } from "../telemetry/open-metrics/write-report.ts";
import { prometheusTextOffer } from "./exposition-offers.ts";
import type { Format } from "./format.ts";
import { offered } from "./offered-formats.ts";

/** The metrics of an endpoint's checks, so that Prometheus can scrape a single endpoint. */
export const openMetrics: Format = {
  ...offered.openMetrics,
  tellsByStatus: false,
  render: (report, { offer }) => writeReport(report, offer === prometheusTextOffer ? "prometheus" : "openmetrics"),
};
