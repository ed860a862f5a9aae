import type { HeardReplica } from "./replicas.ts";

/** What is told of a fleet. */
export interface FleetStatus {
  readonly name: string;
  /** Whether Redis answers. */
  readonly isConnected: boolean;
  /** The identifier of this replica. */
  readonly replica: string;
  readonly replicas: readonly HeardReplica[];
  /** The numbers of the shards that this replica holds. */
  readonly held: readonly number[];
  readonly leasesLost: number;
  readonly commitsRefused: number;
  readonly configurations: number;
  /** How old the newest news are; undefined before the first. */
  readonly newsAgeMilliseconds: number | undefined;
}
