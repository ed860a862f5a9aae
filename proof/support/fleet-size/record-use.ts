import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { cpuSeconds } from "../../../bench/support/process-use.ts";
import { startRedis } from "../../../test/support/redis-server.ts";
import type { RecordUse } from "./record-process.ts";

const program = fileURLToPath(new URL("record-process.ts", import.meta.url));

/** What it costs to share what many checks find. */
export interface SharingCost {
  readonly recordsPerSecond: number;
  readonly redisCores: number;
  readonly readerCores: number;
  readonly writerMicroseconds: number;
  readonly mirrorMegabytes: number;
  readonly loadMilliseconds: number;
  readonly lagMilliseconds: number;
  readonly redisMegabytes: number;
}

/** One process writes what many checks find, one reads it, and Redis is between them. */
export async function measureSharing(checks: number, intervalSeconds: number, seconds: number): Promise<SharingCost> {
  await using redis = await startRedis();
  const bare = await bareUse(redis.port, intervalSeconds);
  await using writer = await start("write", redis.port, checks, intervalSeconds);
  await using reader = await start("read", redis.port, checks, intervalSeconds);
  const redisPid = Number(/process_id:(\d+)/.exec(await redis.ask("INFO", "server"))?.[1]);
  await writer.use(); // It waits for the first message.
  await wait(2000);
  const [read, written, redisBefore] = [await reader.use("forget"), await writer.use(), await cpuSeconds(redisPid)];
  const startedAt = performance.now();
  await wait(seconds * 1000);
  const took = (performance.now() - startedAt) / 1000;
  const [readAfter, writtenAfter, redisAfter] = [await reader.use(), await writer.use(), await cpuSeconds(redisPid)];
  const writes = writtenAfter.records - written.records;
  return {
    recordsPerSecond: (readAfter.records - read.records) / took,
    redisCores: (redisAfter - redisBefore) / took,
    readerCores: (readAfter.cpuSeconds - read.cpuSeconds) / took,
    writerMicroseconds: ((writtenAfter.cpuSeconds - written.cpuSeconds) * 1e6) / writes,
    mirrorMegabytes: readAfter.megabytes - bare.megabytes,
    loadMilliseconds: read.loadMilliseconds,
    lagMilliseconds: readAfter.lagMilliseconds,
    redisMegabytes: Number(/used_memory:(\d+)/.exec(await redis.ask("INFO", "memory"))?.[1]) / 1e6,
  };
}

/** What the reader needs that has nothing to read. */
async function bareUse(port: number, intervalSeconds: number): Promise<RecordUse> {
  await using reader = await start("read", port, 0, intervalSeconds);
  return await reader.use();
}

async function start(role: "read" | "write", port: number, checks: number, interval: number) {
  const child = fork(program, [role, `redis://127.0.0.1:${port}`, String(checks), String(interval)], {
    env: { ...process.env, NODE_V8_COVERAGE: "" },
    execArgv: ["--expose-gc"],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const ended = once(child, "exit");
  const started = await Promise.race([once(child, "message"), ended.then(() => undefined)]);
  if (started === undefined) throw new Error(`the process that is to ${role} records ended`);
  return {
    use: async (order = "use") => {
      const answered = once(child, "message");
      child.send(order);
      return (await answered)[0] as RecordUse; // As the process answers.
    },
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
