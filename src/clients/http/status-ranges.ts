import { z } from "zod";

/** Which status codes of an answer are expected: single ones, ranges and classes, printed as `2xx, 301`. */
export class StatusRanges {
  readonly #ranges: readonly Range[];

  constructor(ranges: readonly Range[]) {
    this.#ranges = ranges;
  }

  /**
   * Reads `200`, `200-299`, `2xx`, and several of them with commas between.
   * @returns undefined when the text is none
   */
  static parse(text: string): StatusRanges | undefined {
    const ranges: Range[] = [];
    for (const part of text.split(",")) {
      const range = parseRange(part.trim());
      if (range === undefined) return undefined;
      ranges.push(range);
    }
    return new StatusRanges(ranges);
  }

  includes(status: number): boolean {
    return this.#ranges.some(({ first, last }) => first <= status && status <= last);
  }

  toString(): string {
    return this.#ranges.map(({ text }) => text).join(", ");
  }

  toJSON(): string {
    return this.toString();
  }
}

interface Range {
  readonly first: number;
  readonly last: number;
  readonly text: string;
}

function parseRange(text: string): Range | undefined {
  const [, from, to = from, digit] = /^(?:([1-5]\d\d)(?:\s*-\s*([1-5]\d\d))?|([1-5])xx)$/i.exec(text) ?? [];
  const first = digit === undefined ? Number(from) : 100 * Number(digit);
  const last = digit === undefined ? Number(to) : first + 99;
  return first <= last ? { first, last, text: text.toLowerCase() } : undefined; // A number that is none is never less.
}

/** The status codes of an answer that are as they should be. A field of it yields {@link StatusRanges}. */
export function statusRanges() {
  const message = "must be status codes from 100 to 599, such as 200, 2xx, 200-299 or a list of those";
  const one = z.union([z.number(), z.string()], message);
  return z
    .union([one, z.array(one).min(1, message)], message)
    .meta({ title: "status codes" })
    .transform((value, context) => {
      const ranges = StatusRanges.parse(String(value)); // A list prints with commas between.
      if (ranges !== undefined) return ranges;
      context.issues.push({ code: "custom", message, input: value });
      return z.NEVER;
    });
}
