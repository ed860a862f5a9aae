import { distance } from "fastest-levenshtein";

/**
 * A question that names what was probably meant, preceded by a space; empty when nothing is similar.
 * Similar means that at most every third character differs, or that the same characters are in another order.
 */
export function suggestion(found: string, known: readonly string[]): string {
  let nearest: string | undefined;
  let minDistance = Math.max(1, Math.floor(found.length / 3)) + 1;
  for (const candidate of known) {
    const candidateDistance = distanceBetween(found.toLowerCase(), candidate.toLowerCase());
    if (candidateDistance < minDistance) {
      nearest = candidate;
      minDistance = candidateDistance;
    }
  }
  return nearest === undefined ? "" : ` Did you mean "${nearest}"?`;
}

/** Swapped characters, a common typing error, count as one difference. */
function distanceBetween(one: string, other: string): number {
  const letters = (word: string): string => [...word].sort().join("");
  return one !== other && letters(one) === letters(other) ? 1 : distance(one, other);
}
