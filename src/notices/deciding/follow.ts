import type { State } from "../../health/state.ts";
import type { NoticeEvent } from "../notice.ts";

/** What a channel has been told of a check that is not well. Kept over a restart. */
export interface Told {
  readonly state: Exclude<NoticeEvent, "recovered">;
  /** When the outage began, in milliseconds since the epoch. */
  readonly since: number;
  /** When it was told last, in milliseconds since the epoch. */
  readonly toldAt: number;
}

/** What is known of a check for one channel. All moments are milliseconds since the epoch. */
export interface Follow {
  readonly state: State;
  /** Since when the check has been in one of the states of which the channel is told; undefined when it is in none. */
  readonly failingSince: number | undefined;
  readonly told: Told | undefined;
  /** When the channel was told of the check within the last half hour. */
  readonly recent: readonly number[];
  /** Whether it was told so often that its changes are put together, until it has not been told for half an hour. */
  readonly folds: boolean;
  /** How often the state has changed since the channel was told, and when it did so first and last. */
  readonly changes: number;
  readonly firstChangeAt: number | undefined;
  readonly lastChangeAt: number | undefined;
}

/** The options of a channel that say when it is told. */
export interface Rules {
  readonly on: readonly NoticeEvent[];
  readonly afterMilliseconds: number;
  readonly repeatMilliseconds: number | undefined;
}

/** What a check is in now. */
export interface Finding {
  readonly state: State;
  /** Since when, in milliseconds since the epoch. */
  readonly since: number;
  readonly at: number;
}

/** What is to be told, and what is known afterwards. `forget`: nothing is told, but the outage is over. */
export type Decision =
  | { readonly kind: "nothing" }
  | { readonly kind: "wait"; readonly until: number }
  | { readonly kind: "tell"; readonly cause: "failed" | "lasts" | "recovered"; readonly since: number }
  | { readonly kind: "forget" };

/** So many times a check is told within half an hour before its changes are put together. */
export const maxToldOneByOne = 4;
const recentMilliseconds = 30 * 60_000;
/** A check that goes on changing is told this often, or when it has not changed for some time. */
const foldedMilliseconds = 15 * 60_000;
const calmMilliseconds = 5 * 60_000;
/** Fewer changes than these are what a message tells by itself. */
const minFoldedChanges = 3;

/** What is known of a check of which nothing was said before. */
export function beginFollow(state: State, told?: Told): Follow {
  return {
    state,
    failingSince: told?.since,
    told,
    recent: [],
    folds: false,
    changes: 0,
    firstChangeAt: undefined,
    lastChangeAt: undefined,
  };
}

/** What is known of a check once it is in another state, or in the same one as before. */
export function observe(follow: Follow, { state, since, at }: Finding, rules: Rules): Follow {
  const kind = kindOf(state, rules);
  const hasChanged = state !== follow.state;
  const failingSince =
    kind === "failing"
      ? Math.min(follow.failingSince ?? Math.min(since, at), at)
      : kind === "unclear"
        ? follow.told?.since
        : undefined;
  return {
    ...follow,
    state,
    failingSince,
    ...(hasChanged && {
      changes: follow.changes + 1,
      firstChangeAt: follow.firstChangeAt ?? at,
      lastChangeAt: at,
    }),
  };
}

/** What is known when nothing is told for the moment: what goes on then is counted from the end of it. */
export function quieten(follow: Follow): Follow {
  return follow.told === undefined && follow.failingSince !== undefined
    ? { ...follow, failingSince: undefined }
    : follow;
}

/** What to tell now. */
export function decide(follow: Follow, rules: Rules, at: number): Decision {
  const { told, state, failingSince } = follow;
  const kind = kindOf(state, rules);
  const held = heldUntil(follow, at);
  if (kind === "passing" && told !== undefined) {
    if (!rules.on.includes("recovered")) return { kind: "forget" };
    return held > at ? wait(held) : { kind: "tell", cause: "recovered", since: told.since };
  }
  if (kind !== "failing") return { kind: "nothing" };
  if (told === undefined) {
    const since = Math.min(failingSince ?? at, at);
    // After a time of quiet it is looked at once more, and counted from then.
    const until = failingSince === undefined ? at : Math.max(since + rules.afterMilliseconds, held);
    return until > at ? wait(until) : { kind: "tell", cause: "failed", since };
  }
  if (told.state !== state || follow.changes >= minFoldedChanges) {
    return held > at ? wait(held) : { kind: "tell", cause: "failed", since: told.since };
  }
  if (rules.repeatMilliseconds === undefined) return { kind: "nothing" };
  const until = Math.min(told.toldAt, at) + rules.repeatMilliseconds;
  return until > at ? wait(until) : { kind: "tell", cause: "lasts", since: told.since };
}

/** What is known once the channel has been told. */
export function afterTelling(
  follow: Follow,
  cause: "failed" | "lasts" | "recovered",
  since: number,
  at: number,
): Follow {
  const { state } = follow;
  const before = follow.recent.filter((moment) => at - moment < recentMilliseconds);
  const recent = [...before, at].slice(-maxToldOneByOne);
  const isOpen = cause !== "recovered" && (state === "unhealthy" || state === "degraded" || state === "unknown");
  return {
    ...follow,
    told: isOpen ? { state, since, toldAt: at } : undefined,
    recent,
    folds: (follow.folds && before.length > 0) || recent.length >= maxToldOneByOne,
    changes: 0,
    firstChangeAt: undefined,
    lastChangeAt: undefined,
  };
}

/** The changes that are told together; undefined when the message tells them by itself. */
export function foldedChanges(
  { changes, firstChangeAt }: Follow,
  at: number,
): { readonly count: number; readonly withinMilliseconds: number } | undefined {
  if (changes < minFoldedChanges || firstChangeAt === undefined) return undefined;
  return { count: changes, withinMilliseconds: Math.max(0, at - firstChangeAt) };
}

/** Whether nothing more is to be remembered of a check that is well. */
export function isOver({ state, told, recent }: Follow, rules: Rules, at: number): boolean {
  if (told !== undefined || kindOf(state, rules) === "failing") return false;
  return !recent.some((moment) => at - moment < recentMilliseconds);
}

function wait(until: number): Decision {
  return { kind: "wait", until };
}

/** Until when a check that changes again and again is not told; a moment in the past when it is told at once. */
function heldUntil({ recent, folds, lastChangeAt }: Follow, at: number): number {
  const last = Math.min(recent.at(-1) ?? Number.NEGATIVE_INFINITY, at);
  if (!folds || at - last >= recentMilliseconds) return Number.NEGATIVE_INFINITY;
  return Math.min(last + foldedMilliseconds, Math.min(lastChangeAt ?? at, at) + calmMilliseconds);
}

/**
 * `failing`: the channel is told of this state. `passing`: the outage is over for it. `unclear`: neither, as when the check is
 * skipped.
 */
function kindOf(state: State, { on }: Rules): "failing" | "passing" | "unclear" {
  if (state === "skipped") return "unclear";
  if (state === "healthy") return "passing";
  if (on.includes(state)) return "failing";
  return state === "degraded" ? "passing" : "unclear";
}
