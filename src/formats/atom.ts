import { addressOf } from "./endpoint-address.ts";
import { transitionFeed } from "./feed.ts";
import type { Format } from "./format.ts";
import { markup } from "./markup.ts";

/** State changes as an Atom feed (RFC 4287), one entry each. */
export const atom: Format = {
  name: "atom",
  title: "Atom",
  offers: [{ mediaType: "application/atom+xml", contentType: "application/atom+xml; charset=utf-8" }],
  tellsByStatus: false,
  isKept: true,
  render: (report, { url }) => `${transitionFeed(report, addressOf(report, url), "atom", htmlTitle).atom1()}\n`,
};

function htmlTitle(text: string): string {
  return markup`${text}`.toString();
}
