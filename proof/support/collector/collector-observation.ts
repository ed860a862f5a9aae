import { setTimeout as wait } from "node:timers/promises";
import { memoryMegabytes } from "../../../bench/support/process-use.ts";
import { type LogLine, type Served, serve } from "../../../bench/support/serve.ts";
import { type Answer, Asker } from "../asker.ts";
import { startFlippingTarget } from "../flipping-target.ts";
import { httpChecks } from "../http-checks.ts";
import { liveHeapMegabytes, liveHeapOptions } from "../live-heap.ts";
import { startTarget, untilAllAreAskedFor } from "../target.ts";
import { type Collector, type CollectorBehaviour, type Signal, signals, startCollector } from "./collector.ts";

export interface CollectorOptions {
  readonly checks: number;
  readonly intervalSeconds: number;
  /** For how long the collector behaves as told, before it takes what is pushed. */
  readonly seconds: number;
  readonly command?: string | undefined;
  /** Is waited for before anything is measured: until others that share the machine have started, too. */
  readonly othersToStart?: () => Promise<void>;
}

/** What a server did while its collector behaved in one way. */
export interface CollectorObservation {
  readonly behaviour: CollectorBehaviour;
  /** Runs, as a share of those that the interval asks for. */
  readonly runsShare: number;
  readonly answers: readonly Answer[];
  /** How often a check changed its state beyond the first time, the one aside that was made to. */
  readonly changes: number;
  /** Once every queue is full, and in the end, while the collector still fails. */
  readonly liveMegabytes: { readonly full: number; readonly end: number };
  readonly residentMegabytes: { readonly start: number; readonly end: number };
  /** How often the log said of each signal that it does not arrive, and that it arrives again. */
  readonly told: Readonly<Record<Signal, { readonly failing: number; readonly again: number }>>;
  /** What else the log warned of. */
  readonly otherWarnings: readonly string[];
  readonly exitCode: number | null;
}

/** How often the server pushes, and how long it waits for an answer. */
const push = {
  OTEL_METRIC_EXPORT_INTERVAL: "1000",
  OTEL_BSP_SCHEDULE_DELAY: "500",
  OTEL_BLRP_SCHEDULE_DELAY: "500",
  OTEL_EXPORTER_OTLP_TIMEOUT: "2000",
} as const;

/** What is heard of the collector: a push that takes its time-out, and then some. */
const longestUntilHeardSeconds = 10;

/** After so many more pushes it would have been seen that the log says one thing, and then the other, again and again. */
const furtherPushes = 2;

/** Lets a server push its telemetry to a collector that behaves in one way, and then takes everything. */
export async function observeCollector(
  behaviour: CollectorBehaviour,
  { checks, intervalSeconds, seconds, command, othersToStart }: CollectorOptions,
): Promise<CollectorObservation> {
  await using target = await startTarget();
  await using flipping = await startFlippingTarget();
  await using collector = await startCollector(behaviour);
  const names = Array.from({ length: checks }, (_, index) => `c${index}`);
  await using server = await serve({
    command,
    configuration: [
      httpChecks(checks, target.url, { interval: `${intervalSeconds}s`, timeout: "5s" }),
      `  flipping: { type: http, url: "${flipping.url}", interval: 500ms }\n`,
      `endpoints:\n  /health/: { checks: [${names.join(", ")}] }\n  /flipping/: { checks: [flipping] }\n`,
    ].join(""),
    environment: { ...push, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
    nodeOptions: liveHeapOptions,
  });
  // Each change of state is a line of the log, so that there are log records to push at any time.
  const flips = setInterval(() => {
    flipping.status = flipping.status === 200 ? 500 : 200;
  }, 1000);
  try {
    await untilAllAreAskedFor(target, checks, intervalSeconds);
    await othersToStart?.();
    const residentStart = (await memoryMegabytes(server.pid)).now;
    await target.forget();
    const startedAt = performance.now();
    const answers = await askFor(server, seconds / 3);
    const full = await liveHeapMegabytes(server);
    answers.push(...(await askFor(server, (2 * seconds) / 3)));
    const lasted = (performance.now() - startedAt) / 1000;
    const { requests } = await target.read();
    const residentEnd = (await memoryMegabytes(server.pid)).now;
    const end = await liveHeapMegabytes(server);

    if (behaviour !== "takes") await recover(collector, server);
    return {
      behaviour,
      runsShare: (requests * intervalSeconds) / (checks * lasted),
      answers,
      changes: await changesOf(server),
      liveMegabytes: { full, end },
      residentMegabytes: { start: residentStart, end: residentEnd },
      told: toldOf(server.log),
      otherWarnings: server.log.filter(isOther).map(({ msg }) => msg),
      exitCode: await server.stop(),
    };
  } finally {
    clearInterval(flips);
  }
}

async function askFor(server: Served, seconds: number): Promise<Answer[]> {
  const asker = new Asker(server.url);
  const answers = [];
  const endsAt = performance.now() + seconds * 1000;
  while (performance.now() < endsAt) {
    answers.push(await asker.ask("/health/?format=json"));
    await wait(50);
  }
  asker.close();
  return answers;
}

/** Makes the collector well, and waits until the log has said so of every signal, and could have taken it back. */
async function recover(collector: Collector, server: Served): Promise<void> {
  await collector.become("takes");
  await within(longestUntilHeardSeconds, () => Object.values(toldOf(server.log)).every(({ again }) => again > 0));
  const before = { ...collector.pushes };
  await within(longestUntilHeardSeconds, () =>
    signals.every((signal) => collector.pushes[signal] >= before[signal] + furtherPushes),
  );
}

async function within(seconds: number, isDone: () => boolean): Promise<void> {
  const endsAt = performance.now() + seconds * 1000;
  while (!isDone() && performance.now() < endsAt) await wait(100);
}

function toldOf(log: readonly LogLine[]): CollectorObservation["told"] {
  const of = (signal: Signal) => ({
    failing: log.filter(({ msg }) => msg.startsWith(`${signal} cannot be pushed`)).length,
    again: log.filter(({ msg }) => msg.startsWith(signal) && /pushed .* again$/.test(msg)).length,
  });
  return { traces: of("traces"), metrics: of("metrics"), logs: of("logs") };
}

function isOther({ level, msg, check }: LogLine): boolean {
  return level !== "info" && check !== "flipping" && !/^(traces|metrics|logs) cannot be pushed/.test(msg);
}

async function changesOf(server: Served): Promise<number> {
  const asker = new Asker(server.url);
  const { body } = await asker.ask("/health/?format=health");
  asker.close();
  const { checks } = JSON.parse(body) as HealthJson; // As that format has it.
  const transitions = Object.values(checks).map(([check]) => check?.transitions.length ?? 0);
  return transitions.reduce((sum, count) => sum + count - 1, 0);
}

interface HealthJson {
  readonly checks: Readonly<Record<string, readonly { readonly transitions: readonly unknown[] }[]>>;
}
