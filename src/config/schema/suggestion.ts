import { distance } from "fastest-levenshtein";

/**
 * A question that names what was probably meant, preceded by a space; empty when nothing is similar.
 * Similar means that at most every third character differs, or that two characters are swapped.
 */
export function suggestion(found: string, known: readonly string[]): string {
  const text = found.toLowerCase();
  let nearest: string | undefined;
  let minDistance = Math.max(1, Math.floor(text.length / 3)) + 1;
  for (const candidate of known) {
    // The lengths alone say that most names are not similar.
    if (Math.abs(candidate.length - text.length) >= minDistance) continue;
    const candidateDistance = distanceBetween(text, candidate.toLowerCase());
    if (candidateDistance < minDistance) {
      nearest = candidate;
      minDistance = candidateDistance;
    }
  }
  return nearest === undefined ? "" : ` Did you mean "${nearest}"?`;
}

/** Swapped characters, a common typing error, count as one difference. */
function distanceBetween(one: string, other: string): number {
  const differences = distance(one, other);
  const isSwap = differences === 2 && one.length === other.length && lettersOf(one) === lettersOf(other);
  return isSwap ? 1 : differences;
}

function lettersOf(word: string): string {
  return [...word].sort().join("");
}
