import type { HistoryBucket, HistorySpan, Incident, IncidentQuestion } from "../health/history/history.ts";

/** What a format wants to know of the past besides what the report tells of it. Ask for what is shown, and no more. */
export interface PastWanted {
  /** The buckets of these checks, for each of these spans. */
  readonly buckets?: { readonly checks: readonly string[]; readonly spans: readonly HistorySpan[] };
  readonly incidents?: IncidentQuestion;
}

/** What of it was found. */
export interface PastFound {
  /** By span and by the name of the check; a check of which nothing is known is left out. */
  readonly buckets: ReadonlyMap<HistorySpan, ReadonlyMap<string, readonly HistoryBucket[]>>;
  /** The newest first. */
  readonly incidents: readonly Incident[];
}
