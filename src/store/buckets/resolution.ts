const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** One of the lengths of bucket that are kept. */
export interface Resolution {
  /** Its number in the database. It must not change. */
  readonly number: number;
  /** Of a bucket. */
  readonly milliseconds: number;
  /** Of what one row of the database holds. */
  readonly rowMilliseconds: number;
  /** How long its buckets are kept. */
  readonly keptMilliseconds: number;
  /** What a full row is added up to. */
  readonly next: Resolution | undefined;
}

/** Buckets of a day, for 400 days. */
export const days: Resolution = {
  number: 2,
  milliseconds: day,
  rowMilliseconds: 16 * day,
  keptMilliseconds: 400 * day,
  next: undefined,
};

/** Buckets of an hour, for 35 days. */
export const hours: Resolution = {
  number: 1,
  milliseconds: hour,
  rowMilliseconds: day,
  keptMilliseconds: 35 * day,
  next: days,
};

/** Buckets of five minutes, for two days. */
export const minutes: Resolution = {
  number: 0,
  milliseconds: 5 * minute,
  rowMilliseconds: hour,
  keptMilliseconds: 2 * day,
  next: hours,
};

/** From the shortest to the longest. */
export const resolutions: readonly Resolution[] = [minutes, hours, days];

/** When the bucket or row of this length begins in which a moment lies. */
export function startOf(moment: number, milliseconds: number): number {
  return Math.floor(moment / milliseconds) * milliseconds;
}

/** The first moment at or after this one at which one of this length begins. */
export function endOf(moment: number, milliseconds: number): number {
  return Math.ceil(moment / milliseconds) * milliseconds;
}
