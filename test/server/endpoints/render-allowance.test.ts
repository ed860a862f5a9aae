import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RenderAllowance } from "../../../src/server/endpoints/render-allowance.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("RenderAllowance", () => {
  it("lets a second be spent at once, and a tenth of the time after that", () => {
    const allowance = new RenderAllowance();
    let spent = 0;
    const spendWhatIsLeft = (): void => {
      while (allowance.isLeft) {
        allowance.spend(50);
        spent += 50;
      }
    };
    spendWhatIsLeft();
    expect(spent).toBe(1000);
    for (let second = 0; second < 60; second += 1) {
      vi.advanceTimersByTime(1000);
      spendWhatIsLeft();
    }
    expect(spent).toBeLessThanOrEqual(1000 + 6000 + 50);
    expect(spent).toBeGreaterThanOrEqual(1000 + 6000 - 50);
  });

  it("saves no more than a second", () => {
    const allowance = new RenderAllowance();
    vi.advanceTimersByTime(3_600_000);
    expect(allowance.isLeft).toBe(true);
    allowance.spend(1000);
    expect(allowance.isLeft).toBe(false);
  });
});
