import type { HistorySpan } from "../../health/history/history.ts";

/** A moment that is marked on an axis of time. */
export interface TimeMark {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** `18:00`, or `14 Mar`. */
  readonly text: string;
}

const hour = 3_600_000;
const day = 24 * hour;

/** How far apart the marks are: four or five fit on a phone. */
const steps = { "24h": 6 * hour, "7d": 2 * day, "30d": 7 * day, "90d": 21 * day } as const satisfies Record<
  HistorySpan,
  number
>;

/** A mark so near to an end of the axis would not fit, as a share of the whole. */
const margin = 0.04;

/** The marks on an axis from one moment to another, at round hours or days of UTC. */
export function timeMarks(span: HistorySpan, from: number, to: number): readonly TimeMark[] {
  const step = steps[span];
  const marks: TimeMark[] = [];
  const [first, last] = [from + margin * (to - from), to - margin * (to - from)];
  for (let at = Math.ceil(first / step) * step; at <= last; at += step) marks.push({ at, text: markText(span, at) });
  return marks;
}

/** Whether a span is told in times of the day: the page's script shows those in the reader's zone. The days of others are those of UTC. */
export function isOfDay(span: HistorySpan): boolean {
  return span === "24h";
}

/** `Sat, 14 Mar 2026 15:09:26 GMT`. Not by `Intl`, which would keep megabytes in memory. */
function markText(span: HistorySpan, at: number): string {
  const [, date = "", month = "", , time = ""] = new Date(at).toUTCString().split(" ");
  return span === "24h" ? time.slice(0, 5) : `${Number(date)} ${month}`;
}
