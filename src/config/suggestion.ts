import { distance } from "fastest-levenshtein";

/**
 * A sentence that names what was probably meant, with a space before it; empty when nothing is near.
 * At most every third character may differ.
 */
export function suggestion(found: string, known: readonly string[]): string {
  let nearest: string | undefined;
  let least = Math.max(1, Math.floor(found.length / 3)) + 1;
  for (const candidate of known) {
    const apart = distance(found.toLowerCase(), candidate.toLowerCase());
    if (apart < least) {
      nearest = candidate;
      least = apart;
    }
  }
  return nearest === undefined ? "" : ` Did you mean "${nearest}"?`;
}
