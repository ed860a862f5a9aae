import { INVALID_SPAN_CONTEXT, type SpanContext } from "@opentelemetry/api";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Moment } from "../../src/engine/moment.ts";
import type { RememberedCheck } from "../../src/engine/remembered-check.ts";
import {
  afterRun,
  afterSkip,
  type Condition,
  firstCondition,
  type StateRules,
  type Step,
} from "../../src/engine/state-machine.ts";
import type { RunFailure } from "../../src/health/failure.ts";
import { failureWithoutRun } from "../../src/health/failure.ts";
import type { Result } from "../../src/health/result.ts";

type Run = Pick<Result, "state" | "failure" | "inconclusive" | "spanContext">;

/** A moment so many seconds after both clocks began. */
const at = (seconds: number): Moment => ({ wallAt: 1_000_000 + seconds * 1000, monotonicAt: seconds * 1000 });

const span = (id: string): SpanContext => ({ traceId: "1".repeat(32), spanId: id.repeat(16), traceFlags: 1 });

const failure = (state: RunFailure["state"], message: string): RunFailure => ({
  kind: state === "degraded" ? "Warning" : "Unavailable",
  message,
  reason: state === "degraded" ? "threshold" : "unavailable",
  state,
  expected: true,
});

const passing: Run = { state: "healthy", failure: undefined, spanContext: span("a") };
const warning: Run = { state: "degraded", failure: failure("degraded", "slow"), spanContext: span("b") };
const failing: Run = { state: "unhealthy", failure: failure("unhealthy", "gone"), spanContext: span("c") };
const cannotTell: Run = { state: "unknown", failure: failure("unknown", "no heartbeat yet"), spanContext: span("d") };
const givenUp: Run = { state: "unknown", failure: undefined, spanContext: span("e") };
const inconclusive: Run = { ...givenUp, inconclusive: true };

const runs: Readonly<Record<string, Run>> = {
  h: passing,
  d: warning,
  u: failing,
  n: cannotTell,
  g: givenUp,
  i: inconclusive,
};

const plain: StateRules = { failureThreshold: 1, successThreshold: 1, startPeriodEndsAt: 0, isScheduled: true };

/** Lets a check have these runs by their letters, one a second from the first second on; `s` is a skip. */
function stepsOf(letters: string, rules: StateRules, remembered?: RememberedCheck): readonly Step[] {
  const steps: Step[] = [];
  let condition = firstCondition(remembered, at(0));
  for (const [index, letter] of [...letters].entries()) {
    const now = at(index + 1);
    const step =
      letter === "s"
        ? afterSkip(condition, { name: "database", state: "unhealthy" }, span("f"), now)
        : afterRun(condition, rules, runs[letter] as Run, now);
    steps.push(step);
    condition = step.condition;
  }
  return steps;
}

function conditionAfter(letters: string, rules: StateRules, remembered?: RememberedCheck): Condition {
  return stepsOf(letters, rules, remembered).at(-1)?.condition ?? firstCondition(remembered, at(0));
}

/** The states that the transitions lead from and to, as letters: `?h` is from unknown to healthy. */
const changes = (steps: readonly Step[]): readonly string[] =>
  steps.flatMap(({ transition }) => (transition === undefined ? [] : [`${transition.from} → ${transition.to}`]));

describe("a check that has not run", () => {
  it("is unknown since it was made", () => {
    expect(firstCondition(undefined, at(7))).toMatchObject({
      state: "unknown",
      failure: { kind: "Unknown", message: "has not run yet" },
      since: at(7).wallAt,
      transitions: [],
      consecutiveFailures: 0,
    });
  });
});

describe("a run", () => {
  it.each([
    ["h", "healthy", ["unknown → healthy"]],
    ["u", "unhealthy", ["unknown → unhealthy"]],
    ["d", "degraded", ["unknown → degraded"]],
    ["hu", "unhealthy", ["unknown → healthy", "healthy → unhealthy"]],
    ["hudh", "healthy", ["unknown → healthy", "healthy → unhealthy", "unhealthy → degraded", "degraded → healthy"]],
    ["hhh", "healthy", ["unknown → healthy"]],
    ["hn", "unknown", ["unknown → healthy", "healthy → unknown"]],
    ["n", "unknown", []],
    ["hs", "skipped", ["unknown → healthy", "healthy → skipped"]],
    ["hsh", "healthy", ["unknown → healthy", "healthy → skipped", "skipped → healthy"]],
    ["hg", "healthy", ["unknown → healthy"]],
    ["hi", "healthy", ["unknown → healthy"]],
    ["g", "unknown", []],
  ])("after %s the state is %s", (letters, state, expected) => {
    const steps = stepsOf(letters, plain);
    expect(steps.at(-1)?.condition.state).toBe(state);
    expect(changes(steps)).toEqual(expected);
  });

  it("changes the state at the moment at which it ended", () => {
    const [, second] = stepsOf("hu", plain);
    const transition = { at: at(2).wallAt, from: "healthy", to: "unhealthy", failure: failing.failure };
    expect(second?.transition).toEqual(transition);
    expect(second?.condition).toMatchObject({ since: at(2).wallAt, failure: failing.failure });
    expect(second?.condition.transitions).toHaveLength(2);
    expect(second?.condition.transitions[0]).toEqual(transition);
  });

  it("renews what is wrong while the state stays, and since when stays", () => {
    const other = { ...failing, failure: failure("unhealthy", "refused") };
    const first = conditionAfter("u", plain);
    const { condition, transition } = afterRun(first, plain, other, at(9));
    expect(transition).toBeUndefined();
    expect(condition).toMatchObject({ failure: { message: "refused" }, since: at(1).wallAt, consecutiveFailures: 2 });
  });

  it("that fails is to blame, unless it has no span", () => {
    expect(conditionAfter("hu", plain).cause).toEqual(failing.spanContext);
    const untraced = { ...failing, spanContext: INVALID_SPAN_CONTEXT };
    expect(afterRun(conditionAfter("hu", plain), plain, untraced, at(9)).condition.cause).toEqual(failing.spanContext);
  });

  it("makes at most twenty transitions remembered, newest first", () => {
    const { transitions } = conditionAfter("hu".repeat(15), plain);
    expect(transitions).toHaveLength(20);
    expect(transitions[0]).toMatchObject({ to: "unhealthy", at: at(30).wallAt });
    expect(transitions[19]).toMatchObject({ at: at(11).wallAt });
  });
});

describe("thresholds", () => {
  const rules: StateRules = { ...plain, failureThreshold: 3, successThreshold: 2 };

  it.each([
    ["hu", "healthy", undefined, 1],
    ["huu", "healthy", undefined, 2],
    ["huuu", "unhealthy", "gone", 3],
    ["huuuh", "unhealthy", "gone", 0],
    ["huuuhh", "healthy", undefined, 0],
    ["huudu", "degraded", "slow", 1],
    ["hudd", "degraded", "slow", 0],
    ["dd", "unknown", "warned 2 of 3 times: Warning: slow", 0],
    ["ud", "unknown", "failed 2 of 3 times: Warning: slow", 0],
    ["uu", "unknown", "failed 2 of 3 times: Unavailable: gone", 2],
    ["uun", "unknown", "no heartbeat yet", 0],
    ["uunuu", "unknown", "failed 2 of 3 times: Unavailable: gone", 2],
    ["huuus", "skipped", '"database" is unhealthy', 0],
    ["huusuu", "unknown", "failed 2 of 3 times: Unavailable: gone", 2],
    ["hugu", "healthy", undefined, 2],
  ])("after %s the state is %s, beside it stands %s", (letters, state, message, consecutive) => {
    const condition = conditionAfter(letters, rules);
    expect([condition.state, condition.failure?.message]).toEqual([state, message]);
    expect(condition.consecutiveFailures).toBe(consecutive);
  });
});

describe("the start period", () => {
  const rules: StateRules = { ...plain, startPeriodEndsAt: at(3).monotonicAt };

  it.each([
    ["u", "unknown", "is starting: Unavailable: gone"],
    ["uu", "unknown", "is starting: Unavailable: gone"],
    ["uuu", "unhealthy", "gone"],
    ["hu", "unhealthy", "gone"],
    ["n", "unknown", "no heartbeat yet"],
  ])("of two runs: after %s the state is %s", (letters, state, message) => {
    const condition = conditionAfter(letters, rules);
    expect([condition.state, condition.failure?.message]).toEqual([state, message]);
  });

  it("counts for no threshold", () => {
    const strict = { ...rules, failureThreshold: 3 };
    expect(conditionAfter("uuu", strict)).toMatchObject({
      state: "unknown",
      failure: { message: "failed 1 of 3 times: Unavailable: gone" },
    });
  });

  it("counts by the monotonic clock, wherever the wall clock stands", () => {
    const first = firstCondition(undefined, at(0));
    const { condition } = afterRun(first, rules, failing, { wallAt: 0, monotonicAt: rules.startPeriodEndsAt });
    expect(condition.state).toBe("unhealthy");
  });
});

describe("a run of which nothing is known", () => {
  const unscheduled: StateRules = { ...plain, isScheduled: false };

  it("changes nothing where the schedule makes up for it", () => {
    const condition = conditionAfter("hu", plain);
    expect(afterRun(condition, plain, givenUp, at(9)).condition).toBe(condition);
    expect(afterRun(condition, plain, inconclusive, at(9)).condition).toBe(condition);
  });

  it("that was given up leaves the state, and says since when nothing is known, until the next one", () => {
    const condition = conditionAfter("hg", unscheduled);
    expect(condition).toMatchObject({ state: "healthy", givenUpAt: at(2).wallAt });
    for (const letters of ["hgh", "hgu", "hgn"]) {
      expect(conditionAfter(letters, unscheduled).givenUpAt, letters).toBeUndefined();
    }
  });

  it("that was inconclusive makes the state unknown for who asks for the present", () => {
    const { state, failure: shown } = conditionAfter("hi", unscheduled);
    expect([state, shown?.message]).toEqual(["unknown", "this process was blocked while it looked"]);
  });
});

describe("a check that something was known of before a restart", () => {
  const known = (state: RememberedCheck["state"]): RememberedCheck => ({
    name: "database",
    state,
    since: 500,
    lastSuccessAt: undefined,
    transitions: [{ at: 500, from: "healthy", to: state, failure: state === "healthy" ? undefined : failing.failure }],
  });

  it.each([
    ["unhealthy", "u", "unhealthy", 500, []],
    ["healthy", "h", "healthy", 500, []],
    ["unhealthy", "h", "healthy", at(1).wallAt, ["unhealthy → healthy"]],
    ["healthy", "u", "unhealthy", at(1).wallAt, ["healthy → unhealthy"]],
    ["unhealthy", "s", "skipped", at(1).wallAt, ["unhealthy → skipped"]],
    ["unhealthy", "nu", "unhealthy", 500, []],
  ] as const)("%s: after %s it is %s since %d", (state, letters, after, since, expected) => {
    const steps = stepsOf(letters, plain, known(state));
    expect(steps.at(-1)?.condition).toMatchObject({ state: after, since });
    expect(changes(steps)).toEqual(expected);
  });

  it("is of no more concern after the first run that says something", () => {
    const steps = stepsOf("uiu", { ...plain, isScheduled: false }, known("unhealthy"));
    expect(steps.at(-1)?.condition).toMatchObject({ state: "unhealthy", since: at(3).wallAt });
    expect(changes(steps)).toEqual(["unhealthy → unknown", "unknown → unhealthy"]);
  });

  it("goes on failing until enough runs pass, with what was wrong before", () => {
    const rules = { ...plain, successThreshold: 2 };
    expect(conditionAfter("h", rules, known("unhealthy"))).toMatchObject({
      state: "unhealthy",
      since: 500,
      failure: { message: "gone" },
    });
    expect(conditionAfter("hh", rules, known("unhealthy"))).toMatchObject({ state: "healthy" });
  });
});

describe("whatever the runs find", () => {
  const history = fc.stringMatching(/^[hdungis]{0,40}$/);
  const rules = fc.record({
    failureThreshold: fc.integer({ min: 1, max: 4 }),
    successThreshold: fc.integer({ min: 1, max: 4 }),
    startPeriodEndsAt: fc.integer({ min: 0, max: 10_000 }),
    isScheduled: fc.boolean(),
  });

  it("a failure is shown exactly when the state is not healthy", () => {
    fc.assert(
      fc.property(history, rules, (letters, given) => {
        for (const { condition } of stepsOf(letters, given)) {
          expect(condition.failure === undefined).toBe(condition.state === "healthy");
        }
      }),
    );
  });

  it("there is a transition exactly when the state changes, and it is the newest that is remembered", () => {
    fc.assert(
      fc.property(history, rules, (letters, given) => {
        let before = firstCondition(undefined, at(0));
        for (const { condition, transition } of stepsOf(letters, given)) {
          expect(transition === undefined).toBe(condition.state === before.state);
          if (transition !== undefined) {
            expect(transition).toMatchObject({ from: before.state, to: condition.state, at: condition.since });
            expect(condition.transitions[0]).toBe(transition);
          }
          before = condition;
        }
      }),
    );
  });

  it("a check that has never passed is not failing before its start period ends", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[dungi]{1,20}$/), rules, (letters, given) => {
        for (const [index, { condition }] of stepsOf(letters, given).entries()) {
          if (at(index + 1).monotonicAt < given.startPeriodEndsAt) expect(condition.state).toBe("unknown");
        }
      }),
    );
  });

  it("nothing that was once handed out changes later", () => {
    fc.assert(
      fc.property(history, rules, (letters, given) => {
        let condition = firstCondition(undefined, at(0));
        for (const letter of letters) {
          const copy = structuredClone(condition);
          const next =
            letter === "s" ? afterSkip(condition, { name: "x", state: "skipped" }, undefined, at(1)) : undefined;
          const after = next ?? afterRun(condition, given, runs[letter] as Run, at(1));
          expect(condition).toEqual(copy);
          condition = after.condition;
        }
      }),
    );
  });

  it("a check that goes on passing stays the very same condition", () => {
    fc.assert(
      fc.property(history, rules, (letters, given) => {
        const settled = `${letters}${"h".repeat(given.successThreshold + given.failureThreshold)}`;
        const condition = conditionAfter(settled, given);
        expect(afterRun(condition, given, passing, at(99)).condition).toBe(condition);
      }),
    );
  });
});

describe("a skipped check", () => {
  it("names what it depends on, and the run that found that down", () => {
    const condition = conditionAfter("hs", plain);
    const expected = failureWithoutRun("skipped", '"database" is unhealthy');
    expect(condition.failure).toEqual({ ...expected, dependency: "database" });
    expect(condition.cause).toEqual(span("f"));
  });
});
