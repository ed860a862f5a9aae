/** A time in which checks run but nothing they find counts. */
export interface Maintenance {
  /** Stays the same, and is no other maintenance's. */
  readonly id: string;
  readonly title: string;
  /** Milliseconds since the epoch. */
  readonly startsAt: number;
  /** Milliseconds since the epoch; undefined when it lasts until somebody ends it. */
  readonly endsAt: number | undefined;
}
