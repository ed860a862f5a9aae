import { describe, expect, it } from "vitest";
import { ConcurrencyLimit } from "../../src/engine/concurrency-limit.ts";
import { HealthMonitor } from "../../src/engine/monitor.ts";
import { fakeCheck } from "../support/checks.ts";
import { rememberingLogger } from "../support/logs.ts";

describe("the concurrencyLimit", () => {
  it("lets in as many as it may, and the others in the order in which they came", () => {
    const concurrencyLimit = new ConcurrencyLimit(2);
    const seen: number[] = [];
    for (const one of [1, 2, 3, 4]) concurrencyLimit.enter(() => seen.push(one));
    expect(seen).toEqual([1, 2]);
    concurrencyLimit.leave();
    concurrencyLimit.leave();
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  it("lets nobody overtake those who wait, also while one of them is let in", () => {
    const concurrencyLimit = new ConcurrencyLimit(1);
    const seen: string[] = [];
    concurrencyLimit.enter(() => seen.push("first"));
    concurrencyLimit.enter(() => {
      seen.push("second");
      concurrencyLimit.leave();
      concurrencyLimit.enter(() => seen.push("newcomer"));
    });
    concurrencyLimit.enter(() => seen.push("third"));
    concurrencyLimit.leave();
    concurrencyLimit.leave();
    expect(seen).toEqual(["first", "second", "third", "newcomer"]);
  });

  it("loses none of thousands that leave as soon as they are in", () => {
    const concurrencyLimit = new ConcurrencyLimit(1);
    let admitted = 0;
    concurrencyLimit.enter(() => {});
    for (let come = 0; come < 50_000; come += 1) {
      concurrencyLimit.enter(() => {
        admitted += 1;
        concurrencyLimit.leave();
      });
    }
    concurrencyLimit.leave();
    expect(admitted).toBe(50_000);
  });

  it("lets in who comes while another is let in", () => {
    const concurrencyLimit = new ConcurrencyLimit(2);
    const seen: string[] = [];
    concurrencyLimit.enter(() => {
      concurrencyLimit.enter(() => seen.push("inner"));
      seen.push("outer");
    });
    expect(seen.toSorted()).toEqual(["inner", "outer"]);
  });
});

describe("a monitor's places", () => {
  it("are given back by a check that is removed while it waits for one", async () => {
    const running = Promise.withResolvers<void>();
    const first = fakeCheck({ name: "first" }, () => running.promise);
    const waiting = fakeCheck({ name: "waiting" });
    const last = fakeCheck({ name: "last" });
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
    const slow = Array.from({ length: 10 }, (_, index) =>
      fakeCheck({ name: `slow ${index}` }, () => Promise.resolve()),
    );
    const quick = Array.from({ length: 5000 }, (_, index) => fakeCheck({ name: `quick ${index}` }));
    const monitor = new HealthMonitor([...slow, ...quick], { concurrency: 10, logger: rememberingLogger() });
    const { checks } = await monitor.report();
    expect(checks.filter(({ state }) => state === "healthy")).toHaveLength(5010);
    await monitor.close();
  });
});
