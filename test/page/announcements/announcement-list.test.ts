import { describe, expect, it } from "vitest";
import type { ShownAnnouncement } from "../../../src/health/announcements/announcement.ts";
import { announcementList } from "../../../src/page/announcements/announcement-list.ts";
import { sampleAnnouncements } from "../../support/lived-reports.ts";
import { hostileTexts } from "../../support/sample-reports.ts";
import { readWellFormed } from "../../support/well-formed.ts";

function shown(fields: Partial<ShownAnnouncement> = {}): string {
  const [one] = sampleAnnouncements;
  if (one === undefined) throw new Error("there is no announcement");
  const list = announcementList([{ ...one, ...fields }])?.toString() ?? "";
  readWellFormed(list);
  return list;
}

const linksOf = (text: string) => [...text.matchAll(/<a href="([^"]*)"/g)].map(([, address]) => address);

describe("announcements on a page", () => {
  it("are not there when there are none", () => {
    expect(announcementList([])).toBeUndefined();
    expect(announcementList(undefined)).toBeUndefined();
  });

  it("say their level in words, their time and what they concern", () => {
    const text = shown();
    expect(text).toContain('<span class="level">Critical:</span> <bdi>Something critical</bdi>');
    expect(text).toMatch(/since <time [^>]*>14 Mar 2026, 14:09:26 UTC<\/time> · until <time/);
    expect(text).toContain("concerns <bdi>database</bdi>");
    expect(shown({ from: undefined, until: undefined, checks: [] })).not.toContain('class="when"');
  });

  it("are paragraphs and lines of plain text", () => {
    expect(shown({ text: "one\ntwo\n\n<b>three</b>\n \n\n" })).toContain(
      '<p dir="auto">one<br/>two</p><p dir="auto">&lt;b&gt;three&lt;/b&gt;</p>',
    );
  });

  it.each([
    ["See https://status.example/move.", ["https://status.example/move"]],
    ["(https://a.example/x?y=1#z), http://b.example!", ["https://a.example/x?y=1#z", "http://b.example"]],
    ['https://a.example/"onclick="alert(1)', ["https://a.example/"]],
    ["javascript:alert(1) ftp://a.example data:text/html,x //a.example", []],
    ["https:// http://", []],
  ])("link addresses of http and https alone: %s", (text, links) => {
    expect(linksOf(shown({ text }))).toEqual(links);
  });

  it("are well-formed whatever they say", () => {
    for (const text of hostileTexts) shown({ title: text, text, checks: [text] });
  });
});
