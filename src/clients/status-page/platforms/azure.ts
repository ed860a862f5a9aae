import type { Incident, StatusPageContent } from "../status-page.ts";
import { hasWords, wordsIn } from "../whole-words.ts";
import { type FeedEntry, feedContent } from "./feed-entries.ts";

/** Reads the feed of Azure's status, which has an item for each open incident, and none when all is calm. */
export async function readAzure(text: string): Promise<StatusPageContent | undefined> {
  const feed = await feedContent(text);
  // A feed of somebody else, which may have taken its place, must not be all clear.
  if (feed === undefined || !hasWords(feed.title, "azure")) return undefined;
  const incidents = feed.entries.filter(({ title }) => !isOver(title)).map(toIncident);
  return () => ({ incidents, link: "https://azure.status.microsoft/" });
}

/** `Virtual Machines - East Atlantis - Resolved`: the last clause says how it stands. */
function isOver(title: string): boolean {
  const [last = ""] = title.split(" - ").slice(-1);
  return hasWords(last, "resolved");
}

function toIncident({ title, link, categories, publishedAt }: FeedEntry): Incident {
  // Not of the description, which names what is not concerned, too.
  return { title, link, impact: "minor", beganAt: publishedAt, words: wordsIn([title, ...categories]) };
}
