import { setTimeout as wait } from "node:timers/promises";
import { buildPackage } from "../bench/support/built-package.ts";
import { cpuSeconds, memoryMegabytes } from "../bench/support/process-use.ts";
import { type Served, serve } from "../bench/support/serve.ts";
import { startTarget, untilAllAreAskedFor } from "../bench/support/target.ts";
import type { Arrivals } from "../bench/support/target-process.ts";
import { startRedis } from "../test/support/redis-server.ts";
import type { Finding } from "./support/finding.ts";
import { measureSharing } from "./support/fleet-size/record-use.ts";
import type { ProofOptions, Results } from "./support/write-results.ts";

const intervalSeconds = 15;
const sharedRecords = 100_000;
const heldChecks = 30_000;
const replicaCount = 3;

export const hasShortForm = true;

/** The whole proof. */
export async function prove({ seconds }: ProofOptions = {}): Promise<Results> {
  const long = seconds ?? 60;
  await using built = await buildPackage();
  const sharing = await measureSharing(sharedRecords, intervalSeconds, long);
  const alone = await measureReplicas(1, built.command, seconds ?? 4 * intervalSeconds);
  const together = await measureReplicas(replicaCount, built.command, seconds ?? 4 * intervalSeconds);
  return {
    name: "fleet-size",
    title: "The size of a fleet",
    description: [
      `What ${sharedRecords.toLocaleString("en")} checks find every ${intervalSeconds} s, written by one process and read by another as a replica reads it;`,
      `then ${heldChecks.toLocaleString("en")} HTTP checks every ${intervalSeconds} s, by one replica without a fleet and by ${replicaCount} in one.`,
      "Redis, the replicas and the server that is probed share the cores of one machine.",
    ].join("\n"),
    sections: [
      { title: `${sharedRecords.toLocaleString("en")} records`, findings: sharingFindings(sharing) },
      { title: `${heldChecks.toLocaleString("en")} checks`, findings: replicaFindings(alone, together) },
    ],
  };
}

function sharingFindings(cost: Awaited<ReturnType<typeof measureSharing>>): readonly Finding[] {
  const planned = sharedRecords / intervalSeconds;
  return [
    { name: "records read a second", value: cost.recordsPerSecond, unit: "", bound: { atLeast: 0.98 * planned } },
    { name: "Redis", value: cost.redisCores, unit: "cores", bound: { atMost: 0.2 } },
    { name: "a replica that reads", value: cost.readerCores, unit: "cores", bound: { atMost: 0.15 } },
    { name: "writing a record", value: cost.writerMicroseconds, unit: "µs" },
    { name: "the mirror", value: cost.mirrorMegabytes, unit: "MB", bound: { atMost: 80 } },
    { name: "reading all records at the start", value: cost.loadMilliseconds, unit: "ms", bound: { atMost: 2000 } },
    { name: "longest time from a commit to the mirror", value: cost.lagMilliseconds, unit: "ms" },
    { name: "memory of Redis", value: cost.redisMegabytes, unit: "MB" },
  ];
}

/** What a number of replicas cost together. */
interface ReplicasCost {
  readonly cores: number;
  readonly memoryMegabytes: number;
  readonly seconds: number;
  readonly arrivals: Arrivals;
}

function replicaFindings(alone: ReplicasCost, together: ReplicasCost): readonly Finding[] {
  const planned = (heldChecks * together.seconds) / intervalSeconds;
  const { arrivals } = together;
  return [
    {
      name: "runs, as a share of those that were due",
      value: arrivals.requests / planned,
      unit: "",
      bound: { atLeast: 0.99 },
    },
    { name: "checks that did not run", value: heldChecks - arrivals.paths, unit: "", bound: { exactly: 0 } },
    {
      name: "shortest time between two runs of a check",
      value: arrivals.shortestGapMilliseconds / 1000,
      unit: "s",
      bound: { atLeast: intervalSeconds / 2 },
    },
    {
      name: "longest time between two runs of a check",
      value: arrivals.longestGapMilliseconds / 1000,
      unit: "s",
      bound: { atMost: 1.5 * intervalSeconds },
    },
    { name: "one replica without a fleet", value: alone.cores, unit: "cores" },
    { name: "three replicas in a fleet, together", value: together.cores, unit: "cores" },
    {
      name: "processor time of the three, as a multiple of the one",
      value: together.cores / alone.cores,
      unit: "",
      bound: { atMost: 1.25 },
    },
    { name: "memory of the one", value: alone.memoryMegabytes, unit: "MB" },
    { name: "memory of each of the three", value: together.memoryMegabytes / replicaCount, unit: "MB" },
  ];
}

/** Lets replicas run the checks, one of them without a fleet. */
async function measureReplicas(count: number, command: string, seconds: number): Promise<ReplicasCost> {
  await using target = await startTarget();
  await using redis = await startRedis();
  await using replicas = new AsyncDisposableStack();
  const fleet = count === 1 ? "" : `fleet: { redis: "redis://127.0.0.1:${redis.port}", name: proof }\n`;
  const checks = Array.from(
    { length: heldChecks },
    (_, index) => `  c${index}: { type: http, url: "${target.url}/c${index}" }\n`,
  );
  const configuration = `service: { name: proof }\n${fleet}defaults: { interval: ${intervalSeconds}s, timeout: 5s }\nchecks:\n${checks.join("")}`;
  const served: Served[] = [];
  for (let index = 0; index < count; index += 1) served.push(replicas.use(await serve({ command, configuration })));
  await untilAllAreAskedFor(target, heldChecks, intervalSeconds);
  await wait(2 * intervalSeconds * 1000); // Until each check is at its place.
  await target.forget();
  const before = await used(served);
  const startedAt = performance.now();
  await wait(seconds * 1000);
  const took = (performance.now() - startedAt) / 1000;
  const [arrivals, after] = [await target.read(), await used(served)];
  const memory = await Promise.all(served.map(async ({ pid }) => (await memoryMegabytes(pid)).now));
  for (const server of served) await server.stop();
  return {
    cores: (after - before) / took,
    memoryMegabytes: memory.reduce((sum, one) => sum + one, 0),
    seconds: took,
    arrivals,
  };
}

async function used(served: readonly Served[]): Promise<number> {
  const seconds = await Promise.all(served.map(({ pid }) => cpuSeconds(pid)));
  return seconds.reduce((sum, one) => sum + one, 0);
}
