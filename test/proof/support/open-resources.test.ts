import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { fewestOpenResources, leftOpen, openResources } from "../../../proof/support/open-resources.ts";

describe("what is left open", () => {
  it("holds a timer that does not keep the process alive", async () => {
    const before = await fewestOpenResources(20);
    const timer = setTimeout(() => {}, 60_000).unref();
    expect(await leftOpen(before, 50)).toEqual({ timers: 1 });
    clearTimeout(timer);
    expect(await leftOpen(before, 1000)).toEqual({});
  });

  it("holds the timer of a signal until it has fired", async () => {
    const before = await fewestOpenResources(20);
    const signal = AbortSignal.timeout(300);
    expect(await leftOpen(before, 50)).toEqual({ timers: 1 });
    await wait(300);
    expect(signal.aborted).toBe(true);
    expect(await leftOpen(before, 1000)).toEqual({});
  });

  it("does not hold the timer of whoever looks", async () => {
    const before = openResources();
    await wait(5);
    expect(await leftOpen(before, 1000)).toEqual({});
  });
});
