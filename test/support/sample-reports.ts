import type { Reason } from "../../src/health/errors.ts";
import type { Failure } from "../../src/health/failure.ts";
import type { MeasuredValue } from "../../src/health/measure.ts";
import {
  type CheckReport,
  type DurationDistribution,
  makeReport,
  type Report,
  type Transition,
} from "../../src/health/report.ts";
import type { State } from "../../src/health/state.ts";

/** When the sample reports are made: in all of them the process has been up for a day. */
export const sampleTime = Date.UTC(2026, 2, 14, 15, 9, 26, 535);

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const startedAt = sampleTime - 24 * hour;
const bounds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

const failures = {
  degraded: { kind: "Warning", message: "93.1 % of / is in use", reason: "threshold" },
  unhealthy: { kind: "Unavailable", message: "connection refused by 10.0.3.7:6379", reason: "connection_refused" },
  unknown: { kind: "Unknown", message: "the last result is too old to be trusted", reason: "unknown" },
  skipped: { kind: "Skipped", message: "cache is unhealthy", reason: "dependency" },
} as const satisfies Record<Exclude<State, "healthy">, Failure>;

/** How a sample check differs from a healthy one. */
export interface SampleCheck {
  readonly type?: string;
  readonly state?: State;
  readonly message?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** How long its state has lasted, in milliseconds. */
  readonly lasting?: number;
  readonly durationSeconds?: number;
  readonly hasRun?: boolean;
  readonly measures?: readonly MeasuredValue[];
  readonly group?: readonly string[];
  readonly tags?: readonly string[];
  /** The title of the maintenance that it is in. */
  readonly maintenance?: string;
  readonly intervalMilliseconds?: number;
}

/** A check that has run every 15 seconds since the process started, healthy until it came into its state. */
export function sampleCheck(name: string, options: SampleCheck = {}): CheckReport {
  const { type = "http", state = "healthy", labels = {}, durationSeconds = 0.0123, hasRun = true } = options;
  const lasting = options.lasting ?? (state === "healthy" ? 24 * hour : 7 * minute);
  const since = sampleTime - lasting;
  const failure = state === "healthy" ? undefined : { ...failures[state], ...messageOf(options) };
  const lastRunAt = sampleTime - 4 * second;
  const failed = state !== "healthy" && hasRun;
  return {
    check: { name, type, labels, group: options.group, tags: options.tags },
    state,
    failure,
    since,
    lastRun: hasRun
      ? { startedAt: lastRunAt, durationSeconds, traceId: "4bf92f3577b34da6a3ce929d0e0e4736" }
      : undefined,
    lastSuccessAt: hasRun ? (failed ? since - 15 * second : lastRunAt + durationSeconds * second) : undefined,
    consecutiveFailures:
      hasRun && (state === "degraded" || state === "unhealthy") ? Math.max(1, Math.round(lasting / (15 * second))) : 0,
    measures: options.measures,
    intervalMilliseconds: options.intervalMilliseconds,
    maintenance: maintenanceOf(options),
    transitions: hasRun ? transitionsTo(state, since, failure) : [],
    durations: new Map<Reason | undefined, DurationDistribution>([
      [undefined, distribution(hasRun ? 5000 : 0, durationSeconds)],
      ...(failed && failure !== undefined ? [[failure.reason, distribution(28, 2.2)] as const] : []),
    ]),
  };
}

function maintenanceOf({ maintenance }: SampleCheck): CheckReport["maintenance"] {
  if (maintenance === undefined) return undefined;
  return { id: "m", title: maintenance, startsAt: sampleTime - 2 * hour, endsAt: sampleTime + hour };
}

function messageOf({ message }: SampleCheck): { readonly message?: string } {
  return message === undefined ? {} : { message };
}

function transitionsTo(state: State, since: number, failure: Failure | undefined): readonly Transition[] {
  const first: Transition = { at: startedAt, from: "unknown", to: "healthy", failure: undefined };
  if (state !== "healthy") return [{ at: since, from: "healthy", to: state, failure }, first];
  if (since === startedAt) return [first];
  const broke: Transition = { at: since - 3 * minute, from: "healthy", to: "unhealthy", failure: failures.unhealthy };
  return [{ at: since, from: "unhealthy", to: "healthy", failure: undefined }, broke, first];
}

function distribution(runs: number, typicalSeconds: number): DurationDistribution {
  const typical = bounds.findIndex((bound) => typicalSeconds <= bound);
  const counts = [...bounds, Number.POSITIVE_INFINITY].map((_, bucket) => {
    if (bucket === typical) return runs - Math.floor(runs / 5) - Math.floor(runs / 20);
    if (bucket === typical + 1) return Math.floor(runs / 5);
    return bucket === typical - 1 ? Math.floor(runs / 20) : 0;
  });
  const count = counts.reduce((sum, each) => sum + each, 0);
  return { bounds, counts, sum: count * typicalSeconds, count, exemplars: counts.map(() => undefined) };
}

/** The report of an endpoint `/health/` of the service `shop`. */
export function sampleReport(
  checks: readonly CheckReport[],
  { path = "/health/", degraded = "fail" as "fail" | "pass", title = "shop", traceUrl = "" } = {},
): Report {
  const endpoint = { path, checks: checks.map(({ check }) => check.name), degraded, failureStatus: 500 as const };
  return makeReport(title, endpoint, checks, sampleTime, traceUrl || undefined);
}

/** A check in each state, and one that recovered some time ago. */
export const everyState: Report = sampleReport(
  [
    sampleCheck("database", { type: "postgres", labels: { host: "db.internal", port: "5432" } }),
    sampleCheck("disk", {
      type: "disk",
      state: "degraded",
      labels: { path: "/" },
      durationSeconds: 0.000312,
      measures: [
        { name: "usage", unit: "%", value: 93.125 },
        { name: "available", unit: "By", value: 5_905_580_032 },
      ],
    }),
    sampleCheck("cache", {
      type: "redis",
      state: "unhealthy",
      labels: { url: "redis://cache:6379/0" },
      durationSeconds: 0.0042,
    }),
    sampleCheck("orders", { state: "skipped", labels: { url: "https://shop.example/api/orders" } }),
    sampleCheck("search", { state: "unknown", labels: { url: "https://search.example/" }, hasRun: false }),
    sampleCheck("payments", { labels: { url: "https://pay.example/" }, lasting: 2 * hour, durationSeconds: 1.24 }),
  ],
  { traceUrl: "https://traces.example/?service=shop&id={traceId}" },
);

/** As many checks as one likes; every 50th is unhealthy. */
export function manyChecks(count: number): Report {
  return sampleReport(
    Array.from({ length: count }, (_, index) =>
      sampleCheck(`check ${index + 1}`, {
        state: index % 50 === 49 ? "unhealthy" : "healthy",
        labels: { url: `https://host-${index + 1}.example/health` },
      }),
    ),
  );
}

/** Texts that break documents which do not escape, each in its own way. */
export const hostileTexts: readonly string[] = [
  `<script>alert(1)</script><img src=x onerror="alert(1)">`,
  `"'><svg/onload=alert(1)>&amp;&lt;&#60;`,
  `]]> and once more ]]> <!-- --> <![CDATA[ ?> <?xml`,
  "nul \u0000 bell \u0007 escape \u001b[31m delete \u007f next line \u0085 not a character \uffff",
  "line\r\nfeed: OK\ttab\u2028separator\u2029paragraph",
  "bidi \u202egnp.exe\u202c isolate \u2067x\u2069 mark \u200f \u061c",
  "lone surrogates \ud800 and \udc00",
  "emoji 👩‍🚀 and ünïcödé – 健康",
  `back\\slash "quotes" {braces} \${template} %s %00 javascript:alert(1)`,
  "__proto__",
  "constructor",
  "x".repeat(5000),
];

/** Every hostile text as name, message, label, type and title. */
export const hostile: Report = sampleReport(
  hostileTexts.map((text, index) =>
    sampleCheck(text, {
      type: text,
      state: index % 2 === 0 ? "unhealthy" : "degraded",
      message: text,
      labels: { [text]: text, plain: text },
      measures: [{ name: "depth", unit: text, value: 1 }],
    }),
  ),
  { title: hostileTexts.slice(0, -1).join(" ") },
);
