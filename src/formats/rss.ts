import { addressOf } from "./endpoint-address.ts";
import { transitionFeed } from "./feed.ts";
import type { Format } from "./format.ts";
import { printable } from "./printable.ts";

/** An item a change of state, as RSS 2.0. */
export const rss: Format = {
  name: "rss",
  title: "RSS",
  offers: [{ mediaType: "application/rss+xml", contentType: "application/rss+xml; charset=utf-8" }],
  tellsByStatus: false,
  render: (report, { url }) => `${transitionFeed(report, addressOf(report, url), "rss", plainTitle).rss2()}\n`,
};

/** The feed library puts a title into a CDATA section, of which it hides only the first end that the text holds. */
function plainTitle(text: string): string {
  return printable(text).replaceAll("]]>", "]] >");
}
