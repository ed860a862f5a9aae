import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { healthCheck } from "../../src/health/health-check.ts";
import { runCheck } from "../support/run-check.ts";

const measures = {
  depth: { unit: "{jobs}", description: "The jobs that wait." },
  offset: { unit: "s", description: "How far the clock is off." },
} as const;

/** Measures what each test tells it to. */
class Asking extends healthCheck({ measures }) {
  action: (check: Asking, signal: AbortSignal) => Promise<void> | void = () => {};

  override run(signal: AbortSignal): Promise<void> | void {
    return this.action(this, signal);
  }
}

async function measuredBy(action: Asking["action"], check = new Asking()) {
  check.action = action;
  return runCheck(check);
}

describe("what a check measures", () => {
  it("is part of the result, in the order of the declaration and with its unit", async () => {
    const result = await measuredBy((check) => {
      check.measure("offset", -0.25);
      check.measure("depth", 12);
      check.measure("depth", 13);
    });
    expect(result.measures).toEqual([
      { name: "depth", unit: "{jobs}", value: 13 },
      { name: "offset", unit: "s", value: -0.25 },
    ]);
  });

  it("is that of its own run alone", async () => {
    const check = new Asking();
    await measuredBy(() => check.measure("depth", 1), check);
    expect((await measuredBy(() => check.measure("offset", 2), check)).measures).toMatchObject([{ name: "offset" }]);
    expect((await measuredBy(() => {}, check)).measures).toEqual([]);
  });

  it("counts when the run fails after it", async () => {
    const { state, measures: found } = await measuredBy((check) => {
      check.measure("depth", 1);
      throw new Error("no");
    });
    expect({ state, found }).toMatchObject({ state: "unhealthy", found: [{ name: "depth", value: 1 }] });
  });

  it("counts when it was there before the time-out, and not when it came after it", async () => {
    vi.useFakeTimers(); // A real clock would have a busy machine to blame.
    const late = Promise.withResolvers<void>();
    const measuring = measuredBy(
      async (check, signal) => {
        check.measure("depth", 1);
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        check.measure("depth", 2);
        late.resolve();
      },
      new Asking({ timeout: "20ms" }),
    );
    await vi.advanceTimersByTimeAsync(20);
    await late.promise;
    vi.useRealTimers();
    expect(await measuring).toMatchObject({ failure: { reason: "timeout" }, measures: [{ name: "depth", value: 1 }] });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])("is nothing when it is %d", async (value) => {
    expect((await measuredBy((check) => check.measure("depth", value))).measures).toEqual([]);
  });

  it("is nothing before the first run", async () => {
    const check = new Asking();
    expect(() => check.measure("depth", 1)).not.toThrow();
    expect((await measuredBy(() => {}, check)).measures).toEqual([]);
  });

  it("must have been declared", () => {
    // @ts-expect-error: TypeScript refuses it, too
    expect(() => new Asking().measure("length", 1)).toThrow(
      new TypeError('the asking check declares no measure "length"'),
    );
    // @ts-expect-error: nor is it a measure because every object has it
    expect(() => new Asking().measure("toString", 1)).toThrow(TypeError);
  });

  it("is passed on by a class that extends the one that declares it", async () => {
    class Further extends Asking {}
    expect((await measuredBy((check) => check.measure("depth", 3), new Further())).measures).toMatchObject([
      { value: 3 },
    ]);
  });
});

describe("the declaration of measures", () => {
  it.each(["Depth", "queue_depth", "responseTime", "a:b", ""])("refuses the name %j", (name) => {
    const declare = (): unknown => healthCheck({ measures: { [name]: { unit: "s", description: "A number." } } });
    expect(declare).toThrow(new TypeError(`a measure cannot be called ${JSON.stringify(name)}`));
  });

  it.each(["unit", "measure"] as const)("refuses a label %s beside it, which measured values have", (label) => {
    const labels = { [label]: z.string() } as { unit: z.ZodString };
    // @ts-expect-error: TypeScript refuses it, too
    expect(() => healthCheck({ labels, measures })).toThrow(`a check with measures cannot have a label "${label}"`);
    expect(() => healthCheck({ labels })).not.toThrow();
  });
});
