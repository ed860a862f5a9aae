import fc from "fast-check";
import { answerSubject } from "./answers.ts";
import { configurationSubject } from "./configurations.ts";
import { conversationSubject } from "./conversations.ts";
import { heartbeatSubject } from "./heartbeats.ts";
import { mongodbSubject } from "./mongodb-answers.ts";
import { nameServerSubject } from "./name-servers.ts";
import { serverSubject } from "./requests.ts";
import type { FuzzSubject } from "./subject.ts";
import { Watchdog } from "./watchdog.ts";

/** Those that take longest come first, so that none of them runs alone at the end. */
const makers = {
  "configuration documents": async () => withoutType(await configurationSubject()),
  "Accept headers": async () => withoutType(await serverSubject("Accept headers")),
  "HTTP answers of targets": async () => withoutType(await answerSubject()),
  "conversations with PostgreSQL": async () => withoutType(await conversationSubject("postgres")),
  "conversations with Kafka": async () => withoutType(await conversationSubject("kafka")),
  "conversations with Redis": async () => withoutType(await conversationSubject("redis")),
  "conversations with MariaDB": async () => withoutType(await conversationSubject("mysql")),
  "conversations with LDAP servers": async () => withoutType(await conversationSubject("ldap")),
  "conversations with SMTP servers": async () => withoutType(await conversationSubject("smtp")),
  "conversations with IMAP servers": async () => withoutType(await conversationSubject("imap")),
  "conversations with POP3 servers": async () => withoutType(await conversationSubject("pop3")),
  "conversations with FTP servers": async () => withoutType(await conversationSubject("ftp")),
  "conversations with SSH servers": async () => withoutType(await conversationSubject("ssh")),
  "conversations with memcached": async () => withoutType(await conversationSubject("memcached")),
  "conversations with ClickHouse": async () => withoutType(await conversationSubject("clickhouse")),
  "conversations with Docker": async () => withoutType(await conversationSubject("docker")),
  "answers of name servers": async () => withoutType(await nameServerSubject()),
  "answers of MongoDB": async () => withoutType(await mongodbSubject()),
  "conversations with NATS": async () => withoutType(await conversationSubject("nats")),
  "conversations with RabbitMQ": async () => withoutType(await conversationSubject("rabbitmq")),
  "conversations with MQTT brokers": async () => withoutType(await conversationSubject("mqtt")),
  "heartbeat calls": async () => withoutType(await heartbeatSubject()),
  "query strings": async () => withoutType(await serverSubject("query strings")),
  "header fields": async () => withoutType(await serverSubject("header fields")),
  paths: async () => withoutType(await serverSubject("paths")),
} as const satisfies Readonly<Record<string, () => Promise<FuzzSubject<unknown>>>>;

/** How many cases run at once, each in its own lane with its own server: while one waits, others work. */
const lanes = 6;

export type SubjectName = keyof typeof makers;

/** Everything that takes input from outside. */
export const subjectNames = Object.keys(makers) as readonly SubjectName[]; // Its own keys.

/** Which subject gets how many cases. */
export interface FuzzTask {
  readonly subject: SubjectName;
  readonly cases: number;
  readonly seed: number;
}

/** What the cases of one subject led to. */
export interface FuzzOutcome {
  readonly subject: SubjectName;
  /** Reproduces the cases. */
  readonly seed: number;
  readonly cases: number;
  /** How many of them had which outcome. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly slowestMilliseconds: number;
  readonly seconds: number;
  /** The smallest case that failed, and how; undefined when none did. */
  readonly failure: { readonly example: string; readonly error: string } | undefined;
  /** Errors and rejections that were not caught meanwhile. */
  readonly uncaught: readonly string[];
}

/** Gives one subject its cases. */
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
    const { handled, outcomes, slowestMilliseconds } = tally;
    const seconds = (performance.now() - startedAt) / 1000;
    const failure = failures.find((one) => one !== undefined);
    return { subject: name, seed, cases: handled, outcomes, slowestMilliseconds, seconds, failure, uncaught };
  } finally {
    process.off("unhandledRejection", note).off("uncaughtException", note);
  }
}

/** The seed of a lane: far from those of other subjects, and derived from that of the subject. */
function seedOf(seed: number, lane: number): number {
  return (seed + lane * 100_003) | 0;
}

class Tally {
  handled = 0;
  slowestMilliseconds = 0;
  readonly outcomes: Record<string, number> = {};

  add(outcome: string, milliseconds: number): void {
    this.handled += 1;
    this.slowestMilliseconds = Math.max(this.slowestMilliseconds, milliseconds);
    this.outcomes[outcome] = (this.outcomes[outcome] ?? 0) + 1;
  }
}

/** Gives a subject of its own its cases, one at a time. */
async function runLane(task: FuzzTask, tally: Tally, watchdog: Watchdog): Promise<FuzzOutcome["failure"]> {
  const { cases, seed } = task;
  if (cases < 1) return undefined;
  await using subject = await makers[task.subject]();
  const property = fc.asyncProperty(subject.cases, async (one) => {
    watchdog.begin();
    const beganAt = performance.now();
    tally.add(await subject.handle(one), performance.now() - beganAt);
  });
  const details = await fc.check(property, { numRuns: cases, seed });
  if (!details.failed) return undefined;
  const again = `seed ${details.seed}, path ${details.counterexamplePath}`;
  return {
    example: JSON.stringify(details.counterexample),
    error: `${String(details.errorInstance ?? "no error")} (${again})`,
  };
}

/** Each subject is given only its own cases. */
function withoutType<Case>(subject: FuzzSubject<Case>): FuzzSubject<unknown> {
  return { ...subject, handle: (one) => subject.handle(one as Case) };
}
