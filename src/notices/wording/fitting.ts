import type { Notice } from "../notice.ts";
import { shortened } from "./shorten.ts";

/** A notice that is too long is shown with so many characters of its message. */
const messageLengths = [1000, 500, 250, 120, 60, 0];

/** What fits into a message, and how many notices are left out. */
export interface Fitting<Part> {
  readonly parts: readonly Part[];
  readonly left: number;
}

/** How to put notices so that they fit. */
export interface FitRules<Part> {
  readonly write: (notice: Notice) => Part;
  /** How much of the room a part takes: characters or bytes. */
  readonly size: (part: Part) => number;
  /** For all parts together. */
  readonly maxSize: number;
  /** For each part. Default: as for all. */
  readonly maxPartSize?: number | undefined;
  readonly maxParts?: number | undefined;
}

/** Puts as many notices as fit, in their order. The message of a check is shortened when it alone would not. */
export function fitting<Part>(notices: readonly Notice[], rules: FitRules<Part>): Fitting<Part> {
  const { size, maxSize, maxPartSize = maxSize, maxParts = Number.POSITIVE_INFINITY } = rules;
  const parts: Part[] = [];
  let used = 0;
  for (const notice of notices) {
    if (parts.length >= maxParts) break;
    const part = writeWithin(notice, rules, parts.length === 0 ? Math.min(maxPartSize, maxSize) : maxPartSize);
    used += size(part);
    // The first one is shown in any case: it was made to fit.
    if (used > maxSize && parts.length > 0) break;
    parts.push(part);
  }
  return { parts, left: notices.length - parts.length };
}

function writeWithin<Part>(notice: Notice, { write, size }: FitRules<Part>, maxSize: number): Part {
  let part = write(notice);
  for (const length of messageLengths) {
    if (size(part) <= maxSize) break;
    part = write(withoutLongTexts(notice, length));
  }
  return part;
}

/** With a shorter message; with none, also without what may be long besides. */
function withoutLongTexts(notice: Notice, length: number): Notice {
  const message = shortened(notice.message, length);
  return length > 0 ? { ...notice, message } : { ...notice, message, group: [], page: undefined, trace: undefined };
}

/** What is said of notices that did not fit; empty when all did. */
export function leftText(left: number): string {
  return left === 0 ? "" : `… and ${left} more`;
}
