import fc from "fast-check";
import { answerSubject } from "./fuzz-answers.ts";
import { configurationSubject } from "./fuzz-configurations.ts";
import { heartbeatSubject, serverSubject } from "./fuzz-requests.ts";
import type { FuzzSubject } from "./fuzz-subject.ts";
import { Watchdog } from "./watchdog.ts";

const makers = {
  "Accept headers": async () => withoutType(await serverSubject("Accept headers")),
  "query strings": async () => withoutType(await serverSubject("query strings")),
  paths: async () => withoutType(await serverSubject("paths")),
  "configuration documents": async () => withoutType(await configurationSubject()),
  "HTTP answers of targets": async () => withoutType(await answerSubject()),
  "heartbeat calls": async () => withoutType(await heartbeatSubject()),
} as const satisfies Readonly<Record<string, () => Promise<FuzzSubject<unknown>>>>;

export type SubjectName = keyof typeof makers;

/** Everything that takes something from outside. */
export const subjectNames = Object.keys(makers) as readonly SubjectName[]; // Its own keys.

/** What is to be put to how many cases. */
export interface FuzzTask {
  readonly subject: SubjectName;
  readonly cases: number;
  readonly seed: number;
}

/** What came of the cases of one subject. */
export interface FuzzOutcome {
  readonly subject: SubjectName;
  /** With which the same cases can be made again. */
  readonly seed: number;
  readonly cases: number;
  /** How many of them came to what. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly slowestMilliseconds: number;
  readonly seconds: number;
  /** The smallest case that could not be borne, and what happened; undefined when all could. */
  readonly failure: { readonly example: string; readonly error: string } | undefined;
  /** What nobody caught meanwhile. */
  readonly uncaught: readonly string[];
}

/** Puts one subject to so many cases. */
export async function fuzzOne({ subject: name, cases, seed }: FuzzTask): Promise<FuzzOutcome> {
  await using subject = await makers[name]();
  const outcomes: Record<string, number> = {};
  const uncaught: string[] = [];
  const note = (error: unknown): void =>
    void uncaught.push(error instanceof Error ? (error.stack ?? "") : String(error));
  let slowestMilliseconds = 0;
  let borne = 0;
  const startedAt = performance.now();
  process.on("unhandledRejection", note).on("uncaughtException", note);
  await using watchdog = new Watchdog(name, `seed ${seed}`);
  try {
    const property = fc.asyncProperty(subject.cases, async (one) => {
      watchdog.begin();
      const beganAt = performance.now();
      const outcome = await subject.bear(one);
      slowestMilliseconds = Math.max(slowestMilliseconds, performance.now() - beganAt);
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      borne += 1;
    });
    const details = await fc.check(property, { numRuns: cases, seed });
    const failure = details.failed
      ? { example: JSON.stringify(details.counterexample), error: String(details.errorInstance ?? "no error") }
      : undefined;
    const seconds = (performance.now() - startedAt) / 1000;
    return { subject: name, seed, cases: borne, outcomes, slowestMilliseconds, seconds, failure, uncaught };
  } finally {
    process.off("unhandledRejection", note).off("uncaughtException", note);
  }
}

/** Each subject is only ever given its own cases. */
function withoutType<Case>(subject: FuzzSubject<Case>): FuzzSubject<unknown> {
  return { ...subject, bear: (one) => subject.bear(one as Case) };
}
