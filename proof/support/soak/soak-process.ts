import { fork } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { trace } from "@opentelemetry/api";
import { NodeTracerProvider, type SpanProcessor } from "@opentelemetry/sdk-trace-node";
import { letYoungGenerationGrow, tuneGarbageCollector } from "../../../src/app/tune-garbage-collector.ts";
import { HealthMonitor } from "../../../src/engine/monitor.ts";
import type { Logger } from "../../../src/health/logger.ts";
import { startTelemetry } from "../../../src/telemetry/setup.ts";
import { fakeCheck } from "../../../test/support/checks.ts";
import { postgresUrl } from "../../../test/support/postgres-server.ts";
import { startRedis } from "../../../test/support/redis-server.ts";
import { startFaultyProxy } from "../faulty-proxy.ts";
import type { Fault } from "../faulty-proxy-process.ts";
import { fewestOpenResources, leftOpen, type OpenResources } from "../open-resources.ts";
import { listenersOf, maxListenersOfOneClient, watchClients } from "./kept-clients.ts";
import { kindsOf, type SoakPorts, several } from "./soak-checks.ts";

/**
 * Runs checks of all kinds in a process of its own, so that its memory is theirs alone. Started with --expose-gc; sends its
 * observation to its parent.
 */

export interface SoakTask {
  readonly runs: number;
  /**
   * Whether to force a garbage collection after half of the runs, to compare the heap with that at the end; the resident
   * memory says nothing afterwards.
   */
  readonly collectHalfway: boolean;
}

/** What was seen at one moment; memory in bytes. */
export interface Sample {
  /** How many runs had ended. */
  readonly runs: number;
  readonly resident: number;
  readonly heapUsed: number;
  /** What V8 has reserved for the heap of the main thread, in use or not. */
  readonly heapTotal: number;
  /** Buffers, above all. */
  readonly external: number;
  /** Listeners of the process, and of the database client that has most. */
  readonly processListeners: number;
  readonly clientListeners: number;
}

export interface SoakObservation {
  readonly runs: number;
  readonly seconds: number;
  /** Runs by check type and outcome, such as `http: connection_reset`. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly samples: readonly Sample[];
  /** The heap after garbage collection half way, if that was asked for, and at the end. */
  readonly heapHalfway: number | undefined;
  readonly heapAtEnd: number;
  readonly unhandledRejections: readonly string[];
  /** Warnings by Node, such as those of leaking listeners. */
  readonly warnings: readonly string[];
  /** What is open after everything was closed, and was not before it was created. */
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
letYoungGenerationGrow();
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
        ...recorder,
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
  // Once, before anything is measured: garbage freed later would make the last readings look better.
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
  const heapAtEnd = collected();
  await monitor.close();
  await telemetry.shutdown();
  return { heapHalfway, heapAtEnd };
}

async function repeat(monitor: HealthMonitor, name: string, times: number): Promise<void> {
  const names = [name];
  for (let time = 0; time < times; time += 1) await monitor.refresh(names);
}

async function scrape(reader: Awaited<ReturnType<typeof startTelemetry>>["prometheus"]): Promise<void> {
  for await (const _ of (await reader?.scrape("openmetrics", { timeoutMillis: 5000 })) ?? []);
}

function collected(): number {
  // --expose-gc. Twice, because finalisers free more.
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

const program = fileURLToPath(new URL("../small-http-server-process.ts", import.meta.url));
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
// Node creates these two on first use, which the first thread does.
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
