import { describe, expect, it } from "vitest";
import { CheckStateStore } from "../../src/engine/check-state-store.ts";
import { HealthMonitor } from "../../src/engine/monitor.ts";
import { HealthCheck } from "../../src/health/health-check.ts";
import type { JsonValue } from "../../src/health/json-value.ts";
import { fakeCheck } from "../support/checks.ts";
import { rememberingLogger } from "../support/logs.ts";

/** Remembers what it is told to. */
class Mindful extends HealthCheck {
  memory: () => JsonValue | undefined = () => undefined;
  recalled: unknown = "nothing";

  override run(): void {}

  override remember(): JsonValue | undefined {
    return this.memory();
  }

  override recall(memory: unknown): void {
    if (memory === "nonsense") throw new TypeError("that is nonsense");
    this.recalled = memory;
  }
}

class Other extends Mindful {}

function mindful(memory: Mindful["memory"], options: ConstructorParameters<typeof Mindful>[0] = {}): Mindful {
  return Object.assign(new Mindful({ name: "job", ...options }), { memory });
}

const endpoints = [{ path: "/health/", checks: ["job"], degraded: "fail", failureStatus: 500 }] as const;

describe("what a check remembers", () => {
  it("is told to the check of the same name and type after a restart, before its first run", async () => {
    const monitor = new HealthMonitor([mindful(() => ({ left: [1, 2], gone: undefined }))]);
    const remembered = monitor.remember();
    expect(remembered).toMatchObject([{ name: "job", type: "mindful", memory: { left: [1, 2] } }]);
    const next = mindful(() => undefined);
    expect(new HealthMonitor([next], { remembered }).reports()[0]?.lastRun).toBeUndefined();
    expect(next.recalled).toEqual({ left: [1, 2] });
    const other = new Other({ name: "job" });
    new HealthMonitor([other], { remembered });
    expect(other.recalled).toBe("nothing");
  });

  it("is told to the check with other options that replaces it, and to none of another class", async () => {
    const monitor = new HealthMonitor([mindful(() => 7)]);
    const next = mindful(() => 8, { timeout: "1s" });
    await monitor.replace([next], endpoints);
    expect(next.recalled).toBe(7);
    const same = mindful(() => 9, { timeout: "1s" });
    await monitor.replace([same], endpoints);
    expect(same.recalled).toBe("nothing");
    const other = new Other({ name: "job" });
    await monitor.replace([other], endpoints);
    expect(other.recalled).toBe("nothing");
  });

  it("is a change when it is other than after the run before", async () => {
    let changes = 0;
    let memory: JsonValue = 1;
    const check = mindful(() => memory);
    const changed = (): void => {
      changes += 1;
    };
    const monitor = new HealthMonitor([check, fakeCheck({ name: "other" })], { changed, logger: rememberingLogger() });
    await monitor.report();
    const first = changes;
    await monitor.report();
    expect(changes).toBe(first);
    memory = 2;
    await monitor.renew("job");
    expect(changes).toBe(first + 1);
    await monitor.renew("other");
    expect(changes).toBe(first + 1);
  });

  it.each([
    ["a promise", () => Promise.resolve(1), "remember() must return the value itself, not a promise"],
    ["no JSON", () => Symbol("x"), "remember() must return a JSON value"],
    ["too much", () => "x".repeat(9999), "it has 10001 characters; the limit is 10000"],
  ])("is refused with the reason when it is %s, once", (_, memory, error) => {
    const logger = rememberingLogger();
    const memories = new CheckStateStore(logger);
    const check = mindful(memory as () => JsonValue);
    for (let run = 0; run < 2; run += 1) expect(memories.of(check)).toBeUndefined();
    const message = 'the check "job" cannot provide what it wants to remember';
    expect(logger.lines).toEqual([{ level: "warn", details: { check: "job", error }, message }]);
  });

  it("is of no concern to a check that recalls nothing", () => {
    const logger = rememberingLogger();
    const check = fakeCheck({ name: "job" });
    new CheckStateStore(logger).recall(check, 7);
    expect(logger.lines).toEqual([]);
  });

  it("keeps no check from running when it is of no use", async () => {
    const logger = rememberingLogger();
    const memories = new CheckStateStore(logger);
    const check = mindful(() => {
      throw new Error("it slipped my mind");
    });
    expect(memories.of(check)).toBeUndefined();
    expect(memories.haveChanged(check)).toBe(false);
    memories.recall(check, "nonsense");
    expect(check.recalled).toBe("nothing");
    expect(logger.lines).toMatchObject([
      { level: "warn", details: { check: "job", error: "it slipped my mind" } },
      {
        level: "warn",
        message: 'the check "job" cannot use what it remembered and starts afresh',
        details: { error: "that is nonsense" },
      },
    ]);
    expect(memories.of(mindful(() => "x".repeat(9998)))).toHaveLength(9998);
    expect(memories.of(mindful(() => "x".repeat(9999)))).toBeUndefined();
  });
});
