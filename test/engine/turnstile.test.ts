import { describe, expect, it } from "vitest";
import { HealthMonitor } from "../../src/engine/monitor.ts";
import { Turnstile } from "../../src/engine/turnstile.ts";
import { told } from "../support/checks.ts";
import { rememberingLogger } from "../support/logs.ts";

describe("the turnstile", () => {
  it("lets in as many as it may, and the others in the order in which they came", () => {
    const turnstile = new Turnstile(2);
    const seen: number[] = [];
    for (const one of [1, 2, 3, 4]) turnstile.enter(() => seen.push(one));
    expect(seen).toEqual([1, 2]);
    turnstile.leave();
    turnstile.leave();
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  it("loses none of thousands that leave as soon as they are in", () => {
    const turnstile = new Turnstile(1);
    let admitted = 0;
    turnstile.enter(() => {});
    for (let come = 0; come < 50_000; come += 1) {
      turnstile.enter(() => {
        admitted += 1;
        turnstile.leave();
      });
    }
    turnstile.leave();
    expect(admitted).toBe(50_000);
  });

  it("lets in who comes while another is let in", () => {
    const turnstile = new Turnstile(2);
    const seen: string[] = [];
    turnstile.enter(() => {
      turnstile.enter(() => seen.push("inner"));
      seen.push("outer");
    });
    expect(seen.toSorted()).toEqual(["inner", "outer"]);
  });
});

describe("a monitor's places", () => {
  it("are given back by a check that is removed while it waits for one", async () => {
    const running = Promise.withResolvers<void>();
    const first = told({ name: "first" }, () => running.promise);
    const waiting = told({ name: "waiting" });
    const last = told({ name: "last" });
    const monitor = new HealthMonitor([first, waiting, last], { concurrency: 1, logger: rememberingLogger() });
    const refreshed = monitor.refresh(["first", "waiting"]);
    await monitor.replace([first, last], []);
    running.resolve();
    await refreshed;
    await monitor.refresh(["last"]);
    expect([first.runs, waiting.runs, last.runs]).toEqual([1, 0, 1]);
    await monitor.close();
  });

  it("are enough for a thousand checks that return at once, behind slow ones", async () => {
    const slow = Array.from({ length: 10 }, (_, index) => told({ name: `slow ${index}` }, () => Promise.resolve()));
    const quick = Array.from({ length: 5000 }, (_, index) => told({ name: `quick ${index}` }));
    const monitor = new HealthMonitor([...slow, ...quick], { concurrency: 10, logger: rememberingLogger() });
    const { checks } = await monitor.report();
    expect(checks.filter(({ state }) => state === "healthy")).toHaveLength(5010);
    await monitor.close();
  });
});
