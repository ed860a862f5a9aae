const unitMilliseconds = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;

/** Numbers with units from the longest to the shortest, each at most once: `1h30m`, `15s`, `0.5s`, `500ms`. */
const pattern =
  /^(?:(?<d>\d+(?:\.\d+)?)d)?(?:(?<h>\d+(?:\.\d+)?)h)?(?:(?<m>\d+(?:\.\d+)?)m(?!s))?(?:(?<s>\d+(?:\.\d+)?)s)?(?:(?<ms>\d+(?:\.\d+)?)ms)?$/;

/** A length of time that knows its unit and prints as it is written in a configuration: `1m30s`. */
export class Duration {
  readonly milliseconds: number;

  constructor(milliseconds: number) {
    this.milliseconds = milliseconds;
  }

  /**
   * Reads `15s`, `1m30s` or `500ms`.
   * @returns undefined when the text is none
   */
  static parse(text: string): Duration | undefined {
    const groups = text.length > 0 && text.length < 50 ? pattern.exec(text)?.groups : undefined;
    if (groups === undefined) return undefined;
    let milliseconds = 0;
    for (const [unit, size] of Object.entries(unitMilliseconds)) milliseconds += Number(groups[unit] ?? 0) * size;
    return new Duration(milliseconds);
  }

  get seconds(): number {
    return this.milliseconds / 1000;
  }

  toString(): string {
    if (this.milliseconds === 0) return "0s";
    let rest = this.milliseconds;
    let text = "";
    for (const [unit, size] of Object.entries(unitMilliseconds)) {
      const count = unit === "ms" ? Number(rest.toFixed(3)) : Math.floor(rest / size);
      if (count > 0) text += `${count}${unit}`;
      rest -= count * size;
    }
    return text;
  }

  toJSON(): string {
    return this.toString();
  }
}
