import fc from "fast-check";
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

  it.each(["classic", "native", "both"] as const)(
    "keeps to the grammar of a histogram's value with %s buckets",
    (kind) => {
      const durations = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { maxLength: 30 });
      fc.assert(
        fc.property(durations, (seconds) => {
          for (const line of linesOf(kind, seconds)) expect(line).toMatch(histogramLine);
        }),
      );
      expect("x {count:1,sum:1,bucket:[+Inf:1,0.5:1]}").not.toMatch(histogramLine);
      expect("x {count:1,sum:1,schema:3,zero_threshold:1e-9,zero_count:0,positive_spans:[1:0]}").not.toMatch(
        histogramLine,
      );
    },
  );

  it("writes a native histogram before there is anything in it", () => {
    expect(linesOf("native", [])).toEqual([
      'health_check_duration_seconds{check="a"} {count:0,sum:0,schema:3,zero_threshold:9.5367431640625e-7,zero_count:0}',
    ]);
  });
});

// The rules of the ABNF in OpenMetrics 2.0.0-rc0 that a histogram can be made of.
const number = String.raw`[+-]?(?:\d+(?:\.\d*)?|\d*\.\d+)(?:e[+-]?\d+)?`;
const list = (item: string, next = item): string => String.raw`\[(?:${item}(?:,${next})*)\]`;
const spans = list(String.raw`[+-]?\d+:0*[1-9]\d*`, String.raw`\+?\d+:0*[1-9]\d*`);
const native = String.raw`schema:-?\d+,zero_threshold:${number},zero_count:${number}(?:,positive_spans:${spans},positive_buckets:${list(number)})?`;
const classic = String.raw`bucket:\[(?:${number}:${number},)*\+Inf:${number}\]`;
const exemplar = String.raw` # \{trace_id="[0-9a-f]{32}",span_id="[0-9a-f]{16}"\} ${number} ${number}`;
const histogramLine = new RegExp(
  String.raw`^[a-z_]+(?:\{[^{}]*\})? \{count:${number},sum:${number},(?:${classic}|${native}(?:,${classic})?)\}(?:${exemplar})*$`,
);

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
