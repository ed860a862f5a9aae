import type { FeedTerms, Incident, StatusPageContent } from "../status-page.ts";
import { closingWords, hasWords, wordsIn } from "../whole-words.ts";
import { type FeedEntry, feedContent } from "./feed-entries.ts";

/** Reads a feed, RSS or Atom, whose young entries are incidents until they say that they are over. */
export async function readFeed(text: string): Promise<StatusPageContent | undefined> {
  const feed = await feedContent(text);
  if (feed === undefined) return undefined;
  return (now, terms) => ({
    incidents: feed.entries.filter((entry) => isOpen(entry, terms, now)).map(toIncident),
    link: feed.link,
  });
}

function isOpen(entry: FeedEntry, { maxEntryAge, contains, excludes }: FeedTerms, now: number): boolean {
  const { publishedAt, updatedAt } = entry;
  const at = latest(publishedAt, updatedAt);
  // One of the future announces something. One without a date may be of today.
  if (at !== undefined && (at > now || now - at >= maxEntryAge)) return false;
  const text = textOf(entry);
  if (contains !== undefined && !contains.some((words) => hasWords(text, words))) return false;
  return !(excludes ?? closingWords).some((words) => hasWords(text, words));
}

function toIncident(entry: FeedEntry): Incident {
  const { title, link, publishedAt, updatedAt } = entry;
  return { title, link, impact: "minor", beganAt: publishedAt ?? updatedAt, words: textOf(entry) };
}

function textOf({ title, categories, text }: FeedEntry): string {
  return wordsIn([title, ...categories, text]);
}

function latest(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.max(one, other);
}
