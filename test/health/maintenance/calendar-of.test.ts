import { describe, expect, it } from "vitest";
import { calendarOf, type PlannedMaintenance } from "../../../src/health/maintenance/calendar-of.ts";

const at = (text: string): number => Date.parse(text);
const check = { name: "database", labels: {} };
const hour = 3_600_000;

/** When the maintenance begins and ends between two moments, found by following the edges. */
function edges(planned: PlannedMaintenance, from: string, until: string): readonly string[] {
  const calendar = calendarOf([planned]);
  const found: string[] = [];
  let moment = at(from);
  let before = calendar.at(check, moment)?.title;
  for (;;) {
    moment = calendar.nextEdge(moment);
    if (moment >= at(until)) return found;
    const now = calendar.at(check, moment)?.title;
    if (now !== before) found.push(`${now === undefined ? "ends" : "begins"} ${new Date(moment).toISOString()}`);
    before = now;
  }
}

describe("a planned maintenance", () => {
  it("comes once, from its start until its end, which is not in it", () => {
    const calendar = calendarOf([{ title: "Move", start: "2026-12-01 22:00", duration: "2h" }]);
    const title = (text: string) => calendar.at(check, at(text))?.title;
    expect(title("2026-12-01T21:59:59.999Z")).toBeUndefined();
    expect(title("2026-12-01T22:00:00Z")).toBe("Move");
    expect(title("2026-12-01T23:59:59.999Z")).toBe("Move");
    expect(title("2026-12-02T00:00:00Z")).toBeUndefined();
    expect(calendar.nextEdge(at("2026-12-03"))).toBe(Number.POSITIVE_INFINITY);
  });

  it("says when it began and will end", () => {
    const calendar = calendarOf([
      { title: "Move", start: new Date("2026-12-01T22:00Z"), end: "2026-12-02T00:00+01:00" },
    ]);
    expect(calendar.at(check, at("2026-12-01T22:30Z"))).toMatchObject({
      startsAt: at("2026-12-01T22:00Z"),
      endsAt: at("2026-12-01T23:00Z"),
    });
    expect(calendar.active(at("2026-12-01T22:30Z"))).toEqual([calendar.at(check, at("2026-12-01T22:30Z"))]);
  });

  it("has another id each time it comes, and the same whenever it is asked and loaded", () => {
    const planned = { title: "Backup", start: "2026-01-01 02:00", duration: "1h", every: "1d" };
    const ids = ["2026-01-01T02:10Z", "2026-01-02T02:10Z", "2026-01-01T02:50Z"].map(
      (text) => calendarOf([planned]).at(check, at(text))?.id,
    );
    expect(ids[0]).toBe(ids[2]);
    expect(ids[0]).not.toBe(ids[1]);
    const other = calendarOf([{ ...planned, checks: ["database"] }]).at(check, at("2026-01-01T02:10Z"));
    expect(other?.id).not.toBe(ids[0]);
  });

  it("comes again after `every`, keeping to the clocks when that is whole days: Europe/Berlin, spring", () => {
    const planned = {
      title: "Backup",
      start: "2026-03-27 02:00",
      duration: "2h",
      every: "1d",
      timezone: "Europe/Berlin",
    };
    expect(edges(planned, "2026-03-28", "2026-03-31")).toEqual([
      "begins 2026-03-28T01:00:00.000Z",
      "ends 2026-03-28T03:00:00.000Z",
      "begins 2026-03-29T01:00:00.000Z",
      "ends 2026-03-29T03:00:00.000Z",
      "begins 2026-03-30T00:00:00.000Z",
      "ends 2026-03-30T02:00:00.000Z",
    ]);
  });

  it("ends by the clocks when its end is given: Europe/Berlin, autumn, 25 hours after 22:00 it is 22:00 again", () => {
    const planned = {
      title: "Night",
      start: "2026-10-23 22:00",
      end: "2026-10-24 04:00",
      every: "1d",
      timezone: "Europe/Berlin",
    };
    expect(edges(planned, "2026-10-24T12:00Z", "2026-10-26T12:00Z")).toEqual([
      "begins 2026-10-24T20:00:00.000Z",
      "ends 2026-10-25T03:00:00.000Z", // Seven hours: the clocks went back in it.
      "begins 2026-10-25T21:00:00.000Z",
      "ends 2026-10-26T03:00:00.000Z",
    ]);
  });

  it("keeps to elapsed time when `every` is not whole days", () => {
    const planned = {
      title: "Often",
      start: "2026-03-28 22:00",
      duration: "1h",
      every: "6h",
      timezone: "Europe/Berlin",
    };
    expect(edges(planned, "2026-03-28T20:00Z", "2026-03-29T10:00Z")).toEqual([
      "begins 2026-03-28T21:00:00.000Z",
      "ends 2026-03-28T22:00:00.000Z",
      "begins 2026-03-29T03:00:00.000Z",
      "ends 2026-03-29T04:00:00.000Z",
      "begins 2026-03-29T09:00:00.000Z",
    ]);
  });

  it.each([
    ["spring", "2026-03-07T12:00Z", "2026-03-10", ["2026-03-08T07:00:00.000Z", "2026-03-09T06:30:00.000Z"]],
    ["autumn", "2026-10-31T12:00Z", "2026-11-03", ["2026-11-01T07:30:00.000Z", "2026-11-02T07:30:00.000Z"]],
  ])("comes by a cron pattern at the time of the clocks: America/New_York, %s", (_season, from, until, starts) => {
    const planned = { title: "Backup", cron: "30 2 * * *", duration: "20m", timezone: "America/New_York" };
    const found = edges(planned, from, until).filter((edge) => edge.startsWith("begins"));
    // A time that is left out in spring is the first moment after the change.
    expect(found).toEqual(starts.map((start) => `begins ${start}`));
  });

  it.each([
    ["Europe/Berlin", "2026-10-25T00:00Z", "2026-10-25T00:30:00.000Z", "30 2 * * *"],
    ["America/New_York", "2026-11-01T05:00Z", "2026-11-01T05:30:00.000Z", "30 1 * * *"],
  ])("comes once by a cron pattern when the time comes twice: %s", (timezone, from, start, cron) => {
    const until = new Date(at(from) + 12 * hour).toISOString();
    const found = edges({ title: "Backup", cron, duration: "10m", timezone }, from, until);
    expect(found.filter((edge) => edge.startsWith("begins"))).toEqual([`begins ${start}`]);
  });

  it("is under way by a cron pattern for as long as it lasts, however long ago it began", () => {
    const planned = { title: "Weekend", cron: "0 20 * * FRI", duration: "58h" };
    expect(edges(planned, "2026-06-07T06:00Z", "2026-06-15")).toEqual([
      "ends 2026-06-08T06:00:00.000Z",
      "begins 2026-06-12T20:00:00.000Z",
    ]);
  });

  it("comes on each February 29 by a cron pattern", () => {
    const planned = { title: "Leap", cron: "0 2 29 2 *", duration: "1h" };
    expect(edges(planned, "2026-03-01", "2033-01-01").filter((edge) => edge.startsWith("begins"))).toEqual([
      "begins 2028-02-29T02:00:00.000Z",
      "begins 2032-02-29T02:00:00.000Z",
    ]);
  });

  it("comes by a cron pattern only after its start, if it has one", () => {
    const planned = { title: "Backup", cron: "0 2 * * *", duration: "1h", start: "2026-06-10 02:00" };
    expect(edges(planned, "2026-06-01", "2026-06-11").slice(0, 1)).toEqual(["begins 2026-06-10T02:00:00.000Z"]);
  });

  it("is under way after a restart in the middle of it, by `every` and by a cron pattern", () => {
    const moment = at("2026-06-10T02:59:59Z");
    const daily = { title: "A", start: "2020-01-01 02:00", every: "1d", duration: "1h" };
    expect(calendarOf([daily]).at(check, moment)?.startsAt).toBe(at("2026-06-10T02:00Z"));
    expect(calendarOf([{ title: "A", cron: "0 2 * * *", duration: "1h" }]).at(check, moment)?.endsAt).toBe(
      at("2026-06-10T03:00Z"),
    );
  });
});

describe("the checks of a maintenance", () => {
  const covered = (planned: Partial<PlannedMaintenance>, ...names: readonly string[]) => {
    const calendar = calendarOf([{ title: "A", start: "2026-01-01", duration: "1d", ...planned }]);
    const groups: Record<string, readonly string[]> = {
      visa: ["payments", "cards"],
      iban: ["payments"],
      mail: ["paymentsoffice"],
    };
    return names.filter((name) => calendar.at({ name, labels: {}, group: groups[name] }, at("2026-01-01T10:00Z")));
  };

  it("are all when neither checks nor groups are named", () => {
    expect(covered({}, "database", "visa")).toEqual(["database", "visa"]);
  });

  it("are those that are named, and those of the groups", () => {
    expect(covered({ checks: ["database"], groups: ["paymentsoffice"] }, "database", "visa", "mail")).toEqual([
      "database",
      "mail",
    ]);
  });

  it("are those of the groups within a group", () => {
    expect(covered({ groups: ["payments"] }, "database", "visa", "iban", "mail")).toEqual(["visa", "iban"]);
    expect(covered({ groups: [["payments", "cards"]] }, "visa", "iban")).toEqual(["visa"]);
    expect(covered({ groups: ["payments/cards"] }, "visa", "iban")).toEqual(["visa"]);
  });

  it("are shown with the maintenance that ends last, of several", () => {
    const calendar = calendarOf([
      { title: "Short", start: "2026-01-01", duration: "2h" },
      { title: "Long", start: "2026-01-01", duration: "3h", checks: ["database"] },
    ]);
    expect(calendar.at(check, at("2026-01-01T01:00Z"))?.title).toBe("Long");
    expect(calendar.at({ name: "other", labels: {} }, at("2026-01-01T01:00Z"))?.title).toBe("Short");
    expect(calendar.active(at("2026-01-01T01:00Z"))).toHaveLength(2);
  });
});

describe("the time within maintenance", () => {
  const calendar = calendarOf([
    { title: "Nightly", start: "2026-01-01 02:00", duration: "1h", every: "1d" },
    { title: "Overlapping", start: "2026-01-02 02:30", duration: "1h", checks: ["database"] },
  ]);
  const within = (from: string, until: string, name = "database") => {
    return calendar.within({ name, labels: {} }, at(from), at(until)) / 60_000;
  };

  it("counts each moment once, however many are under way", () => {
    expect(within("2026-01-02", "2026-01-03")).toBe(90);
    expect(within("2026-01-02", "2026-01-03", "other")).toBe(60);
  });

  it("counts only what is between the moments", () => {
    expect(within("2026-01-02T02:10Z", "2026-01-02T02:20Z")).toBe(10);
    expect(within("2026-01-02T01:00Z", "2026-01-02T02:15Z")).toBe(15);
    expect(within("2026-01-02T03:15Z", "2026-01-02T09:00Z")).toBe(15);
    expect(within("2026-01-02T09:00Z", "2026-01-02T02:00Z")).toBe(0);
  });

  it("counts the same whether or not the present has been asked for", () => {
    calendar.at(check, at("2026-01-02T02:10Z"));
    expect(within("2026-01-02T02:15Z", "2026-01-02T02:20Z")).toBe(5);
    expect(within("2026-01-01T00:00Z", "2026-01-31T00:00Z", "other")).toBe(30 * 60);
    expect(within("2026-01-02T02:15Z", "2026-01-02T02:20Z")).toBe(5);
  });

  it("counts a window that spans a change of the clocks by time that passes", () => {
    const berlin = { timezone: "Europe/Berlin" };
    const spanning = calendarOf([
      { title: "A", start: "2026-03-29 00:00", end: "2026-03-30 00:00", ...berlin },
      { title: "B", start: "2026-10-25 00:00", end: "2026-10-26 00:00", ...berlin },
    ]);
    expect(spanning.within(check, at("2026-03-28"), at("2026-03-31")) / hour).toBe(23);
    expect(spanning.within(check, at("2026-10-24"), at("2026-10-27")) / hour).toBe(25);
  });
});

describe("what cannot be planned", () => {
  const planned = { title: "A", start: "2026-01-01", duration: "1h" };
  it.each<[string, object, string]>([
    ["no title", { start: "2026-01-01", duration: "1h" }, "title"],
    ["no time", { title: "A", duration: "1h" }, "must have start or cron"],
    ["no length", { title: "A", start: "2026-01-01" }, "must have duration or end"],
    ["no length of a cron pattern", { title: "A", cron: "0 2 * * *" }, "must have duration"],
    ["two lengths", { ...planned, end: "2026-01-02" }, "end: cannot be used with duration"],
    ["an end before the start", { title: "A", start: "2026-01-02", end: "2026-01-01" }, "end: must be after start"],
    ["no length at all", { ...planned, duration: "0s" }, "duration: must be longer than 0s"],
    [
      "an end and a cron pattern",
      { title: "A", cron: "0 2 * * *", end: "2026-01-02" },
      "end: cannot be used with cron",
    ],
    ["two repetitions", { ...planned, every: "1d", cron: "0 2 * * *" }, "every: cannot be used with cron"],
    ["one without an end", { ...planned, every: "1h" }, "every: must be longer than the maintenance"],
    [
      "a pattern without an end",
      { title: "A", cron: "0 * * * *", duration: "2h" },
      "cron: begins again before duration",
    ],
    ["a day that does not exist", { ...planned, start: "2026-02-30" }, "start: must be a date and time that exists"],
    ["a zone that does not exist", { ...planned, timezone: "Mars/Olympus" }, "must be the name of a time zone"],
    ["a pattern that never comes", { title: "A", cron: "0 0 31 2 *", duration: "1h" }, "never comes"],
    ["seconds", { title: "A", cron: "0 0 2 * * *", duration: "1h" }, "must have five fields"],
    ["an hour that does not exist", { title: "A", cron: "0 25 * * *", duration: "1h" }, "invalid value for hour: 25"],
    ["a weekday that does not exist", { title: "A", cron: "0 2 * * MOX", duration: "1h" }, "is not a cron pattern"],
    ["a date as a pattern", { title: "A", cron: "2026-01-01", duration: "1h" }, "must have five fields"],
    ["an option that does not exist", { ...planned, check: "a" }, "unknown option"],
    ["an invalid date", { title: "A", start: new Date("x"), duration: "1h" }, "start: must be a date"],
    ["no check", { ...planned, checks: [] }, "must name at least one check"],
  ])("is told: %s", (_, options, message) => {
    expect(() => calendarOf([options as PlannedMaintenance])).toThrow(message);
  });

  it("is told of every entry", () => {
    expect(() => calendarOf([planned, { title: "B" }, { title: "C", cron: "x", duration: "1h" }])).toThrow(
      /maintenance\.1.*[\s\S]*maintenance\.2\.cron/,
    );
  });
});

describe("a calendar that is asked in any order", () => {
  const plans = [
    { title: "A", start: "2026-03-28 23:30", duration: "45m", every: "2h", timezone: "Europe/Berlin" },
    { title: "B", cron: "*/50 * * * *", duration: "7m", timezone: "America/New_York" },
    { title: "C", start: "2026-03-29 00:10", duration: "5m" },
  ];

  it("says the same as one that is asked for the first time", () => {
    const used = calendarOf(plans);
    const base = at("2026-03-29T00:00Z");
    let seed = 7;
    const random = (below: number): number => {
      seed = (seed * 16_807) % 2_147_483_647;
      return seed % below;
    };
    for (let count = 0; count < 60; count += 1) {
      const moment = base + random(4 * 60) * 60_000;
      const until = moment + random(90) * 60_000;
      const fresh = calendarOf(plans);
      expect(used.at(check, moment)?.title).toBe(fresh.at(check, moment)?.title);
      expect(used.nextEdge(moment)).toBe(calendarOf(plans).nextEdge(moment));
      expect(used.within(check, moment, until)).toBe(calendarOf(plans).within(check, moment, until));
      // The sum of what is told of each minute.
      let minutes = 0;
      for (let each = moment; each < until; each += 60_000) minutes += used.at(check, each) === undefined ? 0 : 1;
      expect(used.within(check, moment, until)).toBe(minutes * 60_000);
    }
  });
});
