import { setTimeout as wait } from "node:timers/promises";
import { buildPackage } from "../bench/support/built-package.ts";
import { httpChecks } from "../bench/support/http-checks.ts";
import { putUnderLoad } from "../bench/support/load.ts";
import { fewestOpenFiles, memoryMegabytes } from "../bench/support/process-use.ts";
import { serve } from "../bench/support/serve.ts";
import { startTarget, untilAllAreAskedFor } from "../bench/support/target.ts";
import { Asker } from "./support/asker.ts";
import type { Finding } from "./support/finding.ts";
import { liveHeapMegabytes, liveHeapOptions } from "./support/live-heap.ts";
import type { Results, Section } from "./support/write-results.ts";

export interface FloodOptions {
  readonly checks: number;
  readonly intervalSeconds: number;
  readonly connections: number;
  readonly seconds: number;
  readonly format: string;
  readonly command?: string | undefined;
}

/** Long enough to contain a moment with few runs in progress. */
const quietMilliseconds = 1000;

/**
 * Many clients ask for `/health/` as fast as they are answered while checks run: no check runs more often, none is
 * reported down because of it, and the memory that it took is released.
 */
export async function flood(options: FloodOptions): Promise<readonly Finding[]> {
  const { checks, intervalSeconds, connections, seconds, format, command } = options;
  await using target = await startTarget();
  await using server = await serve({
    command,
    configuration: httpChecks(checks, target.url, { interval: `${intervalSeconds}s`, timeout: "5s" }),
    nodeOptions: liveHeapOptions,
  });
  const asker = new Asker(server.url);
  await untilAllAreAskedFor(target, checks, intervalSeconds);
  const filesBefore = await fewestOpenFiles(server.pid, quietMilliseconds);
  // The same load once before, so that what remains is not what a first load leaves in every Node program.
  const port = Number(new URL(server.url).port);
  const ask = (milliseconds: number) => putUnderLoad(port, `/health/?format=${format}`, { connections, milliseconds });
  await ask(1000 * Math.min(5, seconds));
  await wait(intervalSeconds * 1000);
  const heapBefore = await liveHeapMegabytes(server);
  const memoryBefore = (await memoryMegabytes(server.pid)).now;
  await target.forget();

  const outcome = await ask(1000 * seconds);
  const lasted = outcome.seconds;
  const arrivals = await target.read();
  const memoryInFlood = (await memoryMegabytes(server.pid)).now;
  await wait(intervalSeconds * 1000);
  const heapAfter = await liveHeapMegabytes(server);
  const memoryAfter = (await memoryMegabytes(server.pid)).now;
  const filesAfter = await fewestOpenFiles(server.pid, quietMilliseconds);
  const report = JSON.parse((await asker.ask("/health/?format=health")).body) as HealthJson; // As that format has it.
  asker.close();
  const transitions = Object.values(report.checks).map(([check]) => check?.transitions.length ?? 0);
  const exitCode = await server.stop();

  const planned = (checks * lasted) / intervalSeconds;
  const notPassing = outcome.answers - (outcome.byStatus["200"] ?? 0);
  return [
    { name: "Requests answered per second", value: outcome.answers / lasted, unit: "" },
    { name: "Answers that were not 200", value: notPassing, unit: "", bound: { atMost: 0 } },
    { name: "Time of an answer, median", value: outcome.medianMilliseconds, unit: "ms" },
    { name: "Time of an answer, 99th percentile", value: outcome.p99Milliseconds, unit: "ms" },
    {
      name: "Runs, as a share of those scheduled",
      value: arrivals.requests / planned,
      unit: "",
      bound: { atMost: 1.1 },
    },
    { name: "… and at least", value: arrivals.requests / planned, unit: "", bound: { atLeast: 0.8 } },
    {
      name: "Runs of the check that ran most often",
      value: arrivals.maxOfOnePath,
      unit: "",
      bound: { atMost: Math.ceil(lasted / (0.9 * intervalSeconds)) + 1 },
    },
    {
      name: "Shortest time between two runs of one check, in intervals",
      value: arrivals.shortestGapMilliseconds / 1000 / intervalSeconds,
      unit: "",
    },
    {
      name: "Changes of state beyond the first of each check",
      value: transitions.reduce((sum, count) => sum + count - 1, 0),
      unit: "",
      bound: { atMost: 0 },
    },
    { name: "Memory in use before, with buffers, without garbage", value: heapBefore, unit: "MB" },
    {
      name: "Memory in use an interval afterwards, with buffers, without garbage",
      value: heapAfter,
      unit: "MB",
      bound: { atMost: heapBefore + 5 },
    },
    { name: "Resident memory before", value: memoryBefore, unit: "MB" },
    {
      name: "Resident memory during the flood",
      value: memoryInFlood,
      unit: "MB",
      bound: { atMost: memoryBefore + 200 },
    },
    {
      // V8 keeps some of the memory that garbage took.
      name: "Resident memory an interval afterwards",
      value: memoryAfter,
      unit: "MB",
      bound: { atMost: memoryBefore + 100 },
    },
    {
      name: "Open files and sockets afterwards, over those before the flood",
      value: filesAfter - filesBefore,
      unit: "",
      bound: { atMost: 2 },
    },
    { name: "Exit code", value: exitCode ?? -1, unit: "", bound: { atMost: 0 } },
  ];
}

interface HealthJson {
  readonly checks: Readonly<Record<string, readonly { readonly transitions: readonly unknown[] }[]>>;
}

/** The whole proof. */
export async function prove(): Promise<Results> {
  await using built = await buildPackage();
  const { command } = built;
  const sections: Section[] = [];
  for (const format of ["json", "html"]) {
    const findings = await flood({ checks: 1000, intervalSeconds: 5, connections: 500, seconds: 30, format, command });
    sections.push({ title: `/health/?format=${format}`, findings });
  }
  return {
    name: "flood",
    title: "Flood",
    description:
      "500 connections ask for `/health/` as fast as they are answered for 30 s, while 1,000 HTTP checks run every 5 s\nagainst a local server. The clients and that server share the machine's cores with Healthspan.",
    sections,
  };
}
