import { describe, expect, it } from "vitest";
import type { State } from "../../../src/health/state.ts";
import {
  afterTelling,
  beginFollow,
  decide,
  type Follow,
  foldedChanges,
  isOver,
  observe,
  quieten,
  type Rules,
} from "../../../src/notices/deciding/follow.ts";

const minute = 60_000;
const usual: Rules = {
  on: ["unhealthy", "degraded", "recovered"],
  afterMilliseconds: 0,
  repeatMilliseconds: undefined,
};

/** What is known after states at moments, of which nothing was told. */
function following(rules: Rules, ...states: readonly (readonly [State, number])[]): Follow {
  const first = states[0]?.[0] ?? "healthy";
  return states.reduce((follow, [state, at]) => observe(follow, { state, since: at, at }, rules), beginFollow(first));
}

/** Tells what is due at a moment, and says what that was; undefined when nothing was. */
function tellAt(follow: Follow, rules: Rules, at: number): readonly [string | undefined, Follow] {
  const decision = decide(follow, rules, at);
  if (decision.kind !== "tell") return [undefined, follow];
  return [decision.cause, afterTelling(follow, decision.cause, decision.since, at)];
}

describe("what a channel is told", () => {
  it("is a failure, at once", () => {
    expect(decide(following(usual, ["unhealthy", 5]), usual, 5)).toEqual({ kind: "tell", cause: "failed", since: 5 });
  });

  it("is a failure only if it lasts as long as `after` says, from its begin", () => {
    const rules = { ...usual, afterMilliseconds: 2 * minute };
    const failing = following(rules, ["unhealthy", 0]);
    expect(decide(failing, rules, minute)).toEqual({ kind: "wait", until: 2 * minute });
    expect(decide(failing, rules, 2 * minute)).toMatchObject({ kind: "tell", cause: "failed" });
    const well = observe(failing, { state: "healthy", since: minute, at: minute }, rules);
    expect(decide(well, rules, 3 * minute)).toEqual({ kind: "nothing" });
    const worse = following(rules, ["degraded", 0], ["unhealthy", minute]);
    expect(decide(worse, rules, 2 * minute)).toMatchObject({ kind: "tell", since: 0 });
  });

  it("is a recovery of what was told, with the begin of the outage", () => {
    const [, told] = tellAt(following(usual, ["unhealthy", 0]), usual, 0);
    const well = observe(told, { state: "healthy", since: minute, at: minute }, usual);
    expect(decide(well, usual, minute)).toEqual({ kind: "tell", cause: "recovered", since: 0 });
    expect(afterTelling(well, "recovered", 0, minute).told).toBeUndefined();
  });

  it("is nothing of a check that only goes on as it was told", () => {
    const [cause, told] = tellAt(following(usual, ["unhealthy", 0]), usual, 0);
    expect(cause).toBe("failed");
    expect(decide(told, usual, 100 * minute)).toEqual({ kind: "nothing" });
  });

  it("is told again as `repeat` says", () => {
    const rules = { ...usual, repeatMilliseconds: 240 * minute };
    const [, told] = tellAt(following(rules, ["unhealthy", 0]), rules, 0);
    expect(decide(told, rules, 239 * minute)).toEqual({ kind: "wait", until: 240 * minute });
    const [cause, again] = tellAt(told, rules, 240 * minute);
    expect(cause).toBe("lasts");
    expect(decide(again, rules, 241 * minute)).toEqual({ kind: "wait", until: 480 * minute });
  });

  it("is another failing state, at once", () => {
    const rules = { ...usual, afterMilliseconds: 2 * minute };
    const [, told] = tellAt(following(rules, ["degraded", 0]), rules, 2 * minute);
    const worse = observe(told, { state: "unhealthy", since: 3 * minute, at: 3 * minute }, rules);
    expect(decide(worse, rules, 3 * minute)).toMatchObject({ kind: "tell", cause: "failed", since: 0 });
  });

  it("is only what `on` names", () => {
    const rules = { ...usual, on: ["unhealthy", "recovered"] as const };
    expect(decide(following(rules, ["degraded", 0]), rules, 0)).toEqual({ kind: "nothing" });
    expect(decide(following(rules, ["unknown", 0]), rules, 0)).toEqual({ kind: "nothing" });
    const all = { ...usual, on: ["unknown"] as const };
    expect(decide(following(all, ["unknown", 0]), all, 0)).toMatchObject({ kind: "tell", cause: "failed" });
  });

  it("is a recovery when the check is degraded and the channel is not told of that, but not when it is unknown or skipped", () => {
    const rules = { ...usual, on: ["unhealthy", "recovered"] as const };
    const [, told] = tellAt(following(rules, ["unhealthy", 0]), rules, 0);
    const next = (state: State) => decide(observe(told, { state, since: 1, at: 1 }, rules), rules, 1);
    expect(next("degraded")).toMatchObject({ kind: "tell", cause: "recovered" });
    expect(next("unknown")).toEqual({ kind: "nothing" });
    expect(next("skipped")).toEqual({ kind: "nothing" });
  });

  it("is no recovery where `on` does not name it, but the outage is over", () => {
    const rules = { ...usual, on: ["unhealthy"] as const };
    const [, told] = tellAt(following(rules, ["unhealthy", 0]), rules, 0);
    expect(decide(observe(told, { state: "healthy", since: 1, at: 1 }, rules), rules, 1)).toEqual({ kind: "forget" });
  });

  it("is nothing of a check that is skipped", () => {
    expect(decide(following(usual, ["skipped", 0]), usual, minute)).toEqual({ kind: "nothing" });
  });

  it("is counted from the end of a time of quiet", () => {
    const rules = { ...usual, afterMilliseconds: 2 * minute };
    const quiet = quieten(following(rules, ["unhealthy", 0]));
    const after = observe(quiet, { state: "unhealthy", since: 10 * minute, at: 10 * minute }, rules);
    expect(decide(after, rules, 10 * minute)).toEqual({ kind: "wait", until: 12 * minute });
  });

  it("survives a clock that is set back", () => {
    const failing = following(usual, ["unhealthy", 100 * minute]);
    expect(decide(failing, usual, minute)).toMatchObject({ kind: "tell", since: minute });
  });
});

describe("a check that flaps", () => {
  /** Changes every minute from the start, and tells what is due at each change; says what was told. */
  function flap(minutes: number): { readonly told: readonly number[]; readonly follow: Follow } {
    const told: number[] = [];
    let follow = beginFollow("healthy");
    for (let number = 1; number <= minutes; number += 1) {
      const at = number * minute;
      const state = number % 2 === 1 ? "unhealthy" : "healthy";
      follow = observe(follow, { state, since: at, at }, usual);
      const [cause, next] = tellAt(follow, usual, at);
      if (cause !== undefined) told.push(number);
      follow = next;
    }
    return { told, follow };
  }

  it("is told four times, then every quarter of an hour", () => {
    expect(flap(40).told).toEqual([1, 2, 3, 4, 19, 34]);
  });

  it("is told how often it has changed", () => {
    const { follow } = flap(18);
    expect(foldedChanges(follow, 18 * minute)).toEqual({ count: 14, withinMilliseconds: 13 * minute });
    expect(foldedChanges(flap(3).follow, 3 * minute)).toBeUndefined();
  });

  it("is told in the end how it is, once it has not changed for five minutes", () => {
    const { follow } = flap(8);
    const failing = observe(follow, { state: "unhealthy", since: 9 * minute, at: 9 * minute }, usual);
    expect(decide(failing, usual, 13 * minute)).toEqual({ kind: "wait", until: 14 * minute });
    expect(decide(failing, usual, 14 * minute)).toMatchObject({ kind: "tell", cause: "failed" });
  });

  it("is remembered for half an hour after it is well again", () => {
    const { follow } = flap(4);
    expect(isOver(follow, usual, 5 * minute)).toBe(false);
    expect(isOver(follow, usual, 40 * minute)).toBe(true);
    expect(isOver(following(usual, ["unhealthy", 0]), usual, 100 * minute)).toBe(false);
  });
});
