import { describe, expect, it } from "vitest";
import { metricTable } from "../../../src/telemetry/metric-table.ts";
import { durationPoint, histogramMetric } from "../../../src/telemetry/metrics/check-metrics.ts";
import { DurationHistogram } from "../../../src/telemetry/metrics/duration-histogram.ts";
import type { HistogramKind } from "../../../src/telemetry/metrics/histogram-shape.ts";
import { writeMetrics } from "../../../src/telemetry/open-metrics/write-metrics.ts";
import { counterData, gaugeData, resourceMetrics, write } from "../../support/metric-data.ts";

describe("OpenMetrics 2.0", () => {
  it("names a counter and the target as their samples", () => {
    const metrics = {
      healthspan: [
        gaugeData("health.check.status", [[{ check: "a" }, 1]], { description: 'Whether "it" passes.' }),
        counterData("runs", [[{}, 7]], { unit: "By", description: "Runs." }),
      ],
    };
    expect(
      write(resourceMetrics(metrics, { "service.name": "shop" }), "openmetrics2").text,
    ).toBe(`# TYPE target_info info
# HELP target_info Target metadata
target_info{service_name="shop"} 1
# TYPE health_check_status gauge
# HELP health_check_status Whether \\"it\\" passes.
health_check_status{check="a"} 1
# TYPE runs_bytes_total counter
# UNIT runs_bytes_total bytes
# HELP runs_bytes_total Runs.
runs_bytes_total 7
# EOF
`);
  });

  it.each([
    [
      "both",
      "{count:4,sum:2.0000001,schema:3,zero_threshold:9.5367431640625e-7,zero_count:1,positive_spans:[-8:1,7:1],positive_buckets:[2,1],bucket:[0.5:3,1.0:4,+Inf:4]}",
    ],
    [
      "native",
      "{count:4,sum:2.0000001,schema:3,zero_threshold:9.5367431640625e-7,zero_count:1,positive_spans:[-8:1,7:1],positive_buckets:[2,1]}",
    ],
    ["classic", "{count:4,sum:2.0000001,bucket:[0.5:3,1.0:4,+Inf:4]}"],
  ] as const)("writes a histogram with %s buckets as one value, with all its exemplars", (kind, value) => {
    const exemplar = (seconds: number) =>
      ` # {trace_id="${"a".repeat(32)}",span_id="${"b".repeat(16)}"} ${seconds} 1770000000.250`;
    expect(linesOf(kind, [0.0000001, 0.5, 0.5, 1])).toEqual([
      `health_check_duration_seconds{check="a"} ${value}${exemplar(0.5)}${exemplar(1)}`,
    ]);
  });

  it("writes a native histogram before there is anything in it", () => {
    expect(linesOf("native", [])).toEqual([
      'health_check_duration_seconds{check="a"} {count:0,sum:0,schema:3,zero_threshold:9.5367431640625e-7,zero_count:0}',
    ]);
  });
});

function linesOf(kind: HistogramKind, seconds: readonly number[]): readonly string[] {
  const distribution = new DurationHistogram({ kind, bounds: [0.5, 1] });
  for (const each of seconds) {
    distribution.record(each);
    const span = { traceId: "a".repeat(32), spanId: "b".repeat(16), traceFlags: 1 };
    if (each > 0.1) distribution.offer(each, span, 1_770_000_000_250);
  }
  const metric = histogramMetric(metricTable.duration, [durationPoint({ "health.check.name": "a" }, distribution)]);
  const scopeMetrics = [{ scope: { name: "healthspan" }, metrics: [metric] }];
  const text = [...writeMetrics({ resource: { attributes: {} }, scopeMetrics }, "openmetrics2", () => {})].join("");
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}
