import { setTimeout as wait } from "node:timers/promises";
import { Asker, quantile } from "./support/asker.ts";
import { buildPackage } from "./support/built-package.ts";
import { type Collector, type CollectorBehaviour, startCollector } from "./support/collector.ts";
import type { Finding } from "./support/finding.ts";
import { memoryMegabytes } from "./support/process-use.ts";
import { httpChecks, type LogLine, type Served, serve } from "./support/served.ts";
import { startTarget, untilAllAreAskedFor } from "./support/target.ts";
import type { Results, Section } from "./support/write-results.ts";

export interface CollectorOptions {
  readonly checks: number;
  readonly intervalSeconds: number;
  /** For how long the collector behaves as told, before it takes what is pushed. */
  readonly seconds: number;
  readonly command?: string | undefined;
}

/** How often the server pushes, and how long it waits for an answer. */
const push = {
  OTEL_METRIC_EXPORT_INTERVAL: "1000",
  OTEL_BSP_SCHEDULE_DELAY: "500",
  OTEL_EXPORTER_OTLP_TIMEOUT: "2000",
} as const;

/** What is heard of the collector: a push that takes its time-out, and then some. */
const longestUntilHeardSeconds = 10;

/**
 * Lets a server push its telemetry to a collector that fails all the time, then to the same one when it is well: what
 * the server is for goes on as ever, and the log says once that it fails, and once that it is well.
 */
export async function withCollector(behaviour: CollectorBehaviour, options: CollectorOptions): Promise<Finding[]> {
  const { checks, intervalSeconds, seconds, command } = options;
  await using target = await startTarget();
  await using collector = await startCollector(behaviour);
  await using server = await serve({
    command,
    configuration: httpChecks(checks, target.url, { interval: `${intervalSeconds}s`, timeout: "5s" }),
    environment: { ...push, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
  });
  await untilAllAreAskedFor(target, checks, intervalSeconds);
  const memoryBefore = (await memoryMegabytes(server.pid)).now;
  await target.forget();
  const startedAt = performance.now();
  const answers = await askFor(server, seconds);
  const lasted = (performance.now() - startedAt) / 1000;
  const { requests } = await target.read();
  const memoryAfter = (await memoryMegabytes(server.pid)).now;

  const fails = behaviour !== "takes";
  if (fails) await recover(collector, server);
  const lines = complaints(server.log);
  const report = await healthOf(server);
  const exitCode = await server.stop();
  const times = answers.map(({ milliseconds }) => milliseconds);
  const each = fails ? 1 : 0;
  const exactly = (name: string, value: number): Finding[] => [
    { name, value, unit: "", bound: { atMost: each } },
    ...(fails ? [{ name: `${name}, and at least`, value, unit: "", bound: { atLeast: each } }] : []),
  ];
  return [
    {
      name: "Runs, as a share of those that the interval asks for",
      value: (requests * intervalSeconds) / (checks * lasted),
      unit: "",
      bound: { atLeast: 0.85 },
    },
    {
      name: "Answers that were not 200",
      value: answers.filter(({ status }) => status !== 200).length,
      unit: "",
      bound: { atMost: 0 },
    },
    { name: "Time of an answer, median", value: quantile(times, 0.5), unit: "ms" },
    { name: "Time of an answer, 99th percentile", value: quantile(times, 0.99), unit: "ms" },
    { name: "Changes of state beyond the first of each check", value: report.changes, unit: "", bound: { atMost: 0 } },
    { name: "Resident memory at the beginning", value: memoryBefore, unit: "MB" },
    { name: "Resident memory at the end", value: memoryAfter, unit: "MB", bound: { atMost: memoryBefore + 150 } },
    ...exactly("Log lines that say that traces do not arrive", lines.traces.failing),
    ...exactly("Log lines that say that traces arrive again", lines.traces.again),
    ...exactly("Log lines that say that metrics do not arrive", lines.metrics.failing),
    ...exactly("Log lines that say that metrics arrive again", lines.metrics.again),
    // Logs are pushed when there are any: after the start, perhaps never again.
    {
      name: "Log lines that say that logs do not arrive",
      value: lines.logs.failing,
      unit: "",
      bound: { atMost: each },
    },
    {
      name: ["Other lines of warnings or errors", ...new Set(lines.others)].join(": "),
      value: lines.others.length,
      unit: "",
      bound: { atMost: 0 },
    },
    { name: "Exit code", value: exitCode ?? -1, unit: "", bound: { atMost: 0 } },
  ];
}

async function askFor(server: Served, seconds: number) {
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

/** Makes the collector well, and waits until the log has said so of both signals. */
async function recover(collector: Collector, server: Served): Promise<void> {
  await collector.become("takes");
  const endsAt = performance.now() + longestUntilHeardSeconds * 1000;
  const isHeard = (): boolean => {
    const { traces, metrics } = complaints(server.log);
    return traces.again > 0 && metrics.again > 0;
  };
  while (!isHeard() && performance.now() < endsAt) await wait(100);
}

function complaints(log: readonly LogLine[]) {
  const failing = (signal: string) => log.filter(({ msg }) => msg.startsWith(`${signal} cannot be pushed`));
  const again = (signal: string) => log.filter(({ msg }) => /pushed .* again$/.test(msg) && msg.startsWith(signal));
  const of = (signal: string) => ({ failing: failing(signal).length, again: again(signal).length });
  const [traces, metrics, logs] = [of("traces"), of("metrics"), of("logs")];
  const others = log
    .filter(({ level, msg }) => level !== "info" && !/^(traces|metrics|logs) cannot be pushed/.test(msg))
    .map(({ msg }) => msg);
  return { traces, metrics, logs, others };
}

async function healthOf(server: Served): Promise<{ readonly changes: number }> {
  const asker = new Asker(server.url);
  const { body } = await asker.ask("/health/?format=health");
  asker.close();
  const { checks } = JSON.parse(body) as HealthJson; // As that format has it.
  const transitions = Object.values(checks).map(([check]) => check?.transitions.length ?? 0);
  return { changes: transitions.reduce((sum, count) => sum + count - 1, 0) };
}

interface HealthJson {
  readonly checks: Readonly<Record<string, readonly { readonly transitions: readonly unknown[] }[]>>;
}

const titles = {
  takes: "A collector that is well, to compare",
  refuses: "A collector that is down",
  "is silent": "A collector that never answers",
  drips: "A collector that answers a byte at a time",
  "answers 500": "A collector that answers 500",
  "asks to wait": "A collector that asks to be asked again later",
} as const satisfies Record<CollectorBehaviour, string>;

/** The whole proof. */
export async function prove(): Promise<Results> {
  await using built = await buildPackage();
  const sections: Section[] = [];
  for (const [behaviour, title] of Object.entries(titles)) {
    // The keys of `titles` are the behaviours.
    const findings = await withCollector(behaviour as CollectorBehaviour, {
      checks: 500,
      intervalSeconds: 2,
      seconds: 30,
      command: built.command,
    });
    sections.push({ title, findings });
  }
  return {
    name: "collector",
    title: "A collector that fails for the whole run",
    description:
      "500 HTTP checks run every 2 s for 30 s while traces and metrics are pushed to a collector that fails all the time; then\nit is made well. A signal (traces, metrics) can have a collector of its own, so each has its own two lines in the log.",
    sections,
  };
}
