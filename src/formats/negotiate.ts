import type { Offer, OfferedFormat } from "./format.ts";
import { type MediaRange, parseAccept, specificity } from "./media-range.ts";

/** A format and the media type to serve it as. */
export interface Choice<Kind extends OfferedFormat = OfferedFormat> {
  readonly format: Kind;
  readonly offer: Offer;
}

/** How many headers are cached, and how long they may be. */
const maxCachedHeaders = 200;
const maxCachedLength = 1000;

/** The choices for headers, cached because the same few clients come again and again. */
const cache = new WeakMap<readonly OfferedFormat[], Map<string, Choice | undefined>>();

/**
 * Chooses one of the formats that an `Accept` header can ask for, according to RFC 9110, section 12.5.1: the most specific range that matches an offer determines its
 * quality, and the offer with the highest quality wins. For ties, which the RFC leaves to the server, a match by name wins
 * over a wildcard, then a format's first offer over other offers, then the earlier format.
 *
 * More lenient than the RFC, for clients in use: `q` may be anywhere among the parameters and be written `.5`, a lone `*` means
 * any type, malformed members are ignored, and a header without well-formed members is treated as absent.
 * @param accept the header's value; undefined when there is none
 * @returns undefined when no offer is acceptable
 */
export function negotiate(formats: readonly OfferedFormat[], accept = ""): Choice | undefined {
  let choices = cache.get(formats);
  if (choices === undefined) {
    choices = new Map();
    cache.set(formats, choices);
  }
  if (choices.has(accept)) return choices.get(accept);
  const choice = choose(formats, parseAccept(accept));
  if (accept.length <= maxCachedLength) {
    // Random headers can only make the others be parsed again.
    if (choices.size >= maxCachedHeaders) choices.clear();
    choices.set(accept, choice);
  }
  return choice;
}

function choose(formats: readonly OfferedFormat[], ranges: readonly MediaRange[]): Choice | undefined {
  let best: Choice | undefined;
  let bestQuality = 0;
  let bestSpecificity = -1;
  for (const choice of choicesByPreference(formats)) {
    const { quality, specificity } = ranges.length === 0 ? { quality: 1, specificity: 0 } : judge(choice.offer, ranges);
    const better = quality > bestQuality || (quality === bestQuality && specificity > bestSpecificity);
    if (quality > 0 && better) {
      best = choice;
      bestQuality = quality;
      bestSpecificity = specificity;
    }
  }
  return best;
}

/** Each format's first offer, then all others: `application/*` gets JSON rather than XHTML. */
function choicesByPreference(formats: readonly OfferedFormat[]): readonly Choice[] {
  const first = formats.map((format) => ({ format, offer: format.offers[0] }));
  const others = formats.flatMap((format) => format.offers.slice(1).map((offer) => ({ format, offer })));
  return [...first, ...others].filter(({ format }) => format.isByQueryOnly !== true);
}

/**
 * The quality of an offer according to the most specific range. Among equally specific ranges the highest quality counts,
 * whatever their order, unless one of them refuses the offer.
 */
function judge(
  offer: Offer,
  ranges: readonly MediaRange[],
): { readonly quality: number; readonly specificity: number } {
  let quality = 0;
  let highest = -1;
  for (const range of ranges) {
    const closeness = specificity(offer, range);
    if (closeness > highest) {
      highest = closeness;
      quality = range.quality;
    } else if (closeness === highest && closeness >= 0) {
      quality = quality === 0 || range.quality === 0 ? 0 : Math.max(quality, range.quality);
    }
  }
  return { quality, specificity: highest };
}
