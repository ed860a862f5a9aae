import { expect, it, vi } from "vitest";
import { Observers } from "../../src/app/observers.ts";
import type { Observation } from "../../src/health/history/observation.ts";

it("observations are handed on to everybody, in the order in which they came", () => {
  const observers = new Observers();
  const observation = { at: 1 } as Observation; // Nobody looks into it.
  observers.observed(observation);
  const [first, second] = [vi.fn(), vi.fn()];
  observers.add(first);
  observers.add(second);
  observers.observed(observation);
  expect(first.mock.calls).toEqual([[observation]]);
  expect(second.mock.calls).toEqual([[observation]]);
});
