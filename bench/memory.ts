import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { buildPackage } from "./built-package.ts";
import type { Figure } from "./support/figure.ts";
import { emptyServer, residentMegabytes, startServer } from "./support/server-process.ts";

const maxMegabytes = 130;

/** Long enough for four runs of each check, and for the garbage of the start to be collected. */
const restMilliseconds = 60_000;

/** What a server holds that has watched 100 things for a while, and is read now and then. */
export async function benchMemory(): Promise<Figure[]> {
  const target = createServer((_request, response) => response.end("ok")).listen(0, "127.0.0.1");
  await once(target, "listening");
  const { port } = target.address() as AddressInfo; // It listens on TCP.
  await using built = await buildPackage();
  await writeFile(join(built.folder, "healthspan.yaml"), configuration(port));
  await using empty = await startServer(emptyServer, "/");
  await using ours = await startServer([built.program, "serve"], "/health/?format=json", { cwd: built.folder });
  for (const path of ["/health/", "/health/?format=json", "/metrics"]) {
    await (await fetch(`http://127.0.0.1:${ours.port}${path}`)).text();
  }
  await wait(restMilliseconds);
  const value = await residentMegabytes(ours.pid);
  const emptyMegabytes = await residentMegabytes(empty.pid);
  target.closeAllConnections();
  target.close();
  return [
    {
      name: "Memory of a resting server with 100 checks",
      value,
      unit: "MB",
      yardstick: "what it may hold",
      yardstickValue: maxMegabytes,
      ratio: value / maxMegabytes,
      bound: 1,
      boundIs: "at most",
      note: `an empty node:http server holds ${emptyMegabytes.toFixed(0)} MB`,
    },
  ];
}

function configuration(port: number): string {
  const of = (count: number, type: string, options: string): string =>
    Array.from({ length: count }, (_, index) => `  ${type}-${index}: { type: ${type}, ${options} }\n`).join("");
  return [
    "defaults: { interval: 15s }\nchecks:\n",
    of(50, "http", `url: "http://127.0.0.1:${port}/"`),
    of(30, "tcp", `host: 127.0.0.1, port: ${port}`),
    of(20, "disk", "maxUsage: 100%"),
  ].join("");
}
