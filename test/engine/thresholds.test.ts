import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Finding,
  notHealthyInARow,
  type RecentFindings,
  stateAfter,
  withLatest,
} from "../../src/engine/thresholds.ts";
import type { State } from "../../src/health/state.ts";

const letters: Record<string, Finding> = { h: "healthy", d: "degraded", u: "unhealthy" };

/** The states after each of the findings, by their first letters (`?` for unknown). */
function statesAfter(failureThreshold: number, successThreshold: number, findings: string, from: State = "unknown") {
  const thresholds = { failureThreshold, successThreshold };
  let state = from;
  let recent: RecentFindings = [];
  return [...findings]
    .map((letter) => {
      recent = withLatest(recent, letters[letter] as Finding, thresholds);
      state = stateAfter(state, recent, thresholds);
      return state === "unknown" ? "?" : state[0];
    })
    .join("");
}

describe("the state after each run", () => {
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

  it("never gets worse before as many runs in a row failed as the threshold says", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^h[hdu]{1,40}$/), fc.integer({ min: 1, max: 5 }), (findings, failure) => {
        const states = statesAfter(failure, 1, findings);
        for (const [index, state] of [...states].entries()) {
          if (state === "h" || states[index - 1] === state) continue;
          expect(findings.slice(index + 1 - failure, index + 1)).not.toContain("h");
          expect(index + 1).toBeGreaterThan(failure);
        }
      }),
    );
  });

  it("is never healthy again before as many runs in a row passed as the threshold says", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^u[hdu]{1,40}$/), fc.integer({ min: 1, max: 5 }), (findings, success) => {
        const states = statesAfter(1, success, findings);
        for (const [index, state] of [...states].entries()) {
          if (state !== "h" || states[index - 1] === "h") continue;
          expect(findings.slice(index + 1 - success, index + 1)).toBe("h".repeat(success));
        }
      }),
    );
  });
});

describe("the recent findings", () => {
  it("are as many as the larger threshold, newest first", () => {
    const thresholds = { failureThreshold: 2, successThreshold: 3 };
    const after = [..."huud"].reduce<RecentFindings>(
      (recent, letter) => withLatest(recent, letters[letter] as Finding, thresholds),
      [],
    );
    expect(after).toEqual(["degraded", "unhealthy", "unhealthy"]);
    expect(notHealthyInARow(after)).toBe(3);
    expect(notHealthyInARow(["degraded", "healthy", "unhealthy"])).toBe(1);
  });

  it("are the same array while a check goes on as before", () => {
    const thresholds = { failureThreshold: 2, successThreshold: 1 };
    const once = withLatest([], "healthy", thresholds);
    const twice = withLatest(once, "healthy", thresholds);
    expect(twice).toHaveLength(2);
    expect(withLatest(twice, "healthy", thresholds)).toBe(twice);
    expect(withLatest(twice, "degraded", thresholds)).toEqual(["degraded", "healthy"]);
  });
});
