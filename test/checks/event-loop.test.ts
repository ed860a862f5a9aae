import type { monitorEventLoopDelay } from "node:perf_hooks";
import { describe, expect, it, vi } from "vitest";
import { EventLoop } from "../../src/checks/event-loop.ts";
import { describeCheck } from "../support/describe-check.ts";
import { runCheck } from "../support/run-check.ts";

const started: ReturnType<typeof monitorEventLoopDelay>[] = [];
vi.mock("node:perf_hooks", async (original) => {
  const hooks = await original<typeof import("node:perf_hooks")>();
  const monitorEventLoopDelay: typeof hooks.monitorEventLoopDelay = (options) => {
    const delays = hooks.monitorEventLoopDelay(options);
    started.push(delays);
    return delays;
  };
  return { ...hooks, monitorEventLoopDelay };
});

function block(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

describe("EventLoop", () => {
  describeCheck(EventLoop, { options: {} });

  it("is healthy while nothing blocks", async () => {
    // Generous, because other tests may keep the machine busy.
    expect((await runCheck(new EventLoop({ maxDelay: "2s", percentile: 50 }))).state).toBe("healthy");
  });

  it("warns of a delay, without the time between two looks", async () => {
    const check = new EventLoop({ maxDelay: "100ms", percentile: 100 });
    const run = runCheck(check);
    // Once the measuring goes on.
    setTimeout(block, 50, 150);
    const { state, failure, measures } = await run;
    expect(state).toBe("degraded");
    expect(failure?.message).toMatch(/^the event loop is late by \d+\.\d ms \(percentile 100\)$/);
    const delay = Number(/[\d.]+/.exec(failure?.message ?? "")?.[0]);
    expect(delay).toBeGreaterThan(125);
    expect(measures).toEqual([{ name: "delay", unit: "s", value: expect.closeTo(delay / 1000, 3) }]);
  });

  it("forgets a delay after a full second", async () => {
    const check = new EventLoop({ maxDelay: "500ms", percentile: 100 });
    const first = runCheck(check, { keepOpen: true });
    setTimeout(block, 50, 1000);
    expect((await first).state).toBe("degraded");
    expect((await runCheck(check)).state).toBe("healthy");
  });

  it("does not warn of the first moments on a schedule: a quarter of a second says too little", async () => {
    const check = new EventLoop({ maxDelay: "100ms", percentile: 100, interval: "15s" });
    const first = runCheck(check, { keepOpen: true });
    setTimeout(block, 50, 300);
    const { state, measures } = await first;
    expect(state).toBe("healthy");
    expect(measures?.[0]?.value).toBeGreaterThan(0.25);
    block(1000); // Until there are delays of a full second.
    await new Promise(setImmediate);
    expect((await runCheck(check)).state).toBe("degraded");
  });

  it("does not warn of the start period", async () => {
    const check = new EventLoop({ maxDelay: "100ms", percentile: 100, startPeriod: "1m" });
    const first = runCheck(check, { keepOpen: true });
    setTimeout(block, 50, 1000);
    const { state, measures } = await first;
    expect(state).toBe("healthy");
    expect(measures?.[0]?.value).toBeGreaterThan(0.9);
    await runCheck(check);
  });

  it("does not warn of delays in the start period when it has ended", async () => {
    const check = new EventLoop({ maxDelay: "500ms", percentile: 100, startPeriod: "1s" });
    const first = runCheck(check, { keepOpen: true });
    setTimeout(block, 50, 1200);
    expect((await first).state).toBe("healthy"); // It began in the start period.
    const second = runCheck(check);
    setTimeout(block, 50, 700);
    expect((await second).state).toBe("degraded");
  });

  it("does not take the time between two measurements for a delay", async () => {
    expect((await runCheck(new EventLoop({ maxDelay: "5ms", percentile: 1 }))).state).toBe("healthy");
  });

  it("stops measuring when closed, and may start again", async () => {
    started.length = 0;
    const check = new EventLoop({ maxDelay: "10s" });
    await runCheck(check);
    expect((await runCheck(check)).state).toBe("healthy");
    expect(started.map((delays) => delays.disable())).toEqual([false, false]); // They were, already.
  });
});
