import type { FeedItem } from "@rowanmanning/feed-parser/lib/feed/item/base.js";
import { loadOnce } from "../../health/load-once.ts";

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

/** Elements, of which parsing takes 10 µs each. Text that is HTML has no more than these either. */
const maxElements = 50_000;

/** Loaded when a feed is read first: most programs read none. */
const loadParser = loadOnce(() => import("@rowanmanning/feed-parser"));

/**
 * Reads a feed: RSS or Atom.
 * @returns undefined when it is none, or is cut off in the middle, or is too large to be one of a status page
 */
export async function feedContent(text: string): Promise<FeedContent | undefined> {
  if (!isWhole(text) || exceeds(text, "<", maxElements)) return undefined;
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

function exceeds(text: string, character: string, max: number): boolean {
  let count = 0;
  for (let at = text.indexOf(character); at >= 0 && count <= max; at = text.indexOf(character, at + 1)) count += 1;
  return count > max;
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
