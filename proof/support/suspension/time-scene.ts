import { Agent, request } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { httpChecks } from "../../../bench/support/http-checks.ts";
import { type Served, serve } from "../../../bench/support/serve.ts";
import { startTarget, type Target, untilAllAreAskedFor } from "../../../bench/support/target.ts";
import { Asker } from "../asker.ts";
import { type FlippingTarget, startFlippingTarget } from "../flipping-target.ts";
import { statesInMetrics } from "./seen-states.ts";

export interface TimeOptions {
  /** HTTP checks; the others are additional. */
  readonly checks: number;
  readonly intervalSeconds: number;
  readonly redisUrl: string;
  readonly postgresUrl: string;
  readonly command?: string | undefined;
}

/** A server with checks that depend on time in different ways, its targets, and a client. */
export interface TimeScene extends AsyncDisposable {
  readonly target: Target;
  /** The target of the one check that changes its state, which has an endpoint of its own. */
  readonly flipping: FlippingTarget;
  readonly server: Served;
  readonly asker: Asker;
  /** How many checks should not change their state. */
  readonly steady: number;
  readonly timeoutSeconds: number;
  readonly answerSeconds: number;
}

export const steadyEndpoint = "/health/";
export const flippingEndpoint = "/changes/";

const clock = fileURLToPath(new URL("shifted-clock.mjs", import.meta.url));
const token = "token-of-the-proof";

/** The names of the other checks that should not change their state. */
const special = ["beat", "thread", "redis", "postgres"] as const;

/**
 * Starts a server, and resolves when every check is healthy.
 * @param answerShare how long the target waits before each answer, as a share of the time-out
 */
export async function setUpTimeScene(
  { checks, intervalSeconds, redisUrl, postgresUrl, command }: TimeOptions,
  answerShare: number,
  environment: Readonly<Record<string, string>> = {},
): Promise<TimeScene> {
  const timeoutSeconds = 0.8 * intervalSeconds;
  const answerSeconds = answerShare * timeoutSeconds;
  const target = await startTarget({ delayMilliseconds: 1000 * answerSeconds });
  const flipping = await startFlippingTarget();
  const names = [...Array.from({ length: checks }, (_, index) => `c${index}`), ...special];
  const server = await serve({
    command,
    configuration: [
      httpChecks(checks, target.url, { interval: `${intervalSeconds}s`, timeout: `${1000 * timeoutSeconds}ms` }),
      `  beat: { type: heartbeat, every: ${intervalSeconds}s, grace: ${intervalSeconds}s, token: ${token} }\n`,
      // Starting a thread is slow on a busy machine.
      `  thread: { type: http, url: "${target.url}/thread", thread: true, timeout: ${3 * intervalSeconds}s }\n`,
      `  redis: { type: redis, url: "${redisUrl}" }\n`,
      `  postgres: { type: postgres, url: "${postgresUrl}" }\n`,
      `  flipping: { type: http, url: "${flipping.url}", interval: ${500 * intervalSeconds}ms }\n`,
      `endpoints:\n  ${steadyEndpoint}: { checks: [${names.join(", ")}] }\n  ${flippingEndpoint}: { checks: [flipping] }\n`,
    ].join(""),
    environment,
    nodeOptions: [`--import=${clock}`],
  });
  const asker = new Asker(server.url);
  const stopBeating = beat(`${server.url}/heartbeat/beat`, 400 * intervalSeconds);
  const dispose = async (): Promise<void> => {
    stopBeating();
    asker.close();
    await server[Symbol.asyncDispose]();
    await flipping[Symbol.asyncDispose]();
    await target[Symbol.asyncDispose]();
  };
  try {
    await untilAllAreAskedFor(target, checks + 1, intervalSeconds);
    await untilAllAreHealthy(asker, names.length + 1);
  } catch (error) {
    await dispose();
    throw error;
  }
  const steady = names.length;
  return { target, flipping, server, asker, steady, timeoutSeconds, answerSeconds, [Symbol.asyncDispose]: dispose };
}

/** Reports a job repeatedly, even when the server has stopped. */
function beat(url: string, everyMilliseconds: number): () => void {
  const agent = new Agent({ keepAlive: true });
  const timer = setInterval(() => {
    request(url, { method: "POST", agent, headers: { Authorization: `Bearer ${token}` } }, (answer) => answer.resume())
      .on("error", () => {}) // At the end, when the server has gone.
      .end();
  }, everyMilliseconds);
  return () => {
    clearInterval(timer);
    agent.destroy();
  };
}

async function untilAllAreHealthy(asker: Asker, count: number): Promise<void> {
  const giveUpAt = performance.now() + 60_000;
  for (;;) {
    const states = await statesInMetrics(asker);
    if (states.get("healthy")?.length === count) return;
    if (performance.now() > giveUpAt) throw new Error(`not all are healthy: ${JSON.stringify([...states])}`);
    await wait(100);
  }
}
