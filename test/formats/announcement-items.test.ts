import { parseFeed } from "@rowanmanning/feed-parser";
import { describe, expect, it } from "vitest";
import { atom } from "../../src/formats/atom.ts";
import type { Format } from "../../src/formats/format.ts";
import { healthJson } from "../../src/formats/health-json.ts";
import { rss } from "../../src/formats/rss.ts";
import type { ShownAnnouncement } from "../../src/health/announcements/announcement.ts";
import type { Report } from "../../src/health/report.ts";
import { contextOf } from "../support/describe-format.ts";
import { hostileTexts, sampleCheck, sampleReport, sampleTime } from "../support/sample-reports.ts";
import { readWellFormed } from "../support/well-formed.ts";

const move: ShownAnnouncement = {
  id: "0123456789abcdef",
  title: "Move <to> the new & larger machine",
  text: "At ten.\n\nSee https://status.example/move",
  level: "warning",
  at: sampleTime - 60_000,
  from: sampleTime - 60_000,
  until: sampleTime + 60_000,
  checks: ["disk"],
};

function reportWith(announcements: readonly ShownAnnouncement[]): Report {
  return { ...sampleReport([sampleCheck("disk"), sampleCheck("cache")]), announcements };
}

function render(format: Format, report: Report): string {
  return format.render(report, contextOf(report, format.offers[0]));
}

describe.each([atom, rss])("an announcement in $name", (format) => {
  it("is an entry before the changes, with its level and a link to where it stands on the page", () => {
    const { items } = parseFeed(render(format, reportWith([move])));
    expect(items[0]?.title).toContain("Warning: Move");
    expect(items[0]?.url).toBe("https://shop.example/health/#announcement-0123456789abcdef");
    expect(Math.floor(Number(items[0]?.published) / 1000)).toBe(Math.floor(move.at / 1000));
    expect(items[0]?.categories.map(({ term }) => term)).toEqual(["announcement", "warning"]);
    expect(items.length).toBeGreaterThan(1);
  });

  it("has the same identifier at every poll, and when its text is corrected", () => {
    const idOf = (one: ShownAnnouncement) => parseFeed(render(format, reportWith([one]))).items[0]?.id;
    expect(idOf({ ...move, text: "At eleven." })).toBe(idOf(move));
    expect(idOf({ ...move, id: "fedcba9876543210" })).not.toBe(idOf(move));
  });

  it("is well-formed whatever it says", () => {
    for (const text of hostileTexts) readWellFormed(render(format, reportWith([{ ...move, title: text, text }])));
  });

  it("makes the feed as new as itself", () => {
    const feed = parseFeed(render(format, reportWith([{ ...move, at: sampleTime }])));
    expect(feed.updated).toEqual(new Date(format.name === "rss" ? Math.floor(sampleTime / 1000) * 1000 : sampleTime));
  });
});

describe("an announcement in health+json", () => {
  it("is in the list of announcements, with what is known of it", () => {
    const { announcements } = JSON.parse(render(healthJson, reportWith([move])));
    const { at, ...shown } = move;
    expect(announcements).toEqual([
      { ...shown, from: new Date(at).toISOString(), until: new Date(at + 120_000).toISOString() },
    ]);
  });

  it("leaves no trace when there is none", () => {
    expect(JSON.parse(render(healthJson, reportWith([])))).not.toHaveProperty("announcements");
  });
});
