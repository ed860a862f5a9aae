import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Finding, StateGate } from "../../src/engine/state-gate.ts";
import type { State } from "../../src/health/state.ts";

const letters: Record<string, Finding> = { h: "healthy", d: "degraded", u: "unhealthy" };

/** The states after each of the findings, by their first letters (`?` for unknown). */
function statesAfter(failureThreshold: number, successThreshold: number, findings: string, from: State = "unknown") {
  const gate = new StateGate(failureThreshold, successThreshold);
  let state = from;
  return [...findings]
    .map((letter) => {
      state = gate.next(state, letters[letter] as Finding);
      return state === "unknown" ? "?" : state[0];
    })
    .join("");
}

describe("StateGate", () => {
  it.each([
    // failureThreshold, successThreshold, findings, states
    [1, 1, "hdhuh", "hdhuh"],
    [3, 1, "huuuh", "hhhuh"],
    [3, 1, "huuhuuu", "hhhhhhu"],
    [3, 1, "uuuh", "??uh"],
    [3, 1, "uh", "?h"],
    [1, 2, "huhuhh", "huuuuh"],
    [1, 3, "h", "h"],
    [2, 2, "huuhuhh", "hhuuuuh"],
    [2, 1, "hdudd", "hhddd"],
    [2, 1, "hduu", "hhdu"],
    [2, 2, "huudd", "hhuud"],
  ])("with thresholds %d and %d makes of %s the states %s", (failure, success, findings, states) => {
    expect(statesAfter(failure, success, findings)).toBe(states);
  });

  it("is transparent with thresholds of one", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[hdu]{1,20}$/), (findings) => {
        expect(statesAfter(1, 1, findings)).toBe(findings);
      }),
    );
  });

  it("never changes the state more often than the findings change", () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[hdu]{1,40}$/),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 5 }),
        (findings, failure, success) => {
          const changes = (text: string) =>
            [...text].filter((letter, index) => index > 0 && letter !== text[index - 1]);
          const states = statesAfter(failure, success, findings).replaceAll("?", "");
          expect(changes(states).length).toBeLessThanOrEqual(changes(findings).length);
        },
      ),
    );
  });
});
