import { z } from "zod";
import type { CheckRecord, RecordedPast } from "../engine/sharing/check-record.ts";
import { reasons } from "../health/errors.ts";
import { states } from "../health/state.ts";

// What Redis and the news hold of a check: a JSON array of a head, which changes with each run, and a past, which the news leave out
// when it is that of the record before. No option and no label of a check is in it, and its messages are redacted already.

/** A record with what tells it from others of the same check. */
export interface StampedRecord {
  readonly record: CheckRecord;
  /** The replica that found it. */
  readonly by: string;
  /** Counts up with each record that this replica writes. */
  readonly sequence: number;
}

/** A record as it was read. */
export interface ReadRecord extends Omit<StampedRecord, "record"> {
  readonly head: Omit<CheckRecord, "past">;
  /** Undefined when it is that of the record before. */
  readonly past: RecordedPast | undefined;
  /** How old it was when it was written, in milliseconds. */
  readonly age: number;
}

const moment = z.number().min(0).max(8.64e15);
const state = z.enum(states);
const failure = z.object({
  kind: z.string(),
  message: z.string(),
  reason: z.enum(reasons).optional(),
  beganAt: z.number().optional(),
  dependency: z.string().optional(),
});

const head = z.object({
  name: z.string(),
  type: z.string(),
  state,
  failure: failure.optional(),
  since: moment,
  lastRun: z
    .object({ startedAt: moment, durationSeconds: z.number().min(0), traceId: z.string().optional() })
    .optional(),
  lastSuccessAt: moment.optional(),
  certificateExpiresAt: z.number().optional(),
  measures: z.array(z.object({ name: z.string(), unit: z.string(), value: z.number() })).optional(),
  consecutiveFailures: z.int().min(0),
  cause: z.object({ traceId: z.string(), spanId: z.string(), traceFlags: z.int() }).optional(),
  by: z.string(),
  sequence: z.int(),
  age: z.number().min(0),
});

const finding = z.enum(["healthy", "degraded", "unhealthy"]);
type Finding = z.output<typeof finding>;

const past = z.object({
  transitions: z
    .array(
      z.object({ at: moment, from: state, to: state, failure: failure.optional(), maintenance: z.string().optional() }),
    )
    .max(100),
  recent: z.array(finding).optional(),
  found: z.partialRecord(finding, failure).optional(),
  startPeriodEndsAt: z.number().optional(),
  memory: z.unknown().optional(),
});

/** As JSON: the head of a record, and its past. */
export interface WrittenRecord {
  readonly head: string;
  readonly past: string;
}

const writtenPasts = new WeakMap<RecordedPast, string>();

/** @param age how old it is, in milliseconds */
export function writeRecord({ record, by, sequence }: StampedRecord, age: number): WrittenRecord {
  const { past: before, cause, ...rest } = record;
  let written = writtenPasts.get(before);
  if (written === undefined) {
    written = JSON.stringify(before);
    writtenPasts.set(before, written);
  }
  const span = cause && { traceId: cause.traceId, spanId: cause.spanId, traceFlags: cause.traceFlags };
  return { head: JSON.stringify({ ...rest, cause: span, by, sequence, age: Math.round(age) }), past: written };
}

/**
 * Reads one record, or several in an array.
 * @returns those that can be read; the others are of another version, or somebody else writes there
 */
export function readRecords(parsed: unknown): { readonly records: readonly ReadRecord[]; readonly unreadable: number } {
  const found = Array.isArray(parsed) ? parsed : [parsed];
  const records = found.flatMap((one) => readOne(one) ?? []);
  return { records, unreadable: found.length - records.length };
}

function readOne(parsed: unknown): ReadRecord | undefined {
  if (!Array.isArray(parsed) || parsed.length < 1 || parsed.length > 2) return undefined;
  const ofHead = head.safeParse(parsed[0]);
  const ofPast = parsed.length === 2 ? past.safeParse(parsed[1]) : undefined;
  if (!ofHead.success || ofPast?.success === false) return undefined;
  const { by, sequence, age, ...read } = ofHead.data;
  return { head: completed(read), past: ofPast && completedPast(ofPast.data), by: shared(by), sequence, age };
}

/** With every property, so that all records have one shape. */
function completed(read: Omit<z.output<typeof head>, "by" | "sequence" | "age">): Omit<CheckRecord, "past"> {
  const { name, type, state: shown, since, consecutiveFailures } = read;
  return {
    name,
    type: shared(type),
    state: shown,
    failure: read.failure,
    since,
    lastRun: read.lastRun && { ...read.lastRun, traceId: read.lastRun.traceId },
    lastSuccessAt: read.lastSuccessAt,
    certificateExpiresAt: read.certificateExpiresAt,
    measures: read.measures?.length === 0 ? nothing : read.measures,
    consecutiveFailures,
    cause: read.cause,
  };
}

function completedPast({
  transitions,
  recent = [],
  found,
  startPeriodEndsAt,
  memory,
}: z.output<typeof past>): RecordedPast {
  return {
    transitions: transitions.map((one) => ({ ...one, failure: one.failure })),
    recent: recent.every((one) => one === recent[0]) ? sameFindings(recent) : recent,
    found,
    startPeriodEndsAt,
    memory,
  };
}

// A hundred thousand records hold the same few texts and lists: each of them is kept once.

const nothing: readonly never[] = Object.freeze([]);
const maxTexts = 10_000;
const texts = new Map<string, string>();

function shared(text: string): string {
  const known = texts.get(text);
  if (known !== undefined) return known;
  if (texts.size >= maxTexts) texts.clear();
  texts.set(text, text);
  return text;
}

const findings = new Map<string, readonly Finding[]>();

function sameFindings(recent: readonly Finding[]): readonly Finding[] {
  const key = `${recent.length} ${recent[0]}`;
  const known = findings.get(key);
  if (known !== undefined) return known;
  findings.set(key, recent);
  return recent;
}
