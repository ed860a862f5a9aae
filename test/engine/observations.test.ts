import { afterEach, describe, expect, it } from "vitest";
import { HealthMonitor } from "../../src/engine/monitor.ts";
import { ServiceUnavailable } from "../../src/health/errors.ts";
import { HealthCheck } from "../../src/health/health-check.ts";
import type { Incident } from "../../src/health/history/history.ts";
import type { Observation } from "../../src/health/history/observation.ts";
import { makeReport, type Transition } from "../../src/health/report.ts";

let monitor: HealthMonitor | undefined;

afterEach(() => monitor?.close());

class Switch extends HealthCheck {
  works = true;

  run(): void {
    if (!this.works) throw new ServiceUnavailable("is switched off");
  }
}

function observing(...checks: readonly HealthCheck[]): { monitor: HealthMonitor; observations: Observation[] } {
  const observations: Observation[] = [];
  const logger = { info: () => {}, warn: () => {}, error: () => {} };
  monitor = new HealthMonitor(checks, { observed: (observation) => observations.push(observation), logger });
  return { monitor, observations };
}

describe("what a monitor tells of each run", () => {
  it("holds the state from then on, what is counted of the run, and the change of state", async () => {
    const one = new Switch({ name: "one", group: ["payments", "cards"], tags: ["critical"], interval: "10s" });
    const { monitor, observations } = observing(one);
    await monitor.report();
    one.works = false;
    await monitor.renew("one");
    await monitor.renew("one");
    const [first, second, third] = observations;
    expect(first).toMatchObject({
      check: { name: "one", type: "switch", group: ["payments", "cards"], tags: ["critical"] },
      state: "healthy",
      run: { failed: false, traceId: undefined },
      transition: { from: "unknown", to: "healthy" },
    });
    expect(first?.run?.durationSeconds).toBeGreaterThanOrEqual(0);
    expect(second).toMatchObject({ state: "unhealthy", run: { failed: true }, transition: { to: "unhealthy" } });
    expect(third).toMatchObject({ state: "unhealthy", run: { failed: true } });
    expect(third?.transition).toBeUndefined();
  });

  it("says until when the state is trusted: one and a half intervals, and without a schedule nothing", async () => {
    const { monitor, observations } = observing(
      new Switch({ name: "scheduled", interval: "10s" }),
      new Switch({ name: "asked" }),
    );
    await monitor.report();
    const of = (name: string) => observations.find(({ check }) => check.name === name);
    const { at = Number.NaN, trustedUntil = Number.NaN } = of("scheduled") ?? {};
    expect(trustedUntil - at).toBeGreaterThan(14_000);
    expect(trustedUntil - at).toBeLessThanOrEqual(15_000);
    expect(of("asked")).toHaveProperty("trustedUntil", undefined);
  });

  it("holds no run when the check was skipped", async () => {
    const database = new Switch({ name: "database" });
    database.works = false;
    const { monitor, observations } = observing(database, new Switch({ name: "shop", dependsOn: ["database"] }));
    await monitor.report();
    const shop = observations.find(({ check }) => check.name === "shop");
    expect(shop).toMatchObject({ state: "skipped", run: undefined });
    expect(shop?.transition).toMatchObject({ to: "skipped" } satisfies Partial<Transition>);
  });
});

describe("a report", () => {
  const incident: Incident = {
    id: "1",
    check: "one",
    startedAt: 0,
    endedAt: undefined,
    state: "unhealthy",
    failure: { kind: "Unavailable", message: "hunter2 is down", reason: "unavailable" },
    traceId: "0af7651916cd43dd8448eb211c80319c",
  };
  const past = { uptime: () => ({ availableSeconds: 9, knownSeconds: 10 }), incident: () => incident };

  it("says which maintenance a check is in", async () => {
    const upgrade = { id: "upgrade", title: "Database upgrade", startsAt: 0, endsAt: undefined };
    const calendar = {
      at: ({ name }: { readonly name: string }) => (name === "one" ? upgrade : undefined),
      within: () => 0,
      active: () => [upgrade],
      nextEdge: () => Number.POSITIVE_INFINITY,
    };
    monitor = new HealthMonitor([new Switch({ name: "one" }), new Switch({ name: "two" })], { maintenance: calendar });
    const { checks } = await monitor.report();
    expect(checks.map(({ maintenance }) => maintenance)).toEqual([upgrade, undefined]);
  });

  it("tells readers of the bare status how long, but not what was wrong", () => {
    const endpoint = { path: "/health/", checks: [], degraded: "fail", failureStatus: 500, details: "status" } as const;
    const shown = makeReport("shop", endpoint, [], 0, undefined, past).past;
    expect(shown?.uptime("one", "24h")).toEqual({ availableSeconds: 9, knownSeconds: 10 });
    expect(shown?.incident("one")).toMatchObject({ id: "1", traceId: undefined, failure: { message: "" } });
    expect(JSON.stringify(shown?.incident("one"))).not.toContain("hunter2");
  });
});
