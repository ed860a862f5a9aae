import { randomUUID } from "node:crypto";
import type { SecureContextOptions } from "node:tls";
import { HealthMonitor } from "../../src/engine/monitor.ts";
import type { MonitorOptions } from "../../src/engine/monitor-options.ts";
import { Fleet } from "../../src/fleet/fleet.ts";
import type { HealthCheck } from "../../src/health/health-check.ts";
import { ConnectionUrl } from "../../src/health/secret.ts";
import { type RememberingLogger, rememberingLogger } from "./logs.ts";
import { redisUrl } from "./redis-server.ts";

/** A name that no other test has for its fleet. */
export const newFleetName = (): string => `test-${randomUUID()}`;

/** One replica of a fleet, in this process. */
export interface TestReplica extends AsyncDisposable {
  readonly fleet: Fleet;
  readonly monitor: HealthMonitor;
  readonly logger: RememberingLogger;
  /** The states that it shows, by the names of the checks. */
  states(): Readonly<Record<string, string>>;
  /** What it has logged of changes of state. */
  changes(): readonly string[];
  /** Stops it as a process is stopped: what it holds is given back. */
  stop(): Promise<void>;
}

export interface TestReplicaOptions extends Omit<MonitorOptions, "sharing" | "logger"> {
  readonly name: string;
  readonly redis?: string;
  readonly leaseMilliseconds?: number;
  /** For TLS. */
  readonly trust?: SecureContextOptions;
}

/** Starts a replica and waits until it knows what the others know. */
export async function startReplica(checks: readonly HealthCheck[], options: TestReplicaOptions): Promise<TestReplica> {
  const { name, redis = redisUrl, leaseMilliseconds = 3000, trust, ...rest } = options;
  const logger = rememberingLogger();
  const fleet = await Fleet.open({
    redis: new ConnectionUrl(redis),
    name,
    leaseMilliseconds,
    logger,
    ...(trust && { trust }),
  });
  const monitor = new HealthMonitor(checks, { ...rest, sharing: fleet, logger });
  monitor.start();
  await fleet.start();
  const stop = async (): Promise<void> => {
    await fleet.leave();
    await monitor.close();
    await fleet.close();
  };
  return {
    fleet,
    monitor,
    logger,
    states: () => Object.fromEntries(monitor.reports().map(({ check, state }) => [check.name, state])),
    changes: () => logger.lines.filter(({ details }) => "to" in details).map(({ message }) => message),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
