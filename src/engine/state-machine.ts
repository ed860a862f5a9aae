import { isSpanContextValid, type SpanContext } from "@opentelemetry/api";
import { describe, type Failure, failureWithoutRun, holdsSince } from "../health/failure.ts";
import type { HealthCheck } from "../health/health-check.ts";
import type { Transition } from "../health/report.ts";
import type { Result } from "../health/result.ts";
import type { State } from "../health/state.ts";
import type { Moment } from "./moment.ts";
import { type RememberedCheck, rememberedTransitions, startPeriodLeft } from "./remembered-check.ts";
import {
  type Finding,
  notHealthyInARow,
  type RecentFindings,
  stateAfter,
  type Thresholds,
  withLatest,
} from "./thresholds.ts";

/** How the findings of a check become its state. The rules stay the same as long as the check exists. */
export interface StateRules extends Thresholds {
  /** On the monotonic clock: until then failures leave the state unknown, unless a run has passed. */
  readonly startPeriodEndsAt: number;
  /** Whether the check runs by itself, so that the schedule makes up for a run that found nothing. */
  readonly isScheduled: boolean;
}

/**
 * What the findings of a check amount to. It is a value: each function below makes the next one, and returns the same object
 * when nothing has changed. Moments are milliseconds since the epoch.
 */
export interface Condition {
  readonly state: State;
  /** Present exactly when the state is not `healthy`. */
  readonly failure: Failure | undefined;
  /** Since when the state holds. */
  readonly since: number;
  /** The last changes of state, newest first. */
  readonly transitions: readonly Transition[];
  /** How many of the last runs failed in a row: warnings are no failures. */
  readonly consecutiveFailures: number;
  /** The span of the run to blame when the check is down: its own last failing one, or that of a check it depends on. */
  readonly cause: SpanContext | undefined;
  /** When a run of a check without a schedule was given up, so that nothing is known now. The state stays what it was. */
  readonly givenUpAt: number | undefined;
  /** Whether any run has passed, which ends the start period. */
  readonly hasPassed: boolean;
  /** What the thresholds count. */
  readonly recent: RecentFindings;
  /** How each kind of failure was last found. It is shown beside a state that later runs have not changed yet. */
  readonly found: Readonly<Partial<Record<Finding, Failure>>>;
  /** What held before a restart, until the first run that says something. */
  readonly remembered: Pick<RememberedCheck, "state" | "since"> | undefined;
}

/** The next condition, and the change of state if there was one. */
export interface Step {
  readonly condition: Condition;
  readonly transition: Transition | undefined;
}

/** How the findings of a check become its state from now on. */
export function rulesOf(
  { failureThreshold, successThreshold, startPeriod, interval }: HealthCheck,
  remembered: RememberedCheck | undefined,
  now: Moment,
): StateRules {
  return {
    failureThreshold,
    successThreshold,
    startPeriodEndsAt: now.monotonicAt + startPeriodLeft(startPeriod.milliseconds, remembered, now),
    isScheduled: interval !== undefined,
  };
}

const noFindings: RecentFindings = [];

/** What is counted of a check about which nothing was found. */
const nothingFound = { recent: noFindings, consecutiveFailures: 0 } as const satisfies Partial<Condition>;

/** What those that depend on a check want to know of it. */
export interface Verdict {
  readonly state: State;
  /** The span of the run to blame when it is down: its own last failing one, or that of a check it depends on. */
  readonly cause: SpanContext | undefined;
}

/** A check that is down, so that others are skipped. */
export interface DownCheck {
  readonly name: string;
  readonly state: State;
}

/**
 * The condition of a check that has not run yet.
 * @param remembered what was known before a restart. The state is unknown all the same; if the first run finds what was
 *   known before, nothing has changed since
 */
export function firstCondition(remembered: RememberedCheck | undefined, now: Moment): Condition {
  const transitions = remembered?.transitions ?? [];
  const { to, failure } = transitions[0] ?? {};
  const isFound = failure !== undefined && (to === "degraded" || to === "unhealthy");
  return {
    state: "unknown",
    failure: failureWithoutRun("unknown", "has not run yet"),
    since: now.wallAt,
    transitions,
    consecutiveFailures: remembered?.consecutiveFailures ?? 0,
    cause: undefined,
    givenUpAt: undefined,
    hasPassed: false,
    recent: remembered?.recent ?? noFindings,
    found: remembered?.found ?? (isFound ? { [to]: failure } : {}),
    remembered,
  };
}

/** What of a run decides the next condition. */
export interface JudgedRun extends Pick<Result, "state" | "failure" | "inconclusive" | "spanContext"> {
  /** When the last run that passed ended: no incident began before that, whatever a failure says. */
  readonly lastSuccessAt?: number | undefined;
}

/** Takes what a run found that ended `now`. */
export function afterRun(condition: Condition, rules: StateRules, run: JudgedRun, now: Moment): Step {
  const { state: finding, failure, spanContext, lastSuccessAt = 0 } = run;
  if (finding === "unknown") {
    if (failure === undefined) return afterNothing(condition, rules, run.inconclusive === true, now);
    return enter({ ...condition, givenUpAt: undefined, ...nothingFound }, "unknown", failure, now, lastSuccessAt);
  }
  if (failure === undefined) return decide(passedOnce(condition, rules), rules, undefined, now, lastSuccessAt);
  const isStarting = !condition.hasPassed && now.monotonicAt < rules.startPeriodEndsAt;
  const failed: Condition = {
    ...condition,
    givenUpAt: undefined,
    consecutiveFailures: finding === "unhealthy" ? condition.consecutiveFailures + 1 : 0,
    cause: isSpanContextValid(spanContext) ? spanContext : condition.cause,
    found: { ...condition.found, [finding]: failure },
    recent: isStarting ? noFindings : withLatest(condition.recent, finding, rules),
  };
  if (!isStarting) return decide(failed, rules, failure, now, lastSuccessAt);
  return enter(failed, "unknown", failureWithoutRun("unknown", `is starting: ${describe(failure)}`), now);
}

/**
 * Takes that the check did not run because something it depends on is down.
 * @param cause the span of the run that found it down
 */
export function afterSkip(condition: Condition, down: DownCheck, cause: SpanContext | undefined, now: Moment): Step {
  const failure = failureWithoutRun("skipped", `"${down.name}" is ${down.state}`);
  return enter({ ...condition, cause, ...nothingFound }, "skipped", { ...failure, dependency: down.name }, now);
}

/**
 * Takes that a run was given up or inconclusive. A schedule makes up for it, and until then the last result becomes too old by
 * itself. A caller of a check without a schedule asks for the present, about which nothing is known.
 */
function afterNothing(condition: Condition, { isScheduled }: StateRules, inconclusive: boolean, now: Moment): Step {
  if (isScheduled) return { condition, transition: undefined };
  if (inconclusive) {
    return enter(condition, "unknown", failureWithoutRun("unknown", "this process was blocked while it looked"), now);
  }
  // No change of state: after a restart, what was known before still holds.
  return { condition: { ...condition, givenUpAt: now.wallAt }, transition: undefined };
}

/** The same condition when the previous run passed as well, as with most runs of most checks. */
function passedOnce(condition: Condition, rules: StateRules): Condition {
  const { givenUpAt, hasPassed, consecutiveFailures: failures } = condition;
  const recent = withLatest(condition.recent, "healthy", rules);
  if (recent === condition.recent && hasPassed && failures === 0 && givenUpAt === undefined) return condition;
  return { ...condition, givenUpAt: undefined, hasPassed: true, consecutiveFailures: 0, recent };
}

/** Lets the thresholds decide whether the latest finding changes the state. */
function decide(
  condition: Condition,
  rules: StateRules,
  failure: Failure | undefined,
  now: Moment,
  lastSuccessAt: number,
): Step {
  const state = stateAfter(continuedState(condition), condition.recent, rules);
  return enter(condition, state, failureBeside(state, condition, rules, failure), now, lastSuccessAt);
}

/** The state that a run follows: what failed before a restart goes on failing until enough runs pass. */
function continuedState({ state, remembered }: Condition): State {
  const before = state === "unknown" ? remembered?.state : undefined;
  return before === "unhealthy" || before === "degraded" ? before : state;
}

/** What is shown beside a state: how it was last found, even while later runs have not changed it yet. */
function failureBeside(
  state: State,
  { found, recent }: Condition,
  { failureThreshold }: StateRules,
  failure: Failure | undefined,
): Failure | undefined {
  if (state === "healthy") return undefined;
  if (state === "degraded" || state === "unhealthy") return found[state] ?? failure;
  const count = notHealthyInARow(recent);
  const verb = recent.slice(0, count).includes("unhealthy") ? "failed" : "warned";
  const times = `${verb} ${count} of ${failureThreshold} times`;
  return failureWithoutRun("unknown", `${times}: ${describe(failure)}`);
}

/** Moves into a state, if it is another one, as of the moment at which the incident began where the failure says so. */
function enter(condition: Condition, to: State, failure: Failure | undefined, now: Moment, lastSuccessAt = 0): Step {
  const { state: from, remembered, transitions } = condition;
  if (from === to) {
    const same = condition.failure === failure ? condition : { ...condition, failure };
    return { condition: same, transition: undefined };
  }
  const before = from === "unknown" ? remembered : undefined;
  const at = holdsSince(failure, now.wallAt, Math.max(lastSuccessAt, transitions[0]?.at ?? 0));
  const entered: Condition = { ...condition, state: to, failure, since: at, remembered: undefined };
  if (before?.state === to) return { condition: { ...entered, since: before.since }, transition: undefined };
  const transition: Transition = { at, from: before?.state ?? from, to, failure };
  const newest = [transition, ...transitions.slice(0, rememberedTransitions - 1)];
  return { condition: { ...entered, transitions: newest }, transition };
}
