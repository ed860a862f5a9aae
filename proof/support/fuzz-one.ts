import fc from "fast-check";
import { answerSubject } from "./fuzz-answers.ts";
import { configurationSubject } from "./fuzz-configurations.ts";
import { heartbeatSubject } from "./fuzz-heartbeats.ts";
import { serverSubject } from "./fuzz-requests.ts";
import type { FuzzSubject } from "./fuzz-subject.ts";
import { Watchdog } from "./watchdog.ts";

/** Those that take longest come first, so that nobody waits for them in the end. */
const makers = {
  "configuration documents": async () => withoutType(await configurationSubject()),
  "Accept headers": async () => withoutType(await serverSubject("Accept headers")),
  "HTTP answers of targets": async () => withoutType(await answerSubject()),
  "heartbeat calls": async () => withoutType(await heartbeatSubject()),
  "query strings": async () => withoutType(await serverSubject("query strings")),
  "header fields": async () => withoutType(await serverSubject("header fields")),
  paths: async () => withoutType(await serverSubject("paths")),
} as const satisfies Readonly<Record<string, () => Promise<FuzzSubject<unknown>>>>;

/** So many cases are under way at once, each in a lane of its own with a server of its own: while one waits, others work. */
const lanes = 6;

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
  const tally = new Tally();
  const uncaught: string[] = [];
  const note = (error: unknown): void =>
    void uncaught.push(error instanceof Error ? (error.stack ?? "") : String(error));
  const startedAt = performance.now();
  process.on("unhandledRejection", note).on("uncaughtException", note);
  await using watchdog = new Watchdog(name, `seed ${seed}`);
  try {
    const tasks = Array.from({ length: lanes }, (_, lane) => {
      return { subject: name, cases: Math.ceil((cases - lane) / lanes), seed: seedOf(seed, lane) };
    });
    const failures = await Promise.all(tasks.map((task) => runLane(task, tally, watchdog)));
    const { borne, outcomes, slowestMilliseconds } = tally;
    const seconds = (performance.now() - startedAt) / 1000;
    const failure = failures.find((one) => one !== undefined);
    return { subject: name, seed, cases: borne, outcomes, slowestMilliseconds, seconds, failure, uncaught };
  } finally {
    process.off("unhandledRejection", note).off("uncaughtException", note);
  }
}

/** The seed of a lane: far from those of other subjects, and known when that of the subject is. */
function seedOf(seed: number, lane: number): number {
  return (seed + lane * 100_003) | 0;
}

class Tally {
  borne = 0;
  slowestMilliseconds = 0;
  readonly outcomes: Record<string, number> = {};

  add(outcome: string, milliseconds: number): void {
    this.borne += 1;
    this.slowestMilliseconds = Math.max(this.slowestMilliseconds, milliseconds);
    this.outcomes[outcome] = (this.outcomes[outcome] ?? 0) + 1;
  }
}

/** Puts a subject of its own to its cases one after the other. */
async function runLane(task: FuzzTask, tally: Tally, watchdog: Watchdog): Promise<FuzzOutcome["failure"]> {
  const { cases, seed } = task;
  if (cases < 1) return undefined;
  await using subject = await makers[task.subject]();
  const property = fc.asyncProperty(subject.cases, async (one) => {
    watchdog.begin();
    const beganAt = performance.now();
    tally.add(await subject.bear(one), performance.now() - beganAt);
  });
  const details = await fc.check(property, { numRuns: cases, seed });
  if (!details.failed) return undefined;
  const again = `seed ${details.seed}, path ${details.counterexamplePath}`;
  return {
    example: JSON.stringify(details.counterexample),
    error: `${String(details.errorInstance ?? "no error")} (${again})`,
  };
}

/** Each subject is only ever given its own cases. */
function withoutType<Case>(subject: FuzzSubject<Case>): FuzzSubject<unknown> {
  return { ...subject, bear: (one) => subject.bear(one as Case) };
}
