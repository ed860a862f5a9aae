import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { bucketsOf, labelsOf, readFamilies } from "../support/prometheus-protobuf.ts";
import { startServe, until } from "../support/serve-command.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const protobuf = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";

describe("telemetry.metrics", () => {
  it("chooses the buckets of /metrics, which is the same in protobuf, zipped or not, as in text", async () => {
    await using folder = await temporaryFolder({
      "healthspan.yaml": `
defaults: { interval: 100ms }
checks: { memory: { type: memory, maxUsage: 100% } }
telemetry: { metrics: { histogram: both, buckets: [0.25, 60] } }
`,
    });
    await using server = await startServe(folder.path, [join(folder.path, "healthspan.yaml")]);
    const ask = (accept: string, headers: Record<string, string> = {}) =>
      fetch(`${server.url}/metrics`, { headers: { Accept: accept, ...headers } });
    const durations = async (headers?: Record<string, string>) => {
      const families = readFamilies(await (await ask(protobuf, headers)).bytes());
      const ofCheck = families.find(({ name }) => name === "health_check_duration_seconds")?.metric[0];
      return { families, ofCheck, histogram: ofCheck?.histogram };
    };
    const { families, ofCheck, histogram } = await vi.waitFor(async () => {
      const read = await durations();
      expect(read.histogram?.sampleCount).toBeGreaterThan(1);
      return read;
    }, until);
    expect(ofCheck && labelsOf(ofCheck)).toEqual({ check: "memory", type: "memory" });
    expect(histogram?.bucket.map(({ upperBound }) => upperBound)).toEqual([0.25, 60, Number.POSITIVE_INFINITY]);
    const inBuckets = histogram && [...bucketsOf(histogram).values()].reduce((sum, count) => sum + count, 0);
    expect(inBuckets).toBe(histogram?.sampleCount);
    const zipped = await durations({ "Accept-Encoding": "gzip" });
    expect(zipped.families.map(({ name }) => name)).toEqual(families.map(({ name }) => name));
    const text = await (await ask("application/openmetrics-text;version=1.0.0")).text();
    const named = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = "", type]) =>
      type === "counter" ? `${name}_total` : name.replace(/^target$/, "target_info"),
    );
    expect(families.map(({ name }) => name)).toEqual(named);
  });
});
