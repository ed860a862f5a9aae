import type { Format, Offer } from "./format.ts";
import { type MediaRange, parseAccept, specificity } from "./media-range.ts";

/** A format and the media type in which it is wanted. */
export interface Choice {
  readonly format: Format;
  readonly offer: Offer;
}

/** So many different headers are remembered; longer ones than this are not. */
const rememberedHeaders = 200;
const longestRememberedHeader = 1000;

/** What was chosen for a header: the same few callers come again and again. */
const remembered = new WeakMap<readonly Format[], Map<string, Choice | undefined>>();

/**
 * Chooses a format as RFC 9110, section 12.5.1, says: of the ranges that match an offer the most specific one gives its
 * quality, and the offer of the highest quality wins. Among equals the RFC leaves the choice to the server: what is
 * asked for by name comes before what a wildcard lets in, then a format's first offer before any format's others, then
 * the earlier format.
 *
 * More lenient than the RFC with what is out there: `q` may stand anywhere among the parameters and be written `.5`, a
 * lone `*` is any type, a malformed member is ignored, and a header without any well-formed member is as good as none.
 * @param accept the header's value; undefined when there is none
 * @returns undefined when nothing that is offered is acceptable
 */
export function negotiate(formats: readonly Format[], accept = ""): Choice | undefined {
  let choices = remembered.get(formats);
  if (choices === undefined) {
    choices = new Map();
    remembered.set(formats, choices);
  }
  if (choices.has(accept)) return choices.get(accept);
  const choice = choose(formats, parseAccept(accept));
  if (accept.length <= longestRememberedHeader) {
    // Whoever makes up headers makes the others be read again, and nothing worse.
    if (choices.size >= rememberedHeaders) choices.clear();
    choices.set(accept, choice);
  }
  return choice;
}

function choose(formats: readonly Format[], ranges: readonly MediaRange[]): Choice | undefined {
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

/** Each format's first offer, then their others: who takes any `application/*` gets JSON rather than XHTML. */
function choicesByPreference(formats: readonly Format[]): readonly Choice[] {
  const first = formats.map((format) => ({ format, offer: format.offers[0] }));
  const others = formats.flatMap((format) => format.offers.slice(1).map((offer) => ({ format, offer })));
  return [...first, ...others];
}

/**
 * What the most specific of the ranges says of an offer. Of equally specific ones that disagree the highest quality
 * counts, so that their order does not matter, unless one of them refuses the offer.
 */
function judge(
  offer: Offer,
  ranges: readonly MediaRange[],
): { readonly quality: number; readonly specificity: number } {
  let quality = 0;
  let most = -1;
  for (const range of ranges) {
    const closeness = specificity(offer, range);
    if (closeness > most) {
      most = closeness;
      quality = range.quality;
    } else if (closeness === most && closeness >= 0) {
      quality = quality === 0 || range.quality === 0 ? 0 : Math.max(quality, range.quality);
    }
  }
  return { quality, specificity: most };
}
