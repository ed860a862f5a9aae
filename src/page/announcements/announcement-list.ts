import { type Fragment, type Markup, markup } from "../../formats/markup.ts";
import type { AnnouncementLevel, ShownAnnouncement } from "../../health/announcements/announcement.ts";
import { moment } from "../moment.ts";

/** What each level is called, and the colours it is shown in: those of a state. */
const levels = {
  info: { word: "Announcement", colours: "skipped", mark: "M8 7v4.6M8 4.4v.1" },
  warning: { word: "Warning", colours: "degraded", mark: "M8 4.4v4.4M8 11.5v.1" },
  critical: { word: "Critical", colours: "unhealthy", mark: "M8 4.4v4.4M8 11.5v.1" },
} as const satisfies Record<AnnouncementLevel, object>;

/** What the readers of a page are told above its verdict; nothing when there is nothing. */
export function announcementList(announcements: readonly ShownAnnouncement[] = []): Markup | undefined {
  if (announcements.length === 0) return undefined;
  return markup`<section class="announcements" aria-label="Announcements">${announcements.map(shown)}</section>\n`;
}

function shown({ id, title, text, level, from, until, checks }: ShownAnnouncement): Markup {
  const { word, colours, mark } = levels[level];
  const times = [
    from !== undefined && markup`since ${moment(from)}`,
    until !== undefined && markup`until ${moment(until)}`,
  ].filter((time) => time !== false);
  const about = checks.length > 0 && markup`concerns <bdi>${checks.join(", ")}</bdi>`;
  const details = [...times, about].filter((part) => part !== false);
  return markup`<article class="announcement ${colours}" id="announcement-${id}"><svg xmlns="http://www.w3.org/2000/svg" class="icon" viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="7.5" fill="currentColor"/><path class="mark" d="${mark}"/></svg><div><h2><span class="level">${word}:</span> <bdi>${title}</bdi></h2>${paragraphs(text)}${
    details.length > 0 && markup`<p class="when">${details.map((part, index) => [index > 0 && " · ", part])}</p>`
  }</div></article>\n`;
}

function paragraphs(text: string): readonly Markup[] {
  return text
    .split(/\n[\t ]*\n/)
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => paragraph !== "")
    .map((paragraph) => markup`<p dir="auto">${paragraph.split("\n").map(line)}</p>`);
}

function line(text: string, index: number): readonly Fragment[] {
  return [index > 0 && markup`<br/>`, linked(text.replaceAll("\t", " "))];
}

/** An address with http or https; what ends a sentence behind it is not a part of it. */
const address = /https?:\/\/[^\s\p{C}<>"']*[^\s\p{C}<>"'.,;:!?)\]}]/gu;

/** Plain text whose addresses are links. */
function linked(text: string): readonly Fragment[] {
  const parts: Fragment[] = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(address)) {
    if (!URL.canParse(found)) continue;
    parts.push(text.slice(end, index), markup`<a href="${found}" rel="noreferrer">${found}</a>`);
    end = index + found.length;
  }
  return [...parts, text.slice(end)];
}
