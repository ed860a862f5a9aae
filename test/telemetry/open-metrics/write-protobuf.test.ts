import { describe, expect, it } from "vitest";
import { metricTable } from "../../../src/telemetry/metric-table.ts";
import type { CheckPoint } from "../../../src/telemetry/metrics/check-metrics.ts";
import { durationPoint, histogramMetric } from "../../../src/telemetry/metrics/check-metrics.ts";
import { DurationHistogram } from "../../../src/telemetry/metrics/duration-histogram.ts";
import type { HistogramKind } from "../../../src/telemetry/metrics/histogram-shape.ts";
import { durationBounds } from "../../../src/telemetry/names.ts";
import type { WritableMetrics } from "../../../src/telemetry/open-metrics/write-metrics.ts";
import { type WrittenBuckets, writeProtobuf } from "../../../src/telemetry/open-metrics/write-protobuf.ts";
import { counterData, gaugeData, histogram, histogramData, resourceMetrics } from "../../support/metric-data.ts";
import { bucketsOf, labelsOf, type ReadFamily, readFamilies } from "../../support/prometheus-protobuf.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const spanId = "00f067aa0ba902b7";
const both: WrittenBuckets = { classic: true, native: true };

describe("writeProtobuf", () => {
  it("writes every family with its type, unit, help and labels", () => {
    const { families, told } = write(
      resourceMetrics(
        {
          healthspan: [
            gaugeData("health.check.status", [[{ "health.check.name": "a" }, 1]], {
              description: 'Whether "it" passes.\nC:\\',
            }),
            counterData("runs", [[{ reason: "é\n\u0000" }, 2 ** 40]], { unit: "By", description: "Runs." }),
          ],
          theirs: [
            gaugeData("depth", [
              [{}, Number.NaN],
              [{ queue: "q" }, -1.5],
            ]),
          ],
        },
        { "service.name": "shop" },
      ),
    );
    expect(families.map(({ metric, ...family }) => family)).toEqual([
      { name: "target_info", help: "Target metadata", unit: "", type: "GAUGE" },
      { name: "health_check_status", help: 'Whether "it" passes.\nC:\\', unit: "", type: "GAUGE" },
      { name: "runs_bytes_total", help: "Runs.", unit: "bytes", type: "COUNTER" },
      { name: "depth", help: "", unit: "", type: "GAUGE" },
    ]);
    expect(
      families.map(({ metric }) => metric.map((each) => [labelsOf(each), each.gauge?.value ?? each.counter?.value])),
    ).toEqual([
      [[{ service_name: "shop" }, 1]],
      [[{ check: "a" }, 1]],
      [[{ reason: "é\n\ufffd" }, 2 ** 40]],
      [
        [{ otel_scope_name: "theirs" }, Number.NaN],
        [{ queue: "q", otel_scope_name: "theirs" }, -1.5],
      ],
    ]);
    expect(told).toEqual([]);
  });

  it("writes a histogram with classic and exponential buckets, and exemplars with their times", () => {
    const [family] = write(durations("both", [0.0001, 0.5, 0.5, 1, 40], { exemplarOf: 0.5 })).families;
    expect(family).toMatchObject({ name: "health_check_duration_seconds", type: "HISTOGRAM", unit: "seconds" });
    const { histogram: read, ...metric } = family?.metric[0] ?? { label: [] };
    expect(labelsOf(metric)).toEqual({ check: "a" });
    expect(read).toMatchObject({ sampleCount: 5, schema: 3, zeroThreshold: 2 ** -20, zeroCount: 0 });
    expect(read?.sampleSum).toBeCloseTo(42.0001);
    expect(read?.bucket.map(({ upperBound, cumulativeCount }) => [upperBound, cumulativeCount])).toEqual([
      ...[0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25].map((bound) => [bound, 1]),
      ...[
        [0.5, 3],
        [1, 4],
        [2.5, 4],
        [5, 4],
        [10, 4],
        [30, 4],
        [Number.POSITIVE_INFINITY, 5],
      ],
    ]);
    expect(read && [...bucketsOf(read)].filter(([, count]) => count > 0)).toEqual([
      [-106, 1],
      [-8, 2],
      [0, 1],
      [43, 1],
    ]);
    const exemplar = {
      label: [
        { name: "trace_id", value: traceId },
        { name: "span_id", value: spanId },
      ],
      value: 0.5,
      timestamp: { seconds: 1_770_000_000, nanos: 250_000_000 },
    };
    expect(read?.exemplars).toEqual([exemplar]);
    expect(read?.bucket.find(({ upperBound }) => upperBound === 0.5)?.exemplar).toEqual(exemplar);
  });

  it("writes one kind of buckets when only that is wanted", () => {
    const native = write(durations("both", [0.5], { exemplarOf: 0.5 }), { classic: false, native: true });
    expect(native.families[0]?.metric[0]?.histogram).toMatchObject({ sampleCount: 1, schema: 3, bucket: [] });
    expect(native.families[0]?.metric[0]?.histogram?.exemplars).toHaveLength(1);
    const classic = write(durations("both", [0.5]), { classic: true, native: false });
    expect(classic.families[0]?.metric[0]?.histogram).toMatchObject({ sampleCount: 1, positiveSpan: [] });
    expect(classic.families[0]?.metric[0]?.histogram).not.toHaveProperty("zeroThreshold");
    const theirs = write([histogramData("x", [[{}, histogram([1, 1, 2], [3, 1, 0, 1], 4)]])], {
      classic: false,
      native: true,
    });
    expect(theirs.families[0]?.metric[0]?.histogram?.bucket).toEqual([
      { upperBound: 1, cumulativeCount: 4 },
      { upperBound: 2, cumulativeCount: 4 },
      { upperBound: Number.POSITIVE_INFINITY, cumulativeCount: 5 },
    ]);
  });

  it("writes a native histogram before there is anything in it so that nobody takes it for a classic one", () => {
    const read = write(durations("native", [])).families[0]?.metric[0]?.histogram;
    expect(read).toMatchObject({ sampleCount: 0, schema: 3, positiveSpan: [], positiveDelta: [] });
    expect(read?.zeroThreshold).toBeGreaterThan(0);
  });

  it("leaves out a family without a series, a series whose labels are another's, and a counter that is none", () => {
    const { families, told } = write([
      gaugeData("empty", []),
      gaugeData("x", [
        [{ "a.b": "1" }, 1],
        [{ a_b: "1" }, 2],
      ]),
      counterData("runs", [
        [{}, -1],
        [{ a: 1 }, 3],
      ]),
    ]);
    expect(families.map(({ name, metric }) => [name, metric.length])).toEqual([
      ["x", 1],
      ["runs_total", 1],
    ]);
    expect(told).toEqual([
      "a series of x is left out: its labels are those of another one",
      "a series of the counter runs is left out: its value is not a count",
    ]);
  });

  it("pauses while it writes a family of many series, and says how long the family is", () => {
    const points = Array.from({ length: 5000 }, (_, index) => [{ check: `number ${index}` }, index] as const);
    const chunks = [...writeProtobuf(resourceMetrics({ healthspan: [gaugeData("x", points)] }), both, () => {})];
    expect(chunks.filter(({ length }) => length === 0).length).toBeGreaterThan(5);
    expect(Math.max(...chunks.map(({ length }) => length))).toBeLessThan(32 * 1024);
    expect(readFamilies(Buffer.concat(chunks))[0]?.metric.map(({ gauge }) => gauge?.value)).toEqual(
      points.map(([, value]) => value),
    );
  });

  it("gives bytes that later writing does not change", () => {
    const data = durations("both", [0.5, 2]);
    const first = [...writeProtobuf(data, both, () => {})];
    const kept = Buffer.concat(first).toString("hex");
    write(
      durations(
        "both",
        Array.from({ length: 100 }, (_, index) => index),
      ),
    );
    expect(Buffer.concat(first).toString("hex")).toBe(kept);
  });
});

function durations(kind: HistogramKind, seconds: readonly number[], { exemplarOf = Number.NaN } = {}): WritableMetrics {
  const distribution = new DurationHistogram({ kind, bounds: durationBounds });
  for (const each of seconds) {
    distribution.record(each);
    if (each === exemplarOf) distribution.offer(each, { traceId, spanId, traceFlags: 1 }, 1_770_000_000_250);
  }
  const points: readonly CheckPoint[] = [durationPoint({ "health.check.name": "a" }, distribution)];
  const scopeMetrics = [{ scope: { name: "healthspan" }, metrics: [histogramMetric(metricTable.duration, points)] }];
  return { resource: { attributes: {} }, scopeMetrics };
}

function write(
  metrics: WritableMetrics | Parameters<typeof resourceMetrics>[0][string],
  buckets = both,
): { readonly families: readonly ReadFamily[]; readonly told: readonly string[] } {
  const told: string[] = [];
  const data = "scopeMetrics" in metrics ? metrics : resourceMetrics({ healthspan: metrics });
  const chunks = [...writeProtobuf(data, buckets, (problem) => told.push(problem))];
  return { families: readFamilies(Buffer.concat(chunks)), told };
}
