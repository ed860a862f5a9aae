import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { within } from "../../../src/health/time/within.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const never = new Promise<never>(() => {});
const late = (): never => {
  throw new Error("too late");
};

describe("within", () => {
  it("gives what comes in time, and leaves no timer", async () => {
    expect(await within(1000, Promise.resolve("found"), late)).toBe("found");
    expect(await within(1000, "at once", late)).toBe("at once");
    expect(vi.getTimerCount()).toBe(0);
  });

  it("rejects as what it waits for does", async () => {
    await expect(within(1000, Promise.reject(new Error("broken")), late)).rejects.toThrow("broken");
    expect(vi.getTimerCount()).toBe(0);
  });

  it("gives what `late` returns once the time is up, and not before", async () => {
    let given: unknown = "nothing yet";
    const waiting = within(1000, never, () => "late").then((value) => {
      given = value;
    });
    await vi.advanceTimersByTimeAsync(999);
    expect(given).toBe("nothing yet");
    await vi.advanceTimersByTimeAsync(1);
    await waiting;
    expect(given).toBe("late");
  });

  it("throws what `late` throws, and then ignores how it ends", async () => {
    const { promise, reject } = Promise.withResolvers<void>();
    const waiting = expect(within(1000, promise, late)).rejects.toThrow("too late");
    await vi.advanceTimersByTimeAsync(1000);
    await waiting;
    reject(new Error("nobody cares any more")); // Would fail the test as an unhandled rejection.
    await vi.advanceTimersByTimeAsync(0);
  });

  it("takes a negative time for none", async () => {
    const waiting = within(-5, never, () => "late");
    await vi.advanceTimersByTimeAsync(0);
    expect(await waiting).toBe("late");
  });

  it("waits for anything that can be awaited, and survives what throws when asked for `then`", async () => {
    // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
    const thenable = { then: (resolve: (value: string) => void) => resolve("found") };
    expect(await within(1000, thenable as unknown as PromiseLike<string>, late)).toBe("found"); // Less than its type says.
    const broken = {
      // biome-ignore lint/suspicious/noThenProperty: as above
      get then(): never {
        throw new Error("no promise");
      },
    };
    await expect(within(1000, broken, late)).rejects.toThrow("no promise");
  });
});
