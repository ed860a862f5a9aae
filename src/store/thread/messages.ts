import type { HistorySpan, Incident, IncidentQuestion } from "../../health/history/history.ts";

/** A check as the thread is told of it: a check of another type is another check. */
export interface ToldCheck {
  /** What its events call it, from 1 on. */
  readonly number: number;
  readonly name: string;
  readonly type: string;
}

/** A measure as the thread is told of it. */
export interface ToldMeasure {
  /** What events call it, from 1 on. */
  readonly number: number;
  readonly name: string;
  readonly unit: string;
}

/** What is kept of a check for the next start, as JSON. */
export interface ToldMemory {
  readonly name: string;
  readonly current: string;
  /** Undefined when they have not changed. */
  readonly transitions: string | undefined;
}

/** Everything that has happened since the last time. */
export interface Flush {
  readonly kind: "flush";
  readonly checks: readonly ToldCheck[];
  readonly measures: readonly ToldMeasure[];
  readonly events: Float64Array;
  readonly incidents: readonly Incident[];
  readonly memories: readonly ToldMemory[];
  /** The names of all checks there are, when they have changed: nothing is kept of others for the next start. */
  readonly watched: readonly string[] | undefined;
}

/** What is asked of the thread. */
export type Question =
  | { readonly kind: "buckets"; readonly checks: readonly string[]; readonly span: HistorySpan; readonly now: number }
  | { readonly kind: "measures"; readonly check: string; readonly span: HistorySpan; readonly now: number }
  | ({ readonly kind: "incidents" } & IncidentQuestion)
  | { readonly kind: "documents"; readonly of: string }
  | { readonly kind: "put"; readonly of: string; readonly id: string; readonly json: string }
  | { readonly kind: "delete"; readonly of: string; readonly id: string }
  /** Answered once everything that was told before has been written. */
  | { readonly kind: "close" };

/** What the thread is sent. */
export type ToThread = Flush | { readonly kind: "ask"; readonly number: number; readonly question: Question };

/** A line for the log. */
export interface LogLine {
  readonly level: "info" | "warn";
  readonly message: string;
  readonly error?: string;
}

/** What the thread found in its database. */
export interface Opened {
  readonly kind: "opened";
  /** JSON of what was kept of each check: its present, and its transitions. */
  readonly memories: readonly { readonly current: string; readonly transitions: string }[];
  /** Those that have not ended. */
  readonly incidents: readonly Incident[];
}

/** What the thread sends. */
export type FromThread =
  | Opened
  | { readonly kind: "flushed" }
  /** For each check, by its number: availability in each window, as of now. */
  | { readonly kind: "uptimes"; readonly numbers: Float64Array }
  | { readonly kind: "answer"; readonly number: number; readonly value: unknown }
  | { readonly kind: "refusal"; readonly number: number; readonly message: string }
  /** What was kept is lost: everything has to be told again. */
  | { readonly kind: "forgot" }
  | ({ readonly kind: "log" } & LogLine);

/** What the thread is started with. */
export interface StoreLocation {
  /** Of the database; undefined for memory. */
  readonly path: string | undefined;
  /** Of a state file of an earlier version, whose content is taken over by a new database. */
  readonly stateFile: string | undefined;
}
