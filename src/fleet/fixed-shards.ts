import { hash } from "node:crypto";
import { withDependencies } from "../engine/dependencies.ts";
import type { HealthCheck } from "../health/health-check.ts";

/** Which share of the checks one replica runs, when nobody takes over from another. */
export interface FixedShard {
  /** From 0 to {@link of} - 1. */
  readonly shard: number;
  /** How many replicas share the checks. */
  readonly of: number;
}

/** The number of the shard that a check belongs to, by its name alone: the same on each replica, and in each version. */
export function shardOf(name: string, of: number): number {
  return hash("sha256", name, "buffer").readUInt32BE(0) % of;
}

/**
 * The checks that the replica with a shard runs, in their order: those of its shard, those that run everywhere, and what any of
 * them depends on, so that a check may run in several shards.
 */
export function checksOfShard(checks: readonly HealthCheck[], { shard, of }: FixedShard): readonly HealthCheck[] {
  const own = checks.filter(({ name, everywhere }) => everywhere || shardOf(name, of) === shard);
  return withDependencies(
    checks,
    own.map(({ name }) => name),
  );
}
