import { describe, expect, it } from "vitest";
import type { Announcement } from "../../../src/health/announcements/announcement.ts";
import { AnnouncementBoard } from "../../../src/health/announcements/announcement-board.ts";

const now = Date.UTC(2026, 2, 14, 15);
const hour = 3_600_000;

const checks = [
  { check: { name: "database", labels: {}, group: ["shop", "storage"] } },
  { check: { name: "cache", labels: {}, group: ["shop"] } },
  { check: { name: "mail", labels: {} } },
];

function announcement(title: string, fields: Partial<Announcement> = {}): Announcement {
  const byDefault = { id: title, title, text: "", level: "info", from: undefined, until: undefined } as const;
  return { ...byDefault, checks: [], groups: [], ...fields };
}

function shown(announcements: readonly Announcement[], at = now) {
  return new AnnouncementBoard(announcements, now).on(checks, at);
}

describe("what is announced", () => {
  it("is shown from its start until its end, and neither before nor after", () => {
    const [one] = [announcement("Move", { from: now, until: now + hour })];
    const seenAt = (at: number) => shown([one], at).length;
    expect([now - 1, now, now + hour - 1, now + hour].map(seenAt)).toEqual([0, 1, 1, 0]);
  });

  it("is shown as long as it is there without a start and an end", () => {
    expect(shown([announcement("Move")])).toMatchObject([{ title: "Move", at: now, checks: [] }]);
  });

  it("that concerns checks or groups is shown where one of them is, with their names and no others", () => {
    const of = (fields: Partial<Announcement>) => shown([announcement("Move", fields)]).map((one) => one.checks);
    expect(of({ checks: ["mail", "elsewhere"] })).toEqual([["mail"]]);
    expect(of({ groups: [["shop"]] })).toEqual([["database", "cache"]]);
    expect(of({ groups: [["shop", "storage"]], checks: ["mail"] })).toEqual([["database", "mail"]]);
    expect(of({ checks: ["elsewhere"] })).toEqual([]);
    expect(of({ groups: [["storage"]] })).toEqual([]);
  });

  it("that concerns every check here names none", () => {
    const all = announcement("Move", { checks: ["database", "cache", "mail"] });
    expect(shown([all])).toMatchObject([{ checks: [] }]);
  });

  it("is in the order of its urgency, the latest first", () => {
    const order = shown([
      announcement("old info", { from: now - 2 }),
      announcement("new info", { from: now - 1 }),
      announcement("critical", { level: "critical", from: now - 3 }),
      announcement("warning", { level: "warning", from: now - 4 }),
    ]).map(({ title }) => title);
    expect(order).toEqual(["critical", "warning", "new info", "old info"]);
  });

  it("keeps the moment at which it was first there when other announcements are posted", () => {
    const board = new AnnouncementBoard([announcement("Move")], now - hour);
    board.post([announcement("Move"), announcement("New")], now);
    expect(board.on(checks, now).map(({ title, at }) => [title, at])).toEqual([
      ["New", now],
      ["Move", now - hour],
    ]);
  });
});
