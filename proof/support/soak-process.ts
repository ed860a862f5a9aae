import { fork } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { trace } from "@opentelemetry/api";
import { NodeTracerProvider, type SpanProcessor } from "@opentelemetry/sdk-trace-node";
import { Http } from "../../src/checks/http.ts";
import { Redis } from "../../src/checks/redis.ts";
import { Tcp } from "../../src/checks/tcp.ts";
import { HealthMonitor } from "../../src/engine/monitor.ts";
import { ServiceUnavailable, ServiceWarning } from "../../src/health/errors.ts";
import type { HealthCheck } from "../../src/health/health-check.ts";
import type { Logger } from "../../src/health/logger.ts";
import { startTelemetry } from "../../src/telemetry/setup.ts";
import { told } from "../../test/support/checks.ts";
import { startRedis } from "../../test/support/redis-server.ts";
import { Blocking } from "../../test/support/thread-checks.ts";
import { startFaultyProxy } from "./faulty-proxy.ts";
import type { Fault } from "./faulty-proxy-process.ts";
import { fewestOpenResources, leftOpen, type OpenResources } from "./open-resources.ts";

/**
 * Runs checks of all kinds so many times, in a process of its own whose memory is its own. Started with --expose-gc; sends
 * what it saw to its parent.
 */

export interface SoakTask {
  readonly runs: number;
}

/** The memory at one moment, in bytes. */
export interface MemorySample {
  /** So many runs had ended. */
  readonly runs: number;
  readonly resident: number;
  readonly heapUsed: number;
}

export interface SoakObservation {
  readonly runs: number;
  readonly seconds: number;
  /** How many runs of each type of check ended in which way: `http: connection_reset`. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly samples: readonly MemorySample[];
  /** The heap after garbage collection when half of the runs were done, and in the end. */
  readonly heapHalfway: number;
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

/** Every run that times out takes so long. */
const briefly = { timeout: "20ms" } as const;
const networkTimeout = { timeout: "60ms" } as const;

/** Checks of one kind, and how often each is run in one round. */
interface Kind {
  readonly checks: readonly HealthCheck[];
  readonly times: number;
  /** Takes part in every so many rounds. */
  readonly every?: number;
}

const { runs: wanted }: SoakTask = JSON.parse(process.argv[2] ?? "{}");
const unhandledRejections: string[] = [];
const warnings: string[] = [];
const outcomes: Record<string, number> = {};
const samples: MemorySample[] = [];
let runs = 0;
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

function several(count: number, make: (index: number) => HealthCheck): readonly HealthCheck[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function kindsOf(ports: { readonly http: number; readonly redis: number }): readonly Kind[] {
  const { http, redis } = ports;
  const url = `http://127.0.0.1:${http}/`;
  return [
    { times: 50, checks: several(10, (index) => told({ name: `nothing ${index}` })) },
    { times: 40, checks: several(2, (index) => told({ name: `asynchronous ${index}` }, async () => {})) },
    {
      times: 40,
      checks: [
        told({ name: "warning" }, async () => {
          throw new ServiceWarning("93 % is in use");
        }),
        told({ name: "unavailable" }, () => {
          throw new ServiceUnavailable("is down", { cause: new Error("because") });
        }),
        told({ name: "throwing" }, () => {
          throw new TypeError("x is not a function");
        }),
        told({ name: "rejecting" }, () => Promise.reject("no error")),
      ],
    },
    {
      times: 2,
      checks: [
        ...several(4, (index) =>
          told({ ...briefly, name: `heeding ${index}` }, (signal) => wait(60_000, undefined, { signal })),
        ),
        // Returns, or fails, when nobody waits for it any more.
        told({ ...briefly, name: "late" }, () => wait(25)),
        told({ ...briefly, name: "late and failing" }, async () => {
          await wait(25);
          throw new Error("too late");
        }),
      ],
    },
    {
      times: 25,
      checks: [
        ...several(2, (index) => new Http({ ...networkTimeout, name: `http ${index}`, url })),
        new Http({ ...networkTimeout, name: "http with a body", url, bodyContains: "well" }),
        new Http({ ...networkTimeout, name: "http with another body", url, bodyMatches: "ill$" }),
      ],
    },
    {
      times: 20,
      checks: [
        new Tcp({ ...networkTimeout, name: "tcp", host: "127.0.0.1", port: http }),
        new Tcp({
          ...networkTimeout,
          name: "tcp with an answer",
          host: "127.0.0.1",
          port: redis,
          send: "PING\r\n",
          answerContains: "+PONG",
        }),
      ],
    },
    {
      times: 30,
      checks: several(
        2,
        (index) => new Redis({ ...networkTimeout, name: `redis ${index}`, url: `redis://127.0.0.1:${redis}` }),
      ),
    },
    { times: 4, checks: [new Blocking({ name: "in a thread", thread: true, milliseconds: 1 })] },
    {
      times: 1,
      every: 10,
      checks: [
        new Blocking({
          name: "endless in a thread",
          thread: true,
          timeout: "300ms",
          milliseconds: 3_600_000,
        }),
      ],
    },
  ];
}

async function soak(ports: { readonly http: number; readonly redis: number }, set: (fault: Fault) => Promise<void>) {
  const kinds = kindsOf(ports);
  const scheduled = several(20, (index) => told({ name: `scheduled ${index}`, interval: "100ms" }, async () => {}));
  const telemetry = await startTelemetry({ service: { name: "soak" }, prometheus: true, logger: silentLogger });
  trace.setGlobalTracerProvider(new NodeTracerProvider({ spanProcessors: [discard] }));
  const monitor = new HealthMonitor([...kinds.flatMap(({ checks }) => checks), ...scheduled], {
    logger: silentLogger,
    observe: (source) => {
      const recorder = telemetry.observe(source);
      return {
        close: () => recorder.close(),
        record: (result) => {
          runs += 1;
          const outcome = `${result.check.type}: ${result.failure?.reason ?? result.state}`;
          outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
          recorder.record(result);
        },
      };
    },
  });
  monitor.start();
  let heapHalfway: number | undefined;
  for (let round = 0; runs < wanted; round += 1) {
    await set(faults[round % faults.length] ?? "none");
    await Promise.all(
      kinds
        .filter(({ every = 1 }) => (round + 1) % every === 0)
        .flatMap(({ checks, times }) => checks.map((check) => repeat(monitor, check.name, times))),
    );
    if (round % 10 === 0) await scrape(telemetry.prometheus);
    for (const endpoint of monitor.endpoints) monitor.snapshot(endpoint);
    const { rss: resident, heapUsed } = process.memoryUsage();
    samples.push({ runs, resident, heapUsed });
    if (runs >= wanted / 2) heapHalfway ??= collected();
  }
  await set("none");
  const heapInTheEnd = collected();
  await monitor.close();
  await telemetry.shutdown();
  return { heapHalfway: heapHalfway ?? Number.NaN, heapInTheEnd };
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
const proxies = [
  await startFaultyProxy(port, "http", { megabytes: 5 }),
  await startFaultyProxy(redisServer.port, "redis", { megabytes: 5 }),
] as const;
const set = async (fault: Fault): Promise<void> => {
  for (const proxy of proxies) await proxy.set(fault);
};
// Node makes these two when they are first asked for, as the first thread does.
void [process.stdout, process.stderr];
const before = await fewestOpenResources(200);
const startedAt = performance.now();
const heaps = await soak({ http: proxies[0].port, redis: proxies[1].port }, set);
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
