import { distance } from "fastest-levenshtein";

/**
 * A sentence that names what was probably meant, with a space before it; empty when nothing is near.
 * At most every third character may differ, or the characters are the same in another order.
 */
export function suggestion(found: string, known: readonly string[]): string {
  let nearest: string | undefined;
  let least = Math.max(1, Math.floor(found.length / 3)) + 1;
  for (const candidate of known) {
    const apart = distanceBetween(found.toLowerCase(), candidate.toLowerCase());
    if (apart < least) {
      nearest = candidate;
      least = apart;
    }
  }
  return nearest === undefined ? "" : ` Did you mean "${nearest}"?`;
}

/** Two characters that were swapped count as one that differs: that is how fingers err. */
function distanceBetween(one: string, other: string): number {
  const letters = (word: string): string => [...word].sort().join("");
  return one !== other && letters(one) === letters(other) ? 1 : distance(one, other);
}
