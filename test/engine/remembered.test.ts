import { describe, expect, it } from "vitest";
import { HealthMonitor } from "../../src/engine/monitor.ts";
import type { RememberedCheck } from "../../src/engine/remembered-check.ts";
import { NotKnownYet, ServiceUnavailable } from "../../src/health/errors.ts";
import type { State } from "../../src/health/state.ts";
import { fakeCheck } from "../support/checks.ts";
import { rememberingLogger } from "../support/logs.ts";

const failure = { kind: "Unavailable", message: "gone", reason: "unavailable" } as const;
const down = () => Promise.reject(new ServiceUnavailable("gone again"));

/** A check before which a restart has been, as `FakeCheck` had it. */
function formerly(state: State, type: string | undefined = "fake-check"): RememberedCheck {
  return {
    name: "database",
    ...(type !== undefined && { type }),
    state,
    since: 1000,
    lastSuccessAt: 500,
    transitions: [{ at: 1000, from: "unknown", to: state, failure: state === "healthy" ? undefined : failure }],
  };
}

function restarted(remembered: RememberedCheck, options: object = {}) {
  const check = fakeCheck({ name: "database", ...options });
  const monitor = new HealthMonitor([check], { logger: rememberingLogger(), remembered: [remembered] });
  return async (action: typeof check.action) => {
    check.action = action;
    return (await monitor.report()).checks[0];
  };
}

describe("a state before a restart", () => {
  it("goes on failing with the first run that fails, whatever the threshold", async () => {
    const run = restarted(formerly("unhealthy"), { failureThreshold: 3 });
    expect(await run(down)).toMatchObject({
      state: "unhealthy",
      since: 1000,
      failure: { message: "gone again" },
      transitions: [{ at: 1000 }],
    });
  });

  it("goes on failing until enough runs pass, with what was wrong", async () => {
    const run = restarted(formerly("unhealthy"), { successThreshold: 2 });
    expect(await run(() => {})).toMatchObject({ state: "unhealthy", since: 1000, failure });
    expect(await run(() => {})).toMatchObject({ state: "healthy", failure: undefined });
  });

  it("ends when the check says that an incident began meanwhile", async () => {
    const run = restarted(formerly("healthy"));
    const outage = new ServiceUnavailable("outage", { beganAt: 5000 });
    expect(await run(() => Promise.reject(outage))).toMatchObject({
      since: 5000,
      transitions: [{ at: 5000, from: "healthy", to: "unhealthy" }, { at: 1000 }],
    });
  });

  it("is no proof that a check is healthy", async () => {
    const run = restarted(formerly("healthy"), { failureThreshold: 3 });
    expect(await run(down)).toMatchObject({ state: "unknown" });
  });

  it("is that of another check when the type is another", async () => {
    const run = restarted(formerly("unhealthy", "postgres"));
    expect(await run(() => {})).toMatchObject({ transitions: [{ from: "unknown", to: "healthy" }] });
  });

  it("is that of the check when nobody has stored its type", async () => {
    const run = restarted(formerly("unhealthy", undefined));
    expect(await run(() => {})).toMatchObject({ transitions: [{ from: "unhealthy", to: "healthy" }, { at: 1000 }] });
  });

  it("is still remembered while the check cannot tell", async () => {
    const check = fakeCheck({ name: "database" }, () => Promise.reject(new NotKnownYet("wait a moment")));
    const monitor = new HealthMonitor([check], { logger: rememberingLogger(), remembered: [formerly("healthy")] });
    const [report] = (await monitor.report()).checks;
    expect(report).toMatchObject({
      state: "unknown",
      failure: { kind: "Unknown", message: "wait a moment", reason: "unknown" },
      consecutiveFailures: 0,
      lastRun: { startedAt: expect.any(Number) },
      transitions: [{ to: "healthy" }],
    });
    expect([...(report?.durations.values() ?? [])].map(({ count }) => count)).toEqual([0]);
    expect(monitor.remember()).toMatchObject([{ state: "healthy", since: 1000 }]);
  });
});
