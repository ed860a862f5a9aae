import type { Item } from "feed";
import type { ShownAnnouncement } from "../health/announcements/announcement.ts";
import type { Report } from "../health/report.ts";
import { markup } from "./markup.ts";
import { stableUuid } from "./stable-uuid.ts";

/** An endpoint's announcements as entries of a feed, the most urgent first. */
export function announcementItems(
  { title: service, announcements = [] }: Report,
  address: string,
  writeTitle: (text: string) => string,
): readonly Item[] {
  return announcements.map(({ id, at, title, text, level }): Item => {
    const date = new Date(at);
    return {
      id: `urn:uuid:${stableUuid([service, "announcement", id])}`,
      title: writeTitle(`${words[level]}: ${title}`),
      link: `${address}#announcement-${id}`,
      date,
      published: date,
      description: markup`<p>${text === "" ? title : text}</p>`.toString(),
      category: ["announcement", level].map((name) => ({ name, term: name })),
    };
  });
}

const words = {
  info: "Announcement",
  warning: "Warning",
  critical: "Critical",
} as const satisfies Record<ShownAnnouncement["level"], string>;
