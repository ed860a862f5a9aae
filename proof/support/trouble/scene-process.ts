import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { memoryMegabytes } from "../../../bench/support/process-use.ts";
import { quantile } from "../../../bench/support/quantile.ts";
import { serve } from "../../../bench/support/serve.ts";
import { startTarget, untilAllAreAskedFor } from "../../../bench/support/target.ts";
import { startDnsServer } from "../../../test/support/throw-away-dns-server.ts";
import { Asker } from "../asker.ts";
import { mountHung } from "./hung-mounts.ts";
import type { TroubleMeasurement, TroubleOptions } from "./trouble-measurement.ts";

/**
 * The scene, in a network and mount namespace of its own: a name server that leaves some names without an answer, file systems
 * that hang, a target, and Healthspan. Its argument is the options as JSON; it sends its parent what it measured.
 */

const scrapeEverySeconds = 0.25;

const options = JSON.parse(process.argv[2] ?? "{}") as TroubleOptions; // By the parent.
const folder = await mkdtemp(join(tmpdir(), "healthspan-trouble-"));
try {
  process.send?.(await measure());
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.disconnect?.();

async function measure(): Promise<TroubleMeasurement> {
  const { healthy, names, mounts, intervalSeconds, seconds, command } = options;
  execFileSync("ip", ["link", "set", "lo", "up"]);
  await replace("/etc/resolv.conf", "nameserver 127.0.0.1\n");
  await replace("/etc/hosts", "127.0.0.1 localhost\n");
  const loopback = Buffer.from([127, 0, 0, 1]);
  const answer = (name: string, type: string) => {
    if (name.startsWith("silent")) return undefined;
    return type === "A" ? [loopback] : [];
  };
  await using _names = await startDnsServer(answer, 53);
  using hung = mountHung(folder, mounts);
  await using target = await startTarget();
  const { port } = new URL(target.url);
  const lines = [
    ...Array.from(
      { length: healthy },
      (_, at) => `good-${at}: { type: http, url: "http://good-${at}.test:${port}/g${at}" }`,
    ),
    ...Array.from(
      { length: names },
      (_, at) => `name-${at}: { type: http, url: "http://silent-${at}.test:${port}/s${at}" }`,
    ),
    ...hung.paths.map((path, at) => `mount-${at}: { type: disk, path: ${path} }`),
  ];
  const defaults = `{ interval: ${intervalSeconds}s, timeout: ${0.8 * intervalSeconds}s }`;
  await using server = await serve({
    command,
    configuration: `defaults: ${defaults}\nchecks:\n${lines.map((line) => `  ${line}\n`).join("")}`,
  });
  await untilAllAreAskedFor(target, healthy, intervalSeconds);
  await wait(2 * intervalSeconds * 1000); // Until the trouble is at its worst: each of the others has been given up once.

  const asker = new Asker(server.url);
  const before = failedRuns((await asker.ask("/metrics")).body);
  await target.forget();
  const startedAt = performance.now();
  const scrapes: number[] = [];
  let refused = 0;
  // Half an interval more: every check that keeps its interval runs as often as that fits, wherever it began.
  const intervals = Math.floor(seconds / intervalSeconds);
  const endAt = startedAt + (intervals + 0.5) * intervalSeconds * 1000;
  while (performance.now() < endAt) {
    const { status, milliseconds } = await asker.ask("/metrics");
    scrapes.push(milliseconds);
    if (status !== 200) refused += 1;
    await wait(Math.max(0, Math.min(scrapeEverySeconds * 1000 - milliseconds, endAt - performance.now())));
  }
  const arrivals = await target.read();
  const failed = failedRuns((await asker.ask("/metrics")).body) - before;
  const memory = await memoryMegabytes(server.pid);
  const report = JSON.parse((await asker.ask("/health/?format=health")).body) as HealthJson; // As that format has it.
  asker.close();
  const stopAt = performance.now();
  const exitCode = await server.stop();
  const of = (kind: string) =>
    Object.entries(report.checks).flatMap(([name, [one]]) => (name.startsWith(kind) && one ? [one] : []));
  return {
    intervals,
    leastRuns: arrivals.leastOfOnePath,
    paths: arrivals.paths,
    longestGapIntervals: arrivals.longestGapMilliseconds / 1000 / intervalSeconds,
    failedRuns: failed,
    changes: of("good").reduce((sum, { transitions }) => sum + transitions.length - 1, 0),
    unwell: Object.entries(report.checks).flatMap(([name, [one]]) => {
      if (!name.startsWith("good") || one === undefined || one.transitions.length < 2) return [];
      return [`${name}: ${one.transitions.map(({ to, output = "" }) => `${to} ${output}`.trim()).join(", ")}`];
    }),
    passingNames: of("name").filter(({ state }) => state === "healthy").length,
    passingMounts: of("mount").filter(({ state }) => state === "healthy").length,
    scrapes: scrapes.length,
    refusedScrapes: refused,
    scrapeMedianMilliseconds: quantile(scrapes, 0.5),
    scrape99Milliseconds: quantile(scrapes, 0.99),
    scrapeLongestMilliseconds: Math.max(...scrapes),
    memoryMegabytes: memory.now,
    stopSeconds: (performance.now() - stopAt) / 1000,
    exitCode,
  };
}

interface Change {
  readonly to: string;
  readonly output?: string;
}

interface HealthJson {
  readonly checks: Readonly<
    Record<string, readonly { readonly state: string; readonly transitions: readonly Change[] }[]>
  >;
}

/** How many runs of the healthy checks have failed. */
function failedRuns(metrics: string): number {
  const series = /^health_check_duration_seconds_count\{check="good-[^}]*error_type="[^}]*\} (\d+)$/gm;
  return [...metrics.matchAll(series)].reduce((sum, [, count]) => sum + Number(count), 0);
}

/** Puts a file in the place of one of the system's, in this namespace alone. */
async function replace(path: string, content: string): Promise<void> {
  const file = join(folder, path.replaceAll("/", "-"));
  await writeFile(file, content);
  execFileSync("mount", ["--bind", file, path]);
}
