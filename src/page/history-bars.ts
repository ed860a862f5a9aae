import { elapsed, wholeNumber } from "../formats/elapsed.ts";
import { type Markup, markup } from "../formats/markup.ts";
import type { HistoryBucket, HistorySpan, HistoryState } from "../health/history/history.ts";
import { dayAndTime } from "./moment.ts";

/** What a span is called. */
export const spanWords = {
  "24h": "24 hours",
  "7d": "7 days",
  "30d": "30 days",
  "90d": "90 days",
} as const satisfies Record<HistorySpan, string>;

/** How high a bar is whose worst state is this one, so that colour is not needed to find the failures. */
const heights = {
  unhealthy: 16,
  degraded: 13,
  healthy: 10,
  skipped: 7,
  unknown: 7,
  maintenance: 7,
  none: 2,
} as const satisfies Record<HistoryState | "none", number>;

/** From the most to the least urgent. */
const byUrgency = ["unhealthy", "degraded", "healthy", "maintenance", "skipped", "unknown"] as const;
const bottom = 16;
const barWidth = 0.72; // Of the unit from one bar to the next; the style's dashes are as long.

/** A failure takes this share of its bar at least, however short it was. */
const leastShare = 0.4;

/** Less is what clocks and rounding leave. */
const leastSeconds = 1;

/** One bucket as it is drawn. */
interface Bar {
  readonly startsAt: number;
  readonly endsAt: number;
  readonly worst: HistoryState | "none";
  /** Which part of the time it was in its worst state. */
  readonly share: number;
  /** Bars that follow each other and say the same have one tooltip. */
  readonly says: string;
}

/**
 * A bar for each bucket, as one image of few bytes: one path for each state, and a tooltip for each bar; those that follow each
 * other and say the same share it.
 */
export function historyBars(buckets: readonly HistoryBucket[], span: HistorySpan, now: number): Markup {
  const bars = buckets.map((bucket) => barOf(bucket, now));
  const count = bars.length;
  const paths = byUrgency
    .filter((state) => state !== "healthy")
    .map((state) => {
      const shape = bars.map((bar, index) => (bar.worst === state ? boxOf(bar, index) : "")).join("");
      return shape !== "" && markup`<path class="${state}" d="${shape}"/>`;
    });
  return markup`<svg xmlns="http://www.w3.org/2000/svg" class="bars" viewBox="0 0 ${count} ${bottom}" preserveAspectRatio="none" role="img" aria-label="${summary(buckets, span)}">${line("none", lines(bars, "none"))}${line("healthy", lines(bars, "healthy"))}${line("rest healthy", rests(bars))}${paths}${tooltips(bars, span)}</svg>`;
}

function barOf({ startsAt, endsAt, seconds, runs, failures }: HistoryBucket, now: number): Bar {
  const present = byUrgency.filter((state) => seconds[state] >= leastSeconds);
  const known = byUrgency.reduce((sum, state) => sum + seconds[state], 0);
  const worst = present[0] ?? "none";
  const missing = (Math.min(endsAt, now) - startsAt) / 1000 - known;
  const isWhole = missing < (endsAt - startsAt) / 50_000; // A fiftieth of it.
  const parts = present.map((state) =>
    present.length === 1 && isWhole ? state : `${state} ${lasted(seconds[state])}`,
  );
  if (!isWhole) parts.push(worst === "none" ? "no data" : `no data ${lasted(missing)}`);
  const failed = failures > 0 && `${wholeNumber(failures)} of ${wholeNumber(runs)} runs failed`;
  const says = `${parts.length === 0 ? "no data" : parts.join(", ")}${failed === false ? "" : `; ${failed}`}`;
  return { startsAt, endsAt, worst, share: worst === "none" ? 1 : seconds[worst] / Math.max(known, 1), says };
}

function lasted(seconds: number): string {
  return elapsed(seconds * 1000);
}

/** The part of a bar in its worst state: the upper one. */
function boxOf({ worst, share }: Bar, index: number): string {
  const height = heights[worst];
  const own = isMixed(worst) ? rounded(height * Math.max(leastShare, share)) : height;
  return `M${index} ${bottom - height}h${barWidth}v${own}h-${barWidth}z`;
}

function isMixed(worst: Bar["worst"]): boolean {
  return worst === "unhealthy" || worst === "degraded";
}

/** What is left of the bars with failures: the lower parts. */
function rests(bars: readonly Bar[]): string {
  return bars
    .map(({ worst, share }, index) => {
      if (!isMixed(worst)) return "";
      const rest = rounded(heights[worst] * (1 - Math.max(leastShare, share)));
      return rest < 1 ? "" : `M${index} ${bottom - rest}h${barWidth}v${rest}h-${barWidth}z`;
    })
    .join("");
}

/** Bars of one height that follow each other, as a line that the style makes dashes of. */
function lines(bars: readonly Bar[], state: "healthy" | "none"): string {
  const y = bottom - heights[state] / 2;
  return stretches(bars, (bar) => bar.worst === state)
    .filter(({ of }) => of)
    .map(({ from, to }) => `M${from} ${y}h${to - from}`)
    .join("");
}

function line(className: string, shape: string): Markup | undefined {
  return shape === "" ? undefined : markup`<path class="${className}" d="${shape}"/>`;
}

/** An area over each stretch of bars that say the same, with its tooltip. */
function tooltips(bars: readonly Bar[], span: HistorySpan): readonly Markup[] {
  return stretches(bars, ({ says }) => says).map(({ from, to, of }) => {
    const start = bars[from]?.startsAt ?? 0;
    const end = bars[to - 1]?.endsAt ?? 0;
    return markup`<path class="tip" d="M${from} 0h${to - from}v${bottom}H${from}z"><title>${period(start, end, span)}: ${of}</title></path>`;
  });
}

function period(start: number, end: number, span: HistorySpan): string {
  if (span !== "90d") return `${dayAndTime(start, true)} to ${dayAndTime(end, true)} UTC`;
  const last = dayAndTime(end - 1, false);
  const first = dayAndTime(start, false);
  return first === last ? first : `${first} to ${last}`;
}

interface Stretch<Value> {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  readonly of: Value;
}

function stretches<Item, Value>(items: readonly Item[], of: (item: Item) => Value): readonly Stretch<Value>[] {
  const found: Stretch<Value>[] = [];
  items.forEach((item, index) => {
    const value = of(item);
    const last = found.at(-1);
    if (last !== undefined && last.of === value) found[found.length - 1] = { ...last, to: index + 1 };
    else found.push({ from: index, to: index + 1, of: value });
  });
  return found;
}

/** All bars in a sentence. */
function summary(buckets: readonly HistoryBucket[], span: HistorySpan): string {
  const totals = byUrgency
    .map((state) => ({ state, seconds: buckets.reduce((sum, { seconds }) => sum + seconds[state], 0) }))
    .filter(({ seconds }) => seconds >= leastSeconds)
    .map(({ state, seconds }) => `${state} ${lasted(seconds)}`);
  return `Last ${spanWords[span]}: ${totals.length === 0 ? "no data" : totals.join(", ")}`;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
