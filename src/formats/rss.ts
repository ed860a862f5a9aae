import { addressOf } from "./endpoint-address.ts";
import { transitionFeed } from "./feed.ts";
import type { Format } from "./format.ts";
import { printable } from "./printable.ts";

/** State changes as an RSS 2.0 feed, one item each. */
export const rss: Format = {
  name: "rss",
  title: "RSS",
  offers: [{ mediaType: "application/rss+xml", contentType: "application/rss+xml; charset=utf-8" }],
  tellsByStatus: false,
  isKept: true,
  render: (report, { url }) => `${transitionFeed(report, addressOf(report, url), "rss", plainTitle).rss2()}\n`,
};

/** The feed library puts titles into a CDATA section, but escapes only the first `]]>` in them. */
function plainTitle(text: string): string {
  return printable(text).replaceAll("]]>", "]] >");
}
