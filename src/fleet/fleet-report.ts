import type { FleetStatus } from "./fleet-status.ts";
import { shardCount } from "./leases.ts";

/** A replica as clients are told of it. */
export interface ReportedReplica {
  readonly id: string;
  readonly host: string;
  readonly version: string;
  /** When it came, as an ISO 8601 date. */
  readonly since: string;
  /** How many shards it holds. */
  readonly shards: number;
  readonly configuration: string;
  /** Whether it is the one that tells this. */
  readonly answers: boolean;
}

/** A fleet as one of its replicas knows it. */
export interface FleetReport {
  readonly fleet: string;
  /** Whether Redis answers. */
  readonly connected: boolean;
  /** How old the newest news are; null before the first. */
  readonly newsAgeSeconds: number | null;
  readonly shards: number;
  /** The numbers of the shards that no replica holds, as far as is known. */
  readonly withoutHolder: readonly number[];
  /** How many different configurations the replicas have. */
  readonly configurations: number;
  /** Whether Redis answers, each shard has a holder and all replicas have the same configuration. */
  readonly complete: boolean;
  readonly replicas: readonly ReportedReplica[];
}

export function fleetReport(status: FleetStatus): FleetReport {
  const { name, isConnected, replica, replicas, configurations, newsAgeMilliseconds } = status;
  const held = new Set(replicas.flatMap(({ shards }) => shards));
  const withoutHolder = Array.from({ length: shardCount }, (_, shard) => shard).filter((shard) => !held.has(shard));
  return {
    fleet: name,
    connected: isConnected,
    newsAgeSeconds: newsAgeMilliseconds === undefined ? null : Math.round(newsAgeMilliseconds / 100) / 10,
    shards: shardCount,
    withoutHolder,
    configurations,
    complete: isConnected && withoutHolder.length === 0 && configurations === 1,
    replicas: replicas.map(({ id, host, version, since, shards, configuration }) => ({
      id,
      host,
      version,
      since: new Date(since).toISOString(),
      shards: shards.length,
      configuration,
      answers: id === replica,
    })),
  };
}

/** What is wrong with a fleet, a sentence each. */
export function fleetIssues(report: FleetReport): readonly string[] {
  const { connected, newsAgeSeconds, withoutHolder, configurations, shards } = report;
  if (!connected) {
    return newsAgeSeconds === null
      ? ["Redis has not answered yet, so nothing is known of other replicas."]
      : [`Redis has not answered for ${newsAgeSeconds} s: what is told of other replicas is as old.`];
  }
  return [
    withoutHolder.length > 0 &&
      `${withoutHolder.length} of ${shards} shards have no holder, so their checks do not run.`,
    configurations > 1 &&
      `The replicas have ${configurations} different configurations: a check that is not in that of its holder does not run.`,
  ].filter((issue) => issue !== false);
}
