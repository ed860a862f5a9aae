import { describe, expect, it } from "vitest";
import { writeMetrics } from "../../../src/telemetry/open-metrics/write-metrics.ts";
import { counterData, gaugeData, histogram, histogramData, resourceMetrics, write } from "../../support/metric-data.ts";

const someOfEach = resourceMetrics(
  {
    healthspan: [
      gaugeData("health.check.status", [[{ check: "a" }, 1]], { description: 'Whether "it" passes.\nC:\\' }),
      histogramData("lag", [[{ check: "a" }, histogram([0.5, 1], [2, 1, 1], 4.5)]], { unit: "s", description: "Lag." }),
      counterData("runs", [[{}, 7]], { unit: "{run}", description: "Runs." }),
    ],
    'their "scope"': [gaugeData("depth", [[{}, Number.NaN]]), gaugeData("queue", [[{ queue: "q" }, -1.5]])],
  },
  { "service.name": "shop", "process.pid": 1 },
);

describe("writeMetrics", () => {
  it("writes OpenMetrics 1.0", () => {
    expect(write(someOfEach, "openmetrics").text).toBe(`# TYPE target info
# HELP target Target metadata
target_info{service_name="shop",process_pid="1"} 1
# TYPE health_check_status gauge
# HELP health_check_status Whether \\"it\\" passes.\\nC:\\\\
health_check_status{check="a"} 1
# TYPE lag_seconds histogram
# UNIT lag_seconds seconds
# HELP lag_seconds Lag.
lag_seconds_bucket{check="a",le="0.5"} 2
lag_seconds_bucket{check="a",le="1.0"} 3
lag_seconds_bucket{check="a",le="+Inf"} 4
lag_seconds_sum{check="a"} 4.5
lag_seconds_count{check="a"} 4
# TYPE runs counter
# HELP runs Runs.
runs_total 7
# TYPE depth gauge
depth{otel_scope_name="their \\"scope\\""} NaN
# TYPE queue gauge
queue{queue="q",otel_scope_name="their \\"scope\\""} -1.5
# EOF
`);
  });

  it("writes Prometheus text 0.0.4, which has no units, no end and other names for counters", () => {
    const { lines } = write(someOfEach, "prometheus");
    expect(lines.slice(0, 5)).toEqual([
      "# TYPE target_info gauge",
      "# HELP target_info Target metadata",
      'target_info{service_name="shop",process_pid="1"} 1',
      "# TYPE health_check_status gauge",
      '# HELP health_check_status Whether "it" passes.\\nC:\\\\',
    ]);
    expect(lines).toContain("# TYPE runs_total counter");
    expect(lines).toContain("# HELP runs_total Runs.");
    expect(lines).toContain("runs_total 7");
    expect(lines.filter((line) => /UNIT|EOF/.test(line))).toEqual([]);
  });

  it("writes nothing but the end when there is nothing", () => {
    expect(write([], "openmetrics").text).toBe("# EOF\n");
    expect(write([], "prometheus").text).toBe("");
  });

  it("puts the metrics of all scopes that have one name into one family", () => {
    const { lines } = write(
      resourceMetrics({
        healthspan: [gaugeData("depth", [[{ a: "1" }, 1]]), gaugeData("other", [[{}, 0]])],
        host: [gaugeData("depth", [[{ a: "1" }, 2]])],
      }),
    );
    expect(lines).toEqual([
      "# TYPE depth gauge",
      'depth{a="1"} 1',
      'depth{a="1",otel_scope_name="host"} 2',
      "# TYPE other gauge",
      "other 0",
      "# EOF",
    ]);
  });

  it("tells scopes of one name apart by their version and schema", () => {
    const scope = { name: "host", version: "1.0", schemaUrl: "https://example.com/" };
    const { resource } = resourceMetrics({});
    const { text } = write({ resource, scopeMetrics: [{ scope, metrics: [gaugeData("x", [[{}, 1]])] }] });
    expect(text).toContain(
      'x{otel_scope_name="host",otel_scope_version="1.0",otel_scope_schema_url="https://example.com/"} 1\n',
    );
  });

  it.each([
    ["a gauge where there is a counter", counterData("x", [[{}, 1]]), gaugeData("x", [[{}, 2]])],
    ["a gauge that reads like a histogram's count", histogramData("x", []), gaugeData("x.count", [[{}, 2]])],
    ["a histogram whose sum reads like a gauge", gaugeData("x.sum", []), histogramData("x", [])],
    ["a counter where there is a gauge with its name", gaugeData("x.total", []), counterData("x", [[{}, 2]])],
  ])("leaves out %s, and tells of it", (_, first, second) => {
    const { text, told } = write([first, second]);
    expect(text).toBe(write([first]).text);
    expect(told).toHaveLength(1);
    expect(told[0]).toContain(`the metric "${second.descriptor.name}" is left out`);
    expect(told[0]).toContain(`"${first.descriptor.name}"`);
  });

  it("leaves a metric out that would read like the resource", () => {
    const { text, told } = write(resourceMetrics({ host: [gaugeData("target.info", [[{}, 2]])] }, { a: "b" }));
    expect(text).not.toContain("} 2");
    expect(told).toEqual([expect.stringContaining("is taken by the resource")]);
  });

  it("keeps the first of two series that read the same", () => {
    const points = [
      [{ check: "a" }, 0],
      [{ a_b: "1", c: "2" }, 1],
      [{ c: 2, "a.b": 1 }, 2],
      [{ a_b: "1", c: "3" }, 3],
    ] as const;
    const { lines, told } = write([gaugeData("x", points)]);
    expect(lines).toEqual(["# TYPE x gauge", 'x{check="a"} 0', 'x{a_b="1",c="2"} 1', 'x{a_b="1",c="3"} 3', "# EOF"]);
    expect(told).toEqual(["a series of x is left out: its labels are those of another one"]);
  });

  it("keeps the first of two series of metrics that read the same", () => {
    const { lines } = write([gaugeData("a.b", [[{}, 1]]), gaugeData("a_b", [[{}, 2]])]);
    expect(lines).toEqual(["# TYPE a_b gauge", "a_b 1", "# EOF"]);
  });

  it.each([Number.NaN, -1])("leaves a counter's series out whose value is %d", (value) => {
    const { lines, told } = write([
      counterData("x", [
        [{ a: "1" }, value],
        [{ a: "2" }, 2],
      ]),
    ]);
    expect(lines).toEqual(["# TYPE x counter", 'x_total{a="2"} 2', "# EOF"]);
    expect(told).toEqual(["a series of the counter x is left out: its value is not a count"]);
  });

  it.each([
    ["no sum", histogram([1], [1, 1])],
    ["a sum that is not a number", histogram([1], [1, 1], Number.NaN)],
    ["a bound below zero", histogram([-1], [1, 1], 3)],
  ])("writes the buckets alone of a histogram with %s", (_, value) => {
    const { lines } = write([histogramData("x", [[{}, value]])]);
    expect(lines.filter((line) => !line.startsWith("#"))).toEqual([
      expect.stringMatching(/^x_bucket\{le="-?1\.0"\} 1$/),
      'x_bucket{le="+Inf"} 2',
    ]);
  });

  it("writes the buckets between equal bounds as one", () => {
    const { lines } = write([histogramData("x", [[{}, histogram([1, 1, 2], [1, 2, 3, 4], 9)]])]);
    expect(lines.filter((line) => line.includes("bucket"))).toEqual([
      'x_bucket{le="1.0"} 3',
      'x_bucket{le="2.0"} 6',
      'x_bucket{le="+Inf"} 10',
    ]);
  });

  it("comes in chunks of which none takes long, whatever they hold", () => {
    const points = Array.from({ length: 5000 }, (_, index) => [{ id: `c${index}` }, index] as const);
    const late = [...points, [{ "not.unique": 1 }, 1] as const];
    const data = resourceMetrics({ healthspan: [gaugeData("plain", points), gaugeData("searched", late)] });
    const chunks = [...writeMetrics(data, "openmetrics", () => {})];
    expect(Math.max(...chunks.map(({ length }) => length))).toBeLessThan(70_000);
    expect(chunks.filter((chunk) => chunk === "")).toHaveLength(25);
    expect(chunks.join("").split("\n")).toHaveLength(1 + 5000 + 1 + 5001 + 1 + 1);
  });
});
