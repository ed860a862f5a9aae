import { expect, it } from "vitest";
import { writeProbe } from "../../../src/telemetry/open-metrics/write-probe.ts";
import { sampleCheck } from "../../support/sample-reports.ts";

/** The names of the metrics that a probe gives, with the values of those that have one. */
function samples(report: Parameters<typeof writeProbe>[0]): readonly string[] {
  const lines = writeProbe(report, [], "openmetrics").split("\n");
  return lines.filter((line) => !line.startsWith("#") && line !== "").map((line) => line.replace(/\{.*\}/, ""));
}

it("a probe tells the state, how long it took, the end of a certificate and what was measured", () => {
  const report = sampleCheck("web", {
    state: "degraded",
    durationSeconds: 0.25,
    measures: [{ name: "certificateDays", unit: "d", value: 3 }],
  });
  expect(samples({ ...report, certificateExpiresAt: 1_900_000_000_000 })).toEqual([
    "health_check_status 0",
    ...["healthy", "degraded", "unhealthy", "unknown", "skipped"].map(
      (state) => `health_check_state ${state === "degraded" ? 1 : 0}`,
    ),
    "health_check_response_time_seconds 0.25",
    "health_check_certificate_expiry_timestamp_seconds 1900000000",
    "health_check_value 3",
    "probe_success 0",
    "probe_duration_seconds 0.25",
    "probe_failure_info 1",
    "probe_ssl_earliest_cert_expiry 1900000000",
  ]);
});

it("a probe that passes says so, and one that found nothing took no time", () => {
  expect(samples(sampleCheck("web", { state: "healthy" }))).toContain("probe_success 1");
  const { lastRun: _, ...report } = sampleCheck("web", { state: "unknown" });
  expect(samples({ ...report, lastRun: undefined })).toContain("probe_duration_seconds 0");
});
