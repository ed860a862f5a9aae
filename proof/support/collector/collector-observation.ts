import { setTimeout as wait } from "node:timers/promises";
import { httpChecks } from "../../../bench/support/http-checks.ts";
import { memoryMegabytes } from "../../../bench/support/process-use.ts";
import { type LogLine, type Served, serve } from "../../../bench/support/serve.ts";
import { startTarget, untilAllAreAskedFor } from "../../../bench/support/target.ts";
import { type Answer, Asker } from "../asker.ts";
import { startFlippingTarget } from "../flipping-target.ts";
import { liveHeapMegabytes, liveHeapOptions } from "../live-heap.ts";
import { type Collector, type CollectorBehaviour, type Signal, signals, startCollector } from "./collector.ts";

export interface CollectorOptions {
  readonly checks: number;
  readonly intervalSeconds: number;
  /** How long the collector behaves in its way before it accepts what is pushed. */
  readonly seconds: number;
  readonly command?: string | undefined;
  /** Awaited before anything is measured: resolves when everything that shares the machine has started. */
  readonly othersToStart?: () => Promise<void>;
}

/** What a server did while its collector behaved in one way. */
export interface CollectorObservation {
  readonly behaviour: CollectorBehaviour;
  /** Runs, as a share of those scheduled. */
  readonly runsShare: number;
  readonly answers: readonly Answer[];
  /** Changes of state beyond each check's first, without those of the check that is made to change. */
  readonly changes: number;
  /** When every queue is full, and at the end, while the collector still fails. */
  readonly liveMegabytes: { readonly full: number; readonly end: number };
  readonly residentMegabytes: { readonly start: number; readonly end: number };
  /** How many lines of the log say of each signal that it does not arrive, and that it arrives again. */
  readonly logged: Readonly<Record<Signal, { readonly failing: number; readonly again: number }>>;
  /** Other warnings and errors in the log. */
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

/** How long it may take until the log says something of the collector: a push that times out, and some time more. */
const maxSecondsUntilLogged = 10;

/** How many more pushes of each signal are awaited, in which the log would show that it flaps. */
const furtherPushes = 2;

/** Lets a server push its telemetry to a collector that behaves in one way, and then accepts everything. */
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
  // Each change of state is a line of the log, so there are always log records to push.
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

    if (behaviour !== "accepts") await recover(collector, server);
    return {
      behaviour,
      runsShare: (requests * intervalSeconds) / (checks * lasted),
      answers,
      changes: await changesOf(server),
      liveMegabytes: { full, end },
      residentMegabytes: { start: residentStart, end: residentEnd },
      logged: loggedOf(server.log),
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

/** Makes the collector healthy, and waits until the log has said so for every signal, and could have said the opposite. */
async function recover(collector: Collector, server: Served): Promise<void> {
  await collector.become("accepts");
  await within(maxSecondsUntilLogged, () => Object.values(loggedOf(server.log)).every(({ again }) => again > 0));
  const before = { ...collector.pushes };
  await within(maxSecondsUntilLogged, () =>
    signals.every((signal) => collector.pushes[signal] >= before[signal] + furtherPushes),
  );
}

async function within(seconds: number, isDone: () => boolean): Promise<void> {
  const endsAt = performance.now() + seconds * 1000;
  while (!isDone() && performance.now() < endsAt) await wait(100);
}

function loggedOf(log: readonly LogLine[]): CollectorObservation["logged"] {
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
