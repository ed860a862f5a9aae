import { fork } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { trace } from "@opentelemetry/api";
import { NodeTracerProvider, type SpanProcessor } from "@opentelemetry/sdk-trace-node";
import { tuneGarbageCollector } from "../../src/app/tune-garbage-collector.ts";
import { HealthMonitor } from "../../src/engine/monitor.ts";
import type { Logger } from "../../src/health/logger.ts";
import { startTelemetry } from "../../src/telemetry/setup.ts";
import { fakeCheck } from "../../test/support/checks.ts";
import { postgresUrl } from "../../test/support/postgres-server.ts";
import { startRedis } from "../../test/support/redis-server.ts";
import { startFaultyProxy } from "./faulty-proxy.ts";
import type { Fault } from "./faulty-proxy-process.ts";
import { listenersOf, maxListenersOfOneClient, watchClients } from "./kept-clients.ts";
import { fewestOpenResources, leftOpen, type OpenResources } from "./open-resources.ts";
import { kindsOf, type SoakPorts, several } from "./soak-checks.ts";

/**
 * Runs checks of all kinds so many times, in a process of its own whose memory is its own. Started with --expose-gc; sends
 * what it saw to its parent.
 */

export interface SoakTask {
  readonly runs: number;
  /**
   * Whether garbage is collected by force when half of the runs are done, to compare the heap with that in the end; what is
   * resident afterwards says nothing then.
   */
  readonly collectHalfway: boolean;
}

/** What was seen at one moment; memory in bytes. */
export interface Sample {
  /** So many runs had ended. */
  readonly runs: number;
  readonly resident: number;
  readonly heapUsed: number;
  /** What V8 has taken for the heap of the main thread, in use or not. */
  readonly heapTotal: number;
  /** Buffers, above all. */
  readonly external: number;
  /** How many listeners the process has, and that client of a database which has most. */
  readonly processListeners: number;
  readonly clientListeners: number;
}

export interface SoakObservation {
  readonly runs: number;
  readonly seconds: number;
  /** How many runs of each type of check ended in which way: `http: connection_reset`. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly samples: readonly Sample[];
  /** The heap after garbage collection when half of the runs were done, if that was asked for, and in the end. */
  readonly heapHalfway: number | undefined;
  readonly heapInTheEnd: number;
  readonly unhandledRejections: readonly string[];
  /** What Node warned of: leaks of listeners among others. */
  readonly warnings: readonly string[];
  /** What is open after everything was closed, and was not before it was made. */
  readonly left: OpenResources;
}

/** What the targets do, round by round. */
const faults: readonly Fault[] = [
  ...["none", "none", "refuse", "none", "reset", "none", "rubbish", "none", "silent", "none"],
  ...["refuse", "none", "reset", "none", "rubbish", "slow", "none", "reset", "flood", "refuse"],
] as const satisfies readonly Fault[];

const { runs: wanted, collectHalfway }: SoakTask = JSON.parse(process.argv[2] ?? "{}");
const unhandledRejections: string[] = [];
const warnings: string[] = [];
const outcomes: Record<string, number> = {};
const samples: Sample[] = [];
let runs = 0;
tuneGarbageCollector(); // As the server does.
process.on("unhandledRejection", (error) => unhandledRejections.push(String(error)));
process.on("warning", ({ name, message }) => warnings.push(`${name}: ${message}`));
process.on("disconnect", () => process.exit());

const silentLogger: Logger = { info: () => {}, warn: () => {}, error: () => {} };
const discard: SpanProcessor = {
  onStart: () => {},
  onEnd: () => {},
  forceFlush: async () => {},
  shutdown: async () => {},
};

async function soak(ports: SoakPorts, set: (fault: Fault) => Promise<void>) {
  const kinds = kindsOf(ports);
  const scheduled = several(10, (index) =>
    fakeCheck({ name: `scheduled ${index}`, interval: "250ms" }, async () => {}),
  );
  const telemetry = await startTelemetry({ service: { name: "soak" }, prometheus: true, logger: silentLogger });
  trace.setGlobalTracerProvider(new NodeTracerProvider({ spanProcessors: [discard] }));
  const monitor = new HealthMonitor([...kinds.flatMap(({ checks }) => checks), ...scheduled], {
    logger: silentLogger,
    observe: (source) => {
      const recorder = telemetry.observe(source);
      return {
        close: () => recorder.close(),
        record: (result, check) => {
          runs += 1;
          const outcome = `${result.check.type}: ${result.failure?.reason ?? result.state}`;
          outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
          recorder.record(result, check);
        },
      };
    },
  });
  monitor.start();
  // Once, before anything is measured: what it frees later would flatter the last readings.
  collected();
  let heapHalfway: number | undefined;
  for (let round = 0; runs < wanted; round += 1) {
    const fault = faults[round % faults.length] ?? "none";
    const isSilent = fault === "silent" || fault === "slow";
    await set(fault);
    await Promise.all(
      kinds
        .filter(({ every = 1 }) => (round + 1) % every === 0)
        .flatMap(({ checks, times, timesInSilence = times }) =>
          checks.map((check) => repeat(monitor, check.name, isSilent ? timesInSilence : times)),
        ),
    );
    if (round % 10 === 0) await scrape(telemetry.prometheus);
    for (const endpoint of monitor.endpoints) monitor.snapshot(endpoint);
    const { rss: resident, heapUsed, heapTotal, external } = process.memoryUsage();
    const listeners = { processListeners: listenersOf(process), clientListeners: maxListenersOfOneClient() };
    samples.push({ runs, resident, heapUsed, heapTotal, external, ...listeners });
    if (collectHalfway && runs >= wanted / 2) heapHalfway ??= collected();
  }
  await set("none");
  const heapInTheEnd = collected();
  await monitor.close();
  await telemetry.shutdown();
  return { heapHalfway, heapInTheEnd };
}

async function repeat(monitor: HealthMonitor, name: string, times: number): Promise<void> {
  const names = [name];
  for (let time = 0; time < times; time += 1) await monitor.refresh(names);
}

async function scrape(reader: Awaited<ReturnType<typeof startTelemetry>>["prometheus"]): Promise<void> {
  for await (const _ of (await reader?.scrape("openmetrics", { timeoutMillis: 5000 })) ?? []);
}

function collected(): number {
  // --expose-gc. Twice: what finalisers let go is gone the second time.
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

const program = fileURLToPath(new URL("small-http-server-process.ts", import.meta.url));
const httpServer = fork(program, [], { execArgv: [] });
const [{ port }] = (await once(httpServer, "message")) as [AddressInfo]; // The first message of the process.
const redisServer = await startRedis();
const well = { redis: redisServer.port, postgres: Number(new URL(postgresUrl).port || 5432) };
const proxies = [
  await startFaultyProxy(port, "http", { megabytes: 5 }),
  await startFaultyProxy(well.redis, "redis", { megabytes: 5 }),
  await startFaultyProxy(well.postgres, "postgres", { megabytes: 5 }),
] as const;
const set = async (fault: Fault): Promise<void> => {
  for (const proxy of proxies) await proxy.set(fault);
};
// Node makes these two when they are first asked for, as the first thread does.
void [process.stdout, process.stderr];
watchClients();
const before = await fewestOpenResources(200);
const startedAt = performance.now();
const heaps = await soak({ http: proxies[0].port, redis: proxies[1].port, postgres: proxies[2].port, well }, set);
const seconds = (performance.now() - startedAt) / 1000;
const left = await leftOpen(before, 5000);
for (const proxy of proxies) await proxy[Symbol.asyncDispose]();
await redisServer[Symbol.asyncDispose]();
httpServer.kill("SIGKILL");
const observation: SoakObservation = {
  runs,
  seconds,
  outcomes,
  samples,
  ...heaps,
  unhandledRejections,
  warnings,
  left,
};
process.send?.(observation, undefined, undefined, () => process.exit());
