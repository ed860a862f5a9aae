import type {
  History,
  HistoryBucket,
  HistorySpan,
  HistoryState,
  Incident,
  MeasureHistory,
  Uptime,
  UptimeWindow,
} from "../../src/health/history/history.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** The buckets of each span, as `History.buckets` promises them. */
const spans: Readonly<Record<HistorySpan, { readonly count: number; readonly milliseconds: number }>> = {
  "24h": { count: 96, milliseconds: 15 * minute },
  "7d": { count: 84, milliseconds: 2 * hour },
  "30d": { count: 90, milliseconds: 8 * hour },
  "90d": { count: 90, milliseconds: day },
};

const windows: Readonly<Record<UptimeWindow, number>> = { "24h": day, "7d": 7 * day, "30d": 30 * day };

/** How long ago the simulated life began. */
const simulatedMilliseconds = 90 * day;

/** What a simulated check has lived through; those of which nothing else is said have always been healthy. */
export type Life = "healthy" | "flapping" | "down" | "degraded" | "maintenance" | "new";

interface Stretch {
  readonly state: HistoryState;
  /** Milliseconds before now. */
  readonly from: number;
  readonly to: number;
}

/** When Healthspan did not run, in milliseconds before now: an evening, and two days some weeks ago. */
const gaps: readonly (readonly [number, number])[] = [
  [52 * hour, 47 * hour],
  [41 * day, 39 * day],
];

/** Twenty times in 25 minutes, three hours ago. */
const flaps = Array.from({ length: 20 }, (_, index): Stretch => {
  const from = 3 * hour - index * 75 * second;
  return { state: "unhealthy", from, to: from - 35 * second };
});

/** What was not healthy in each life, the latest last. */
const lives: Readonly<Record<Life, readonly Stretch[]>> = {
  healthy: [],
  flapping: [{ state: "unhealthy", from: 17 * day, to: 17 * day - 20 * minute }, ...flaps],
  down: [
    { state: "unhealthy", from: 64 * day, to: 64 * day - 3 * hour },
    { state: "degraded", from: 9 * day, to: 9 * day - 90 * minute },
    { state: "unhealthy", from: 5 * hour, to: 0 },
  ],
  degraded: [
    { state: "degraded", from: 30 * day, to: 29 * day },
    { state: "degraded", from: 40 * minute, to: 0 },
  ],
  maintenance: [
    { state: "maintenance", from: 28 * day, to: 28 * day - 4 * hour },
    { state: "maintenance", from: 2 * hour, to: 0 },
  ],
  new: [],
};

/** What the failures of an incident said. */
const messages = {
  degraded: "took 812 ms, more than 500 ms",
  unhealthy: "connection refused by 10.0.3.7:6379",
} as const;

/**
 * A history of 90 days that was never lived: the same for the same checks and the same moment. Each check has a run every
 * 15 seconds, slower by day than by night.
 * @param livesByCheck what each check has lived through; one that is not named here is unknown to the history
 * @param now in milliseconds since the epoch
 * @param measures what checks measure, by the name of the check: from 0 to 1000, more by day than by night
 */
export function simulatedHistory(
  livesByCheck: Readonly<Record<string, Life>>,
  now: number,
  measures: Readonly<Record<string, Pick<MeasureHistory, "name" | "unit">>> = {},
): History {
  const lifeOf = new Map(Object.entries(livesByCheck));
  const begin = (life: Life): number => now - (life === "new" ? 20 * minute : simulatedMilliseconds);

  const bucketsOf = (life: Life, name: string, span: HistorySpan): readonly HistoryBucket[] => {
    const { count, milliseconds } = spans[span];
    const end = Math.floor(now / milliseconds + 1) * milliseconds;
    return Array.from({ length: count }, (_, index) => {
      const startsAt = end - (count - index) * milliseconds;
      const seconds = secondsIn(life, Math.max(startsAt, begin(life)), Math.min(startsAt + milliseconds, now), now);
      const known = Object.values(seconds).reduce((sum, each) => sum + each, 0);
      const runs = Math.round(known / 15);
      const failing = seconds.unhealthy + seconds.degraded;
      const p50 = typicalSeconds(name, startsAt);
      return {
        startsAt,
        endsAt: startsAt + milliseconds,
        seconds,
        runs,
        failures: known === 0 ? 0 : Math.ceil((runs * failing) / known),
        p50: runs === 0 ? undefined : p50,
        p95: runs === 0 ? undefined : p50 * 2.2,
      };
    });
  };

  const incidentsOf = (name: string): readonly Incident[] =>
    (lives[lifeOf.get(name) ?? "healthy"] ?? []).flatMap(({ state, from, to }, index): readonly Incident[] => {
      if (state !== "degraded" && state !== "unhealthy") return [];
      const reason = state === "degraded" ? ("threshold" as const) : ("connection_refused" as const);
      const kind = state === "degraded" ? "Warning" : "Unavailable";
      return [
        {
          id: `${name}-${index}`,
          check: name,
          startedAt: now - from,
          endedAt: to === 0 ? undefined : now - to,
          state,
          failure: { kind, message: messages[state], reason },
          traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
        },
      ];
    });

  return {
    uptime(check, window): Uptime | undefined {
      const life = lifeOf.get(check);
      if (life === undefined) return undefined;
      const seconds = secondsIn(life, Math.max(now - windows[window], begin(life)), now, now);
      const availableSeconds = seconds.healthy + seconds.degraded;
      return { availableSeconds, knownSeconds: availableSeconds + seconds.unhealthy };
    },
    incident: (check) =>
      lifeOf.has(check) ? incidentsOf(check).find(({ endedAt }) => endedAt === undefined) : undefined,
    buckets: async (checks, span) =>
      new Map(
        checks.flatMap((name) => {
          const life = lifeOf.get(name);
          return life === undefined ? [] : [[name, bucketsOf(life, name, span)] as const];
        }),
      ),
    measures: async (check, span) => {
      const [measure, life] = [measures[check], lifeOf.get(check)];
      if (measure === undefined || life === undefined) return [];
      const buckets = bucketsOf(life, check, span).map(({ startsAt, endsAt, runs }) => {
        const mean = Math.round(500 + 400 * Math.sin((2 * Math.PI * startsAt) / day));
        return {
          startsAt,
          endsAt,
          values: runs === 0 ? undefined : { minimum: mean - 100, mean, maximum: mean + 100 },
        };
      });
      return [{ ...measure, buckets }];
    },
    incidents: async ({ checks, since = Number.NEGATIVE_INFINITY, before = Number.POSITIVE_INFINITY, limit }) =>
      checks
        .flatMap((name) => (lifeOf.has(name) ? incidentsOf(name) : []))
        .filter(({ startedAt, endedAt = Number.POSITIVE_INFINITY }) => endedAt >= since && startedAt < before)
        .toSorted((a, b) => b.startedAt - a.startedAt)
        .slice(0, limit),
  };
}

/** How long a life was in each state between two moments; nothing of the time in which Healthspan did not run. */
function secondsIn(life: Life, from: number, to: number, now: number): Record<HistoryState, number> {
  const seconds = { healthy: 0, degraded: 0, unhealthy: 0, unknown: 0, skipped: 0, maintenance: 0 };
  const within = (a: number, b: number): number => Math.max(0, Math.min(to, b) - Math.max(from, a)) / second;
  let healthy = within(from, to);
  for (const [start, end] of gaps) healthy -= within(now - start, now - end);
  for (const stretch of lives[life]) {
    const spent = within(now - stretch.from, now - stretch.to);
    seconds[stretch.state] += spent;
    healthy -= spent;
  }
  seconds.healthy = Math.max(0, healthy);
  return seconds;
}

/** How long a run of a check usually takes at that time of the day. */
function typicalSeconds(name: string, at: number): number {
  let seed = 7;
  for (const character of name) seed = (seed * 31 + (character.codePointAt(0) ?? 0)) % 9973;
  const wave = 1 + 0.35 * Math.sin((2 * Math.PI * at) / day + seed);
  const ripple = 1 + 0.1 * Math.sin(at / (37 * minute) + seed);
  return (0.004 + (seed % 97) / 1500) * wave * ripple;
}
