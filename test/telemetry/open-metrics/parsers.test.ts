import type { Attributes } from "@opentelemetry/api";
import type { MetricData } from "@opentelemetry/sdk-metrics";
import fc from "fast-check";
import { describe, expect } from "vitest";
import { itWithService } from "../../support/it-with-service.ts";
import { counterData, gaugeData, histogram, histogramData, resourceMetrics, write } from "../../support/metric-data.ts";
import { parse, parseAll, pythonParser } from "../../support/python-parser.ts";

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.constantFrom("", '"', "\\", "\n", "\\n", "}"),
);
const metricName = fc.oneof(
  fc.constantFrom("a.b", "a_b", "x", "x.count", "x.total", "x.sum", "x.bucket", "x.created", "target.info", "0", "_"),
  anyText,
);
const attributeName = fc.oneof(
  fc.constantFrom("a.b", "a_b", "le", "quantile", "exported.le", "__name__", "otel.scope.name", "0"),
  anyText,
);
const attributeValue = fc.oneof(anyText, fc.double(), fc.boolean(), fc.array(fc.string()));
const attributes: fc.Arbitrary<Attributes> = fc.dictionary(attributeName, attributeValue, { maxKeys: 4 });
const about = fc.record({
  unit: fc.constantFrom("", "s", "By", "1", "{x}", "By/s", "%", "odd unit"),
  description: anyText,
});
// As the SDK has it: no two points of a metric have the same attributes.
const points = <Value>(value: fc.Arbitrary<Value>) =>
  fc.uniqueArray(fc.tuple(attributes, value), {
    maxLength: 4,
    selector: ([given]) => JSON.stringify(Object.entries(given).sort(([a], [b]) => (a < b ? -1 : 1))),
  });
const anyHistogram = fc
  .record({ bounds: fc.array(fc.double({ noNaN: true })), sum: fc.option(fc.double(), { nil: undefined }) })
  .chain(({ bounds, sum }) => {
    const sorted = bounds.filter(Number.isFinite).sort((a, b) => a - b);
    const counts = fc.array(fc.nat(1000), { minLength: sorted.length + 1, maxLength: sorted.length + 1 });
    return counts.map((each) => histogram(sorted, each, sum));
  });
const anyMetric: fc.Arbitrary<MetricData> = fc.oneof(
  fc.tuple(metricName, points(fc.double()), about).map((parts) => gaugeData(...parts)),
  fc.tuple(metricName, points(fc.double()), about).map((parts) => counterData(...parts)),
  fc.tuple(metricName, points(anyHistogram), about).map((parts) => histogramData(...parts)),
);
const anyMetrics = fc
  .tuple(fc.dictionary(fc.oneof(fc.constant("healthspan"), anyText), fc.array(anyMetric)), attributes)
  .map((parts) => resourceMetrics(...parts));

describe("parsers that did not write it", () => {
  itWithService([pythonParser], "accept whatever names, labels, units and values there are", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyMetrics, { minLength: 40, maxLength: 40 }), async (many) => {
        const texts = many.flatMap((metrics) =>
          (["openmetrics", "prometheus"] as const).map(
            (exposition) => [exposition, write(metrics, exposition).text] as const,
          ),
        );
        for (const [index, parsed] of (await parseAll(texts)).entries()) {
          const [, text] = texts[index] ?? ["", ""];
          expect(parsed, text).not.toHaveProperty("error");
          const samples = "families" in parsed ? parsed.families.flatMap((family) => family.samples) : [];
          expect(samples, text).toHaveLength(text.match(/^[^#\n]/gm)?.length ?? 0);
        }
      }),
      { numRuns: 2, endOnFailure: true },
    );
  });

  itWithService([pythonParser], "read the labels, units and help texts that were meant", async () => {
    const labels = { check: 'a "b" \\ \n}', path: "C:\\new", error_type: "健康" };
    const description = 'What "it"\nsays: C:\\new';
    const metrics = [gaugeData("some.value", [[labels, 1.5]], { unit: "s", description })];
    const samples = [{ name: "some_value_seconds", labels, value: 1.5, exemplar: null }];
    const family = { name: "some_value_seconds", type: "gauge", help: description, samples };
    expect(await parse("openmetrics", write(metrics, "openmetrics").text)).toEqual([{ ...family, unit: "seconds" }]);
    expect(await parse("prometheus", write(metrics, "prometheus").text)).toEqual([{ ...family, unit: "" }]);
  });
});
