/** For how long the metrics of a check are still shown here after it has moved, in milliseconds. */
const exposedMilliseconds = 60_000;

/**
 * Which shards that this replica holds no longer still have series here: those that it held a minute ago, so that the series of the
 * next holder begin before its own end. While Redis gives no answer nobody is known to hold them, and the minute does not begin:
 * otherwise checks whose state nobody knows would have no series to say so. Moments are on the monotonic clock.
 */
export class Exposure {
  readonly #until = new Map<number, number>();

  /** This replica holds the shard from now on. */
  begin(shard: number): void {
    this.#until.delete(shard);
  }

  /** It holds the shard no longer. */
  end(shard: number, now: number): void {
    this.#until.set(shard, now + exposedMilliseconds);
  }

  /** Redis gives no answer now. To be called as long as that is so. */
  keep(now: number): void {
    for (const [shard, until] of this.#until) {
      if (until > now) this.#until.set(shard, now + exposedMilliseconds);
    }
  }

  shows(shard: number, now: number): boolean {
    return (this.#until.get(shard) ?? 0) > now;
  }
}
