import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HealthMonitor } from "../../../src/engine/monitor.ts";
import type { PastWanted } from "../../../src/formats/past-wanted.ts";
import type { History } from "../../../src/health/history/history.ts";
import { PastLookups } from "../../../src/server/endpoints/past-lookups.ts";
import { fakeCheck } from "../../support/checks.ts";
import { rememberingLogger } from "../../support/logs.ts";
import { simulatedHistory } from "../../support/simulated-history.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const wanted: PastWanted = {
  buckets: { checks: ["cache"], spans: ["24h", "90d"] },
  measures: { check: "cache", span: "24h" },
  incidents: { checks: ["cache"], limit: 2 },
};

function lookupsIn(change: Partial<History>, details: "all" | "status" = "all") {
  const logger = rememberingLogger();
  const history = {
    ...simulatedHistory({ cache: "down" }, Date.now(), { cache: { name: "keys", unit: "{keys}" } }),
    ...change,
  };
  const monitor = new HealthMonitor([fakeCheck({ name: "cache" })], { logger, history });
  const [endpoint] = monitor.endpoints;
  if (endpoint === undefined) throw new Error("a monitor has an endpoint by default");
  return { logger, lookups: new PastLookups(monitor, { ...endpoint, details }) };
}

describe("PastLookups", () => {
  it("finds the buckets of each span, and the incidents", async () => {
    const found = await lookupsIn({}).lookups.find(wanted);
    expect(found?.buckets.get("24h")?.get("cache")).toHaveLength(96);
    expect(found?.buckets.get("90d")?.get("cache")).toHaveLength(90);
    expect(found?.measures).toMatchObject([{ name: "keys", unit: "{keys}" }]);
    expect(found?.incidents).toMatchObject([{ state: "unhealthy", endedAt: undefined }, { state: "degraded" }]);
    expect(found?.incidents[0]?.failure?.message).toContain("10.0.3.7");
  });

  it("asks once for as many as come, and again after ten seconds", async () => {
    const buckets = vi.fn(async () => new Map());
    const { lookups } = lookupsIn({ buckets });
    await Promise.all([lookups.find(wanted), lookups.find(wanted)]);
    expect(lookups.find(wanted)).not.toBeInstanceOf(Promise);
    expect(buckets).toHaveBeenCalledTimes(2); // One for each span.
    vi.advanceTimersByTime(10_001);
    await lookups.find(wanted);
    expect(buckets).toHaveBeenCalledTimes(4);
  });

  it("finds nothing when history cannot be read, and says so once until it can", async () => {
    const buckets = vi.fn(() => Promise.reject(new Error("disk I/O error")));
    const { lookups, logger } = lookupsIn({ buckets });
    expect(await lookups.find(wanted)).toBeUndefined();
    vi.advanceTimersByTime(10_001);
    expect(await lookups.find(wanted)).toBeUndefined();
    expect(logger.lines.filter(({ level }) => level === "warn")).toHaveLength(1);
    expect(JSON.stringify(logger.lines)).toContain("disk I/O error");
  });

  it("waits two seconds for history at most, and for ten seconds does not wait again", async () => {
    const { lookups } = lookupsIn({ buckets: () => new Promise(() => {}) });
    const found = lookups.find(wanted);
    await vi.advanceTimersByTimeAsync(2000);
    expect(await found).toBeUndefined();
    expect(lookups.find(wanted)).toBeUndefined();
  });

  it("tells of incidents no message, reason or trace, and no measured values, where an endpoint tells no details", async () => {
    const found = await lookupsIn({}, "status").lookups.find(wanted);
    const text = JSON.stringify(found?.incidents);
    expect(text).toContain("Unhealthy");
    expect(text).not.toMatch(/10\.0\.3\.7|connection_refused|traceId|4bf92f35/);
    expect(found?.measures).toEqual([]);
  });
});
