/** Something measured, beside what it is measured against in the same run. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly yardstick: string;
  readonly yardstickValue: number;
  /** `value / yardstickValue` */
  readonly ratio: number;
  readonly bound: number;
  /** Whether the ratio may be at most or must be at least the bound. */
  readonly boundIs: "at most" | "at least";
  readonly note?: string;
  /** Why the ratio misses its bound, for a row that is known to. */
  readonly whenMissed?: string;
}

export function isWithin({ ratio, bound, boundIs }: Figure): boolean {
  return boundIs === "at most" ? ratio <= bound : ratio >= bound;
}
