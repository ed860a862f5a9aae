import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DependencyError, validateDependencies, withDependencies } from "../../src/engine/dependencies.ts";
import { HealthMonitor } from "../../src/engine/monitor.ts";
import { ServiceUnavailable, ServiceWarning } from "../../src/health/errors.ts";
import { fakeCheck } from "../support/checks.ts";
import { rememberingLogger } from "../support/logs.ts";
import { recordTelemetry } from "../support/telemetry.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const down = () => Promise.reject(new ServiceUnavailable("gone"));

function monitorOf(...checks: ReturnType<typeof fakeCheck>[]): HealthMonitor {
  return new HealthMonitor(checks, { logger: rememberingLogger() });
}

describe("a check that depends on others", () => {
  it("runs after them in one request, which runs each once", async () => {
    const order: string[] = [];
    const note = (name: string) => () => void order.push(name);
    const monitor = monitorOf(
      fakeCheck({ name: "shop", dependsOn: ["orders", "database"] }, note("shop")),
      fakeCheck({ name: "orders", dependsOn: ["database"] }, note("orders")),
      fakeCheck({ name: "database" }, note("database")),
    );
    expect((await monitor.report()).passes).toBe(true);
    expect(order.filter((name) => name === "database").length).toBe(1);
    expect(order).toEqual(["database", "orders", "shop"]);
  });

  it("is skipped, not run, while one is unhealthy, and so is what depends on it", async () => {
    const orders = fakeCheck({ name: "orders", dependsOn: ["database"] });
    const shop = fakeCheck({ name: "shop", dependsOn: ["orders"] });
    const monitor = monitorOf(fakeCheck({ name: "database" }, down), orders, shop);
    const { checks, passes } = await monitor.report();
    expect(passes).toBe(false);
    expect(checks).toMatchObject([
      { state: "unhealthy" },
      {
        state: "skipped",
        failure: { kind: "Skipped", message: '"database" is unhealthy', reason: "dependency", dependency: "database" },
        lastRun: undefined,
        consecutiveFailures: 0,
      },
      { state: "skipped", failure: { message: '"orders" is skipped' } },
    ]);
    expect([orders.runs, shop.runs]).toEqual([0, 0]);
    expect(checks[1]?.durations.get("dependency")).toBeUndefined();
  });

  it("links to the run that failed, and its span is no error", async () => {
    const monitor = monitorOf(
      fakeCheck({ name: "database" }, down),
      fakeCheck({ name: "orders", dependsOn: ["database"] }),
    );
    const { spans } = await recordTelemetry(async () => void (await monitor.report()));
    const [failing, skipped] = spans;
    expect(skipped).toMatchObject({
      name: "check orders",
      attributes: { "health.check.state": "skipped" },
      status: { code: 0 },
      links: [{ context: { spanId: failing?.spanId, traceId: failing?.traceId } }],
    });
  });

  it("links to that run also when it is skipped because of one that is skipped", async () => {
    const monitor = monitorOf(
      fakeCheck({ name: "database" }, down),
      fakeCheck({ name: "orders", dependsOn: ["database"] }),
      fakeCheck({ name: "shop", dependsOn: ["orders"] }),
    );
    const { spans } = await recordTelemetry(async () => void (await monitor.report()));
    const [failing, ...skipped] = spans;
    expect(skipped.map(({ links }) => links.map(({ context }) => context.spanId))).toEqual([
      [failing?.spanId],
      [failing?.spanId],
    ]);
  });

  it("links to the last run that failed while one that passed does not count yet", async () => {
    const database = fakeCheck({ name: "database", successThreshold: 2 }, down);
    const monitor = monitorOf(database, fakeCheck({ name: "orders", dependsOn: ["database"] }));
    const { spans } = await recordTelemetry(async () => {
      await monitor.report();
      database.action = () => {};
      await monitor.report();
    });
    const runs = spans.filter(({ name }) => name === "check database");
    const skipped = spans.filter(({ name }) => name === "check orders");
    expect(skipped[1]?.links[0]?.context.spanId).toBe(runs[0]?.spanId);
  });

  it("runs when it is only degraded", async () => {
    const orders = fakeCheck({ name: "orders", dependsOn: ["database"] });
    const monitor = monitorOf(
      fakeCheck({ name: "database" }, () => Promise.reject(new ServiceWarning("slow"))),
      orders,
    );
    await monitor.report();
    expect(orders.runs).toBe(1);
  });

  it("recovers by itself, without waiting for its next turn", async () => {
    const database = fakeCheck({ name: "database", interval: "1s" }, down);
    const orders = fakeCheck({ name: "orders", interval: "1h", dependsOn: ["database"] });
    const monitor = monitorOf(database, orders);
    monitor.start();
    await vi.advanceTimersByTimeAsync(500);
    expect(monitor.reports().map(({ state }) => state)).toEqual(["unhealthy", "skipped"]);
    database.action = () => {};
    await vi.advanceTimersByTimeAsync(1500);
    expect(monitor.reports().map(({ state }) => state)).toEqual(["healthy", "healthy"]);
    await monitor.close();
  });

  it("is skipped also while a run of its own hangs", async () => {
    const database = fakeCheck({ name: "database", interval: "1s" });
    const orders = fakeCheck({ name: "orders", interval: "1s", timeout: "500ms", dependsOn: ["database"] });
    const monitor = monitorOf(database, orders);
    monitor.start();
    await vi.advanceTimersByTimeAsync(500);
    let comeBack = (): void => {};
    orders.action = () => {
      database.action = down;
      return new Promise((resolve) => {
        comeBack = resolve;
      });
    };
    await vi.advanceTimersByTimeAsync(4000);
    expect(monitor.reports()).toMatchObject([
      { state: "unhealthy" },
      { state: "skipped", failure: { message: '"database" is unhealthy' } },
    ]);
    database.action = () => {};
    orders.action = () => {};
    comeBack();
    await vi.advanceTimersByTimeAsync(2000);
    expect(monitor.reports()).toMatchObject([{ state: "healthy" }, { state: "healthy" }]);
    await monitor.close();
  });
});

describe("a dependency that is replaced", () => {
  it("lets what was skipped because of it run as soon as it is well", async () => {
    const orders = fakeCheck({ name: "orders", interval: "1h", dependsOn: ["database"] });
    const monitor = monitorOf(fakeCheck({ name: "database", interval: "1s" }, down), orders);
    monitor.start();
    await vi.advanceTimersByTimeAsync(500);
    expect(monitor.reports()[1]?.state).toBe("skipped");
    await monitor.replace([fakeCheck({ name: "database", interval: "2s" }), orders], monitor.endpoints);
    await vi.advanceTimersByTimeAsync(500);
    expect(monitor.reports().map(({ state }) => state)).toEqual(["healthy", "healthy"]);
    await monitor.close();
  });

  it("runs before what waits for the one that it replaces", async () => {
    const orders = fakeCheck({ name: "orders", dependsOn: ["database"] });
    const monitor = monitorOf(
      fakeCheck({ name: "database" }, () => new Promise(() => {})),
      orders,
    );
    const asking = monitor.report();
    await vi.advanceTimersByTimeAsync(10);
    await monitor.replace([fakeCheck({ name: "database", timeout: "7s" }, down), orders], monitor.endpoints);
    expect((await asking).checks.map(({ state }) => state)).toEqual(["unhealthy", "skipped"]);
    expect(orders.runs).toBe(0);
  });
});

describe("dependencies that cannot be", () => {
  it("are refused with the path that forms a circle", () => {
    const make = () =>
      monitorOf(
        fakeCheck({ name: "a", dependsOn: ["b"] }),
        fakeCheck({ name: "b", dependsOn: ["c"] }),
        fakeCheck({ name: "c", dependsOn: ["b"] }),
      );
    expect(make).toThrow(DependencyError);
    expect(make).toThrow(expect.objectContaining({ name: "DependencyError", check: "b" }));
    expect(make).toThrow('the check "b" depends on itself: b → c → b');
    expect(() => monitorOf(fakeCheck({ name: "a", dependsOn: ["a"] }))).toThrow("a → a");
  });

  it("are refused when they name no check", () => {
    expect(() => monitorOf(fakeCheck({ name: "a", dependsOn: ["x"] }))).toThrow(
      'the check "a" depends on "x", and there is no check of that name',
    );
  });
});

describe("dependencies of very many on very many", () => {
  it("are looked at once each, not once for each way to them", () => {
    const layers = Array.from({ length: 10 }, (_, layer) => [`${layer} a`, `${layer} b`]);
    let looks = 0;
    const checks = layers.flatMap((names, layer) => {
      const dependsOn = layers[layer + 1] ?? [];
      const get = () => {
        looks += 1;
        return dependsOn;
      };
      return names.map((name) => Object.defineProperty(fakeCheck({ name }), "dependsOn", { get }));
    });
    validateDependencies(checks);
    expect(looks).toBe(20);
  });
});

describe("withDependencies", () => {
  it("adds all that the named checks need, in the order of the checks", () => {
    const checks = [
      fakeCheck({ name: "shop", dependsOn: ["orders"] }),
      fakeCheck({ name: "other" }),
      fakeCheck({ name: "orders", dependsOn: ["database"] }),
      fakeCheck({ name: "database" }),
    ];
    expect(withDependencies(checks, ["shop"]).map(({ name }) => name)).toEqual(["shop", "orders", "database"]);
    expect(withDependencies(checks, ["nobody", "other"]).map(({ name }) => name)).toEqual(["other"]);
  });
});
