import { describe, expect, it } from "vitest";
import { isTimeZone, momentOf, readMoment, wallTimeAt } from "../../../src/health/maintenance/zone.ts";

const iso = (moment: number | undefined): string | undefined =>
  moment === undefined ? undefined : new Date(moment).toISOString();

describe("the clocks of a time zone", () => {
  it.each([
    ["Europe/Berlin", "2026-01-15 12:00", "2026-01-15T11:00:00.000Z"],
    ["Europe/Berlin", "2026-07-15 12:00", "2026-07-15T10:00:00.000Z"],
    ["America/New_York", "2026-07-15 12:00", "2026-07-15T16:00:00.000Z"],
    ["Asia/Kathmandu", "2026-07-15 12:00", "2026-07-15T06:15:00.000Z"],
    ["Pacific/Kiritimati", "2026-07-15 12:00", "2026-07-14T22:00:00.000Z"],
    ["UTC", "2026-07-15", "2026-07-15T00:00:00.000Z"],
  ])("are read in %s: %s", (zone, text, expected) => {
    expect(iso(readMoment(text, zone))).toBe(expected);
  });

  it.each([
    // Left out in spring: as long after the change as the time would have been.
    ["Europe/Berlin", "2026-03-29 02:30", "2026-03-29T01:30:00.000Z"],
    ["America/New_York", "2026-03-08 02:30", "2026-03-08T07:30:00.000Z"],
    // Twice in autumn: the first.
    ["Europe/Berlin", "2026-10-25 02:30", "2026-10-25T00:30:00.000Z"],
    ["America/New_York", "2026-11-01 01:30", "2026-11-01T05:30:00.000Z"],
  ])("are read at a change in %s: %s", (zone, text, expected) => {
    expect(iso(readMoment(text, zone))).toBe(expected);
  });

  it("go by the offset that is written, whatever the zone", () => {
    expect(iso(readMoment("2026-07-15T12:00:00-03:30", "Europe/Berlin"))).toBe("2026-07-15T15:30:00.000Z");
    expect(iso(readMoment("2026-07-15T12:00Z", "Europe/Berlin"))).toBe("2026-07-15T12:00:00.000Z");
  });

  it("show what they were read from, on each side of each change", () => {
    for (const day of ["2026-03-28", "2026-03-30", "2026-10-24", "2026-10-26", "2028-02-29"]) {
      const wall = Date.parse(`${day}T23:59:59Z`);
      for (const zone of ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"]) {
        expect(wallTimeAt(zone, momentOf(zone, wall))).toBe(wall);
      }
    }
  });

  it.each([
    "2026-02-29",
    "2026-02-30 10:00",
    "2026-13-01",
    "2026-12-01 24:30",
    "2026-12-01 10",
    "tomorrow",
    "",
    "10:00",
  ])("do not show %j", (text) => {
    expect(readMoment(text, "UTC")).toBeUndefined();
  });

  it("have a February 29 in leap years", () => {
    expect(iso(readMoment("2028-02-29 10:00", "UTC"))).toBe("2028-02-29T10:00:00.000Z");
  });

  it("are those of zones that exist", () => {
    expect(["Europe/Berlin", "UTC", "Etc/GMT+5", "America/Argentina/Buenos_Aires"].filter(isTimeZone)).toHaveLength(4);
    expect(["Mars/Olympus", "", "+01:00", "Berlin", "Europe/Berlin "].filter(isTimeZone)).toEqual([]);
  });
});
