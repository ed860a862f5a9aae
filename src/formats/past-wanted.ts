import type {
  History,
  HistoryBucket,
  HistorySpan,
  Incident,
  IncidentQuestion,
  MeasureHistory,
} from "../health/history/history.ts";

/** What a format wants to know of the past besides what the report tells of it. Ask for what is shown, and no more. */
export interface PastWanted {
  /** The buckets of these checks, for each of these spans. */
  readonly buckets?: { readonly checks: readonly string[]; readonly spans: readonly HistorySpan[] } | undefined;
  /** What one check measured. */
  readonly measures?: { readonly check: string; readonly span: HistorySpan } | undefined;
  readonly incidents?: IncidentQuestion | undefined;
}

/** What of it was found. */
export interface PastFound {
  /** By span and by the name of the check; a check of which nothing is known is left out. */
  readonly buckets: ReadonlyMap<HistorySpan, ReadonlyMap<string, readonly HistoryBucket[]>>;
  /** Sorted by name. */
  readonly measures: readonly MeasureHistory[];
  /** The newest first. */
  readonly incidents: readonly Incident[];
}

/** Asks a history for what is wanted, all at once. Rejects as the history does. */
export async function findPast(history: History, { buckets, measures, incidents }: PastWanted): Promise<PastFound> {
  const { checks = [], spans = [] } = buckets ?? {};
  const [foundBuckets, foundMeasures, foundIncidents] = await Promise.all([
    Promise.all(spans.map(async (span) => [span, await history.buckets(checks, span)] as const)),
    measures === undefined ? [] : history.measures(measures.check, measures.span),
    incidents === undefined ? [] : history.incidents(incidents),
  ]);
  return { buckets: new Map(foundBuckets), measures: foundMeasures, incidents: foundIncidents };
}
