import type { HealthCheck } from "../../src/health/health-check.ts";
import { redisUrl } from "./redis-server.ts";
import { startReplica, type TestReplica, type TestReplicaOptions } from "./replica.ts";
import { startProxy } from "./throw-away-proxy.ts";

/** A replica that can be cut off from Redis for good: to the others it is as good as killed. */
export interface CutReplica extends TestReplica {
  cut(): Promise<void>;
}

export async function startCutReplica(
  checks: readonly HealthCheck[],
  options: TestReplicaOptions,
): Promise<CutReplica> {
  const proxy = await startProxy(Number(new URL(redisUrl).port || 6379));
  const replica = await startReplica(checks, { ...options, redis: `redis://127.0.0.1:${proxy.port}` });
  return {
    ...replica,
    cut: async () => {
      await proxy.leadNowhere();
      for (const socket of proxy.sockets) socket.destroy();
    },
    [Symbol.asyncDispose]: async () => {
      await replica.stop();
      await proxy[Symbol.asyncDispose]();
    },
  };
}
