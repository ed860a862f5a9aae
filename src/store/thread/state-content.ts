import { z } from "zod";
import { type RememberedCheck, rememberedTransitions } from "../../engine/remembered-check.ts";
import { reasons } from "../../health/errors.ts";
import { states } from "../../health/state.ts";

const dayMilliseconds = 86_400_000;

/** The last moment that a `Date` can hold (ECMAScript, section "Time Values and Time Range"). */
const latestDate = 8.64e15;

const time = z.number().min(0).max(latestDate);
const state = z.enum(states);
const failure = z.object({ kind: text(100), message: text(2000), reason: z.enum(reasons) });
const transition = z.object({
  at: time,
  from: state,
  to: state,
  failure: failure.optional(),
  maintenance: text(200).optional(),
});
const content = z.object({
  version: z.literal(1),
  checks: z.array(
    z.object({
      name: text(100),
      type: text(200).optional(),
      state,
      since: time,
      lastSuccessAt: time.optional(),
      // Only what is kept is parsed, however much there is.
      transitions: z.preprocess(newest, z.array(transition)),
      memory: z.unknown().optional(),
    }),
  ),
});

/**
 * Reads a state file, in which the states of checks were kept before there was a database. A moment more than a day ahead comes from a clock that has been set
 * back since: such transitions are dropped, and such a state counts from now.
 * @throws SyntaxError or ZodError when it is damaged, or of another version
 */
export function readContent(written: string, now: number): readonly RememberedCheck[] {
  const isCredible = (at: number): boolean => at <= now + dayMilliseconds;
  return content.parse(JSON.parse(written)).checks.map(({ since, lastSuccessAt, transitions, ...check }) => ({
    ...check,
    since: isCredible(since) ? since : now,
    lastSuccessAt: lastSuccessAt === undefined || isCredible(lastSuccessAt) ? lastSuccessAt : now,
    transitions: transitions
      .filter(({ at }) => isCredible(at))
      .map((change) => ({ ...change, failure: change.failure })),
  }));
}

/** A text that is truncated rather than refused. */
function text(maxCharacters: number) {
  return z.string().transform((value) => value.slice(0, maxCharacters));
}

function newest(transitions: unknown): unknown {
  return Array.isArray(transitions) ? transitions.slice(0, rememberedTransitions) : transitions;
}
