import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { buildPackage } from "./support/built-package.ts";
import type { Figure } from "./support/figure.ts";
import { runsByCheck } from "./support/metric-text.ts";
import { memoryMegabytes } from "./support/process-use.ts";
import { serve } from "./support/serve.ts";
import { emptyServer, startServer } from "./support/server-process.ts";
import { verifyBetween, verifyEqual } from "./support/verify.ts";

const maxMegabytes = 130;

const counts = { http: 50, tcp: 30, disk: 20 };
const checkCount = counts.http + counts.tcp + counts.disk;

/** Long enough for the garbage of the start to be collected. */
const restMilliseconds = 60_000;
const intervalMilliseconds = 15_000;

/** Every check runs once in each interval, and the interval at the end may have begun only just now. */
const fewestRuns = restMilliseconds / intervalMilliseconds;
const mostRuns = fewestRuns + 2;

/** The memory of a server that has run 100 checks for a minute. */
export async function benchMemory(): Promise<Figure[]> {
  const target = createServer((_request, response) => response.end("ok")).listen(0, "127.0.0.1");
  await once(target, "listening");
  const { port } = target.address() as AddressInfo; // It listens on TCP.
  await using built = await buildPackage();
  await using empty = await startServer(emptyServer, "/");
  await using ours = await serve({ command: built.command, configuration: configuration(port) });
  for (const path of ["/health/", "/health/?format=json", "/metrics"]) await read(`${ours.url}${path}`);
  await wait(restMilliseconds);
  const value = (await memoryMegabytes(ours.pid)).now;
  const emptyMegabytes = (await memoryMegabytes(empty.pid)).now;
  const states = Object.values(JSON.parse(await read(`${ours.url}/health/?format=json`)));
  verifyEqual("checks and their states", states, Array(checkCount).fill("working"));
  const runs = runsByCheck(await read(`${ours.url}/metrics`));
  verifyEqual("checks that have run", runs.size, checkCount);
  for (const [check, count] of runs) verifyBetween(`runs of ${check}`, count, fewestRuns, mostRuns);
  target.closeAllConnections();
  target.close();
  return [
    {
      name: `Memory of a resting server with ${checkCount} checks`,
      value,
      unit: "MB",
      yardstick: "its limit",
      yardstickValue: maxMegabytes,
      ratio: value / maxMegabytes,
      bound: 1,
      boundIs: "at most",
      note: `an empty node:http server has ${emptyMegabytes.toFixed(0)} MB`,
      whenMissed:
        "the thread that keeps the history, with its own heap, is about 20 MB, the code that Node.js keeps compiled for the next start 4 MB",
    },
  ];
}

/** @throws Error for an answer that is not 200 */
async function read(url: string): Promise<string> {
  const answer = await fetch(url);
  verifyEqual(`the status of ${url}`, answer.status, 200);
  return answer.text();
}

function configuration(port: number): string {
  const of = (type: keyof typeof counts, options: string): string =>
    Array.from({ length: counts[type] }, (_, index) => `  ${type}-${index}: { type: ${type}, ${options} }\n`).join("");
  return [
    `defaults: { interval: ${intervalMilliseconds}ms }\nchecks:\n`,
    of("http", `url: "http://127.0.0.1:${port}/"`),
    of("tcp", `host: 127.0.0.1, port: ${port}`),
    of("disk", "maxUsage: 100%"),
  ].join("");
}
