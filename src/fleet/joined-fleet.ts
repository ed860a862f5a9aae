import type { ConnectionUrl } from "../health/secret.ts";

/** The fleet that a replica is one of. */
export interface JoinedFleet {
  /** Where the replicas meet. */
  readonly redis: ConnectionUrl;
  /** Fleets of other names may share the Redis. */
  readonly name: string;
  /** How long a replica that has stopped keeps its checks. */
  readonly leaseMilliseconds: number;
}
