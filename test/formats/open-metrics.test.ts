import { describe, expect, it } from "vitest";
import { HealthMonitor } from "../../src/engine/monitor.ts";
import { openMetrics, openMetricsOffer, prometheusTextOffer } from "../../src/formats/open-metrics.ts";
import { fakeCheck } from "../support/checks.ts";
import { contextOf, describeFormat } from "../support/describe-format.ts";
import { itWithService } from "../support/it-with-service.ts";
import { rememberingLogger } from "../support/logs.ts";
import { parse, pythonParser } from "../support/python-parser.ts";
import { everyState, sampleCheck, sampleReport } from "../support/sample-reports.ts";

const render = (report: typeof everyState, offer = openMetricsOffer): string =>
  openMetrics.render(report, contextOf(report, offer));

const canParse = pythonParser.available || process.env.REQUIRE_SERVICES === "1";

describe("openMetrics", () => {
  describe.skipIf(!canParse)(canParse ? "with a real parser" : `needs ${pythonParser.name}`, () => {
    describeFormat(openMetrics, {
      extension: "txt",
      async read(answer) {
        const families = await parse(answer.endsWith("# EOF\n") ? "openmetrics" : "prometheus", answer);
        return families.flatMap(({ samples }) => samples.flatMap(({ labels }) => Object.values(labels))).join("\n");
      },
      charactersPerCheck: 6000,
    });
  });

  it("reports whether each check and the endpoint pass", () => {
    const series = render(everyState).split("\n");
    expect(series).toContain('health_check_status{check="database",type="postgres",host="db.internal",port="5432"} 1');
    expect(series).toContain('health_check_status{check="disk",type="disk",path="/"} 0');
    expect(series).toContain('health_check_state{check="disk",type="disk",path="/",state="degraded"} 1');
    expect(series).toContain('health_check_overall_status{endpoint="/health/"} 0');
    const lenient = sampleReport([sampleCheck("disk", { state: "degraded" })], {
      degraded: "pass",
      path: "/health/disk/",
    });
    expect(render(lenient)).toContain('health_check_overall_status{endpoint="/health/disk/"} 1\n');
  });

  it("is written as the one of the two formats that is wanted", () => {
    expect(render(everyState)).toMatch(/\n# EOF\n$/);
    expect(render(everyState, prometheusTextOffer)).not.toContain("# EOF");
    expect(render(everyState, prometheusTextOffer)).toContain('health_check_overall_status{endpoint="/health/"} 0\n');
  });

  it("has every series of a check that has not run yet, except the status", () => {
    const text = render(sampleReport([sampleCheck("search", { state: "unknown", hasRun: false })]));
    expect(text).not.toContain("health_check_status");
    expect(text).toContain('health_check_state{check="search",type="http",state="unknown"} 1\n');
    expect(text).toContain('health_check_response_time_seconds{check="search",type="http"} NaN\n');
    expect(text).toContain('health_check_last_success_timestamp_seconds{check="search",type="http"} 0\n');
    expect(text).toContain('health_check_duration_seconds_count{check="search",type="http"} 0\n');
  });

  itWithService([pythonParser], "leads from each bucket to the last trace in it", async () => {
    const check = sampleCheck("database");
    const exemplar = { traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId: "00f067aa0ba902b7" };
    const [, durations] = [...check.durations][0] ?? [];
    if (durations === undefined) throw new Error("the sample check has no durations");
    const exemplars = durations.bounds.map((value) => ({
      ...exemplar,
      value: value / 2,
      timestampSeconds: 1773500966.5,
    }));
    const report = sampleReport([{ ...check, durations: new Map([[undefined, { ...durations, exemplars }]]) }]);
    const families = await parse("openmetrics", render(report));
    const buckets = families
      .flatMap(({ samples }) => samples)
      .filter(({ name }) => name === "health_check_duration_seconds_bucket");
    expect(buckets.map(({ labels, exemplar: found }) => [labels.le, found])).toEqual([
      ...["0.001", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1.0", "2.5", "5.0", "10.0", "30.0"].map(
        (bound) => [
          bound,
          {
            labels: { trace_id: exemplar.traceId, span_id: exemplar.spanId },
            value: Number(bound) / 2,
            timestamp: 1773500966.5,
          },
        ],
      ),
      ["+Inf", null],
    ]);
    expect(render(report, prometheusTextOffer)).not.toContain("trace_id");
  });

  it("has the tags of a check as one label when that is asked for", async () => {
    const checks = [fakeCheck({ name: "cache", tags: ["prod", "eu"] }), fakeCheck({ name: "none" })];
    const textWith = async (tagLabels: boolean) => {
      const monitor = new HealthMonitor(checks, { logger: rememberingLogger(), tagLabels });
      return render(await monitor.report());
    };
    expect(await textWith(true)).toMatch(/health_check_status\{[^}]*check="cache"[^}]*tags=",eu,prod,"[^}]*\} 1/);
    expect(await textWith(true)).toMatch(/health_check_status\{check="none",type="[^"]*"\} 1/);
    expect(await textWith(false)).not.toContain("tags=");
  });
});
