import type { Attributes } from "@opentelemetry/api";
import type { Family, Tell } from "./families.ts";
import { labelIdentity, labelTextOf } from "./label-text.ts";

/** The search stops for a moment after so many points. */
const pointsAtATime = 500;

/** Whether a series has been there before. */
export type Repeats = (attributes: Attributes, scopeLabels: string) => boolean;

/**
 * Finds series that read the same although their attributes differ, such as `a.b` and `a_b`; of those only the first may be written.
 * Yields an empty text now and then.
 * @returns undefined when every series of the family is certain to be another one, which is nearly always so and costs nothing
 */
export function* findRepetitions(family: Family, tell: Tell): Generator<string, Repeats | undefined> {
  if (!(yield* mayRepeat(family))) return undefined;
  const onHistogram = family.kind === "histogram";
  const seen = new Set<string>();
  return (attributes, scopeLabels) => {
    const series = `${labelIdentity(attributes, onHistogram)} ${scopeLabels}`;
    if (!seen.has(series)) {
      seen.add(series);
      return false;
    }
    tell(`a series of ${family.name} is left out: its labels are those of another one`);
    return true;
  };
}

function* mayRepeat({ kind, parts }: Family): Generator<string, boolean> {
  if (new Set(parts.map(({ scopeLabels }) => scopeLabels)).size < parts.length) return true;
  let looked = 0;
  for (const { dataPoints } of parts) {
    for (const { attributes } of dataPoints) {
      if (!labelTextOf(attributes, kind === "histogram").unique) return true;
      looked += 1;
      if (looked % pointsAtATime === 0) yield "";
    }
  }
  return false;
}
