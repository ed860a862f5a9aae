import type { parseFeed } from "@rowanmanning/feed-parser";
import { loadOnce } from "../../../health/load-once.ts";

type FeedItem = ReturnType<typeof parseFeed>["items"][number];

/** An entry of a feed. Moments are in milliseconds since the epoch. */
export interface FeedEntry {
  readonly title: string;
  readonly link: string | undefined;
  readonly categories: readonly string[];
  readonly text: string;
  readonly publishedAt: number | undefined;
  readonly updatedAt: number | undefined;
}

/** What is used of a feed. */
export interface FeedContent {
  readonly title: string;
  readonly link: string | undefined;
  readonly entries: readonly FeedEntry[];
}

/** The largest feeds of status pages have some hundred entries. */
const maxEntries = 1000;

/** The parser takes up to 20 µs for an element, and for each 10 bytes of a tag: what is larger could hold up everything else. */
const maxElements = 20_000;
const maxTagCharacters = 16 * 1024;

/** Loaded when a feed is read first: most programs read none. */
const loadParser = loadOnce(() => import("@rowanmanning/feed-parser"));

/**
 * Reads a feed: RSS or Atom.
 * @returns undefined when it is none, or is cut off in the middle, or is too large to be one of a status page
 */
export async function feedContent(text: string): Promise<FeedContent | undefined> {
  if (!isWhole(text) || isTooLarge(text)) return undefined;
  const { parseFeed } = await loadParser();
  try {
    const feed = parseFeed(text);
    const { title } = feed;
    // Without the title, which every feed must have, it is an empty element of a like name.
    if (title === null) return undefined;
    return { title, link: feed.url ?? undefined, entries: feed.items.slice(0, maxEntries).map(toEntry) };
  } catch {
    return undefined; // It says why, in words that quote what was read.
  }
}

/** The parser does not mind when the end is missing, in which the incidents may have been. */
function isWhole(text: string): boolean {
  return /<\/(?:\w+:)?(?:rss|feed|rdf)\s*>/i.test(text.slice(-1000));
}

function isTooLarge(text: string): boolean {
  let elements = 0;
  for (let at = text.indexOf("<"); at >= 0; at = text.indexOf("<", at + 1)) {
    elements += 1;
    const isText = text.startsWith("<![CDATA[", at) || text.startsWith("<!--", at);
    if (elements > maxElements || (!isText && text.indexOf(">", at) - at > maxTagCharacters)) return true;
  }
  return false;
}

/**
 * Neither the link nor the categories are those of the library, which looks through the whole feed for each entry that has none:
 * a minute for 10,000 entries.
 */
function toEntry(item: FeedItem): FeedEntry {
  const { title, description, content, published, updated, element } = item;
  const links = element.findElementsWithName("link");
  const link = links.find((one) => ["alternate", null].includes(one.getAttribute("rel")));
  const categories = element.findElementsWithName("category");
  return {
    title: title ?? "an entry without a title",
    link: (link?.getAttributeAsUrl("href") ?? link?.textContentAsUrl) || undefined,
    categories: categories.flatMap((one) => [one.getAttribute("term") ?? "", one.textContentNormalized]),
    text: `${description ?? ""}\n${content ?? ""}`,
    publishedAt: published?.getTime(),
    updatedAt: updated?.getTime(),
  };
}
