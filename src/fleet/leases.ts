/** How many shares the checks of a fleet have, by their names. It is the same for all fleets: at most as many replicas hold one. */
export const shardCount = 256;

/**
 * The right to run a shard, until it is not renewed any more. Each method fails when there is no answer; none waits longer than a
 * second for one.
 */
export interface Leases {
  /** The lock that proves that this replica holds a shard. */
  lockOf(shard: number): { readonly key: string; readonly token: string };
  /** Makes sure that each shard can be taken. */
  offer(): Promise<void>;
  /** Takes a shard that nobody holds; undefined when there is none. */
  take(): Promise<number | undefined>;
  /** @returns those that are not held any more */
  renew(shards: readonly number[]): Promise<readonly number[]>;
  giveBack(shard: number): Promise<void>;
  close(): Promise<void>;
}
