import { describe, expect, it } from "vitest";
import { events } from "../../../src/formats/events/events.ts";
import {
  eventsAfter,
  eventsBetween,
  gistOf,
  rememberedEvents,
  reportEvent,
} from "../../../src/formats/events/report-events.ts";
import type { Report } from "../../../src/health/report.ts";
import { contextOf } from "../../support/describe-format.ts";
import { everyState, hostile, sampleCheck, sampleReport, sampleTime } from "../../support/sample-reports.ts";

/** The events of a stream as EventSource reads them: fields by name. */
function parse(text: string): readonly Readonly<Record<string, string>>[] {
  expect(text).toMatch(/\n\n$/);
  return text
    .slice(0, -2)
    .split("\n\n")
    .map((block) =>
      Object.fromEntries(
        block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
      ),
    );
}

function dataOf(text: string) {
  return JSON.parse(parse(text)[0]?.data ?? "");
}

describe("the event of a report", () => {
  it("counts the states and tells of the checks that are not healthy", () => {
    const data = dataOf(reportEvent(everyState));
    expect(data).toMatchObject({ status: "fail", time: new Date(sampleTime).toISOString() });
    expect(data.counts).toMatchObject({ degraded: 1, unhealthy: 1 });
    expect(data.checks.map(({ name }: { name: string }) => name)).toContain("cache");
    expect(data.checks.map(({ name }: { name: string }) => name)).not.toContain("database");
    const cache = data.checks.find(({ name }: { name: string }) => name === "cache");
    expect(cache).toMatchObject({ state: "unhealthy", reason: "connection_refused", output: /connection refused/ });
  });

  it("has the identifier of the newest change", () => {
    const newest = rememberedEvents(everyState).at(-1);
    expect(parse(reportEvent(everyState))[0]).toMatchObject({ event: "report", id: newest?.id });
    expect(parse(reportEvent(sampleReport([])))[0]?.id).toBe(`${sampleTime}-`);
  });

  it("is one line of data whatever names and messages hold", () => {
    const [event, ...more] = parse(reportEvent(hostile));
    expect(more).toEqual([]);
    expect(Object.keys(event ?? {})).toEqual(["event", "id", "data"]);
    expect(() => JSON.parse(event?.data ?? "")).not.toThrow();
  });

  it("begins a stream, after how long to wait before the next", () => {
    const text = events.render(everyState, contextOf(everyState, events.offers[0]));
    expect(text).toMatch(/^retry: \d+\nevent: report\n/);
  });
});

describe("what a client missed", () => {
  it("is every change after the one that it saw last, the oldest first", () => {
    const all = rememberedEvents(everyState);
    expect(all.length).toBeGreaterThan(3);
    expect(eventsAfter(everyState, all[1]?.id ?? "")).toEqual(all.slice(2));
    expect(eventsAfter(everyState, all.at(-1)?.id ?? "")).toEqual([]);
    const times = all.map(({ at }) => at);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
  });

  it("is what came later when that change is not remembered", () => {
    const all = rememberedEvents(everyState);
    expect(eventsAfter(everyState, "0-00000000")).toEqual(all);
    expect(eventsAfter(everyState, `${sampleTime}-`)).toEqual([]);
  });

  it.each(["", "nonsense", "-1-", "99999999999999999999-a", "1e3-a", "\u0000"])("is nothing after %j", (id) => {
    expect(eventsAfter(everyState, id)).toEqual([]);
  });
});

describe("what happened between two reports", () => {
  const healthy = sampleCheck("cache");
  const broken = { ...sampleCheck("cache", { state: "unhealthy" }) };
  const recovered = {
    ...healthy,
    transitions: [
      { at: sampleTime, from: "unhealthy" as const, to: "healthy" as const, failure: undefined },
      ...broken.transitions,
    ],
  };
  const of = (check: Report["checks"][number]) => sampleReport([check, sampleCheck("mail")]);

  it("is nothing between equal ones, and what is new otherwise", () => {
    expect(eventsBetween(of(broken), of({ ...broken }))).toEqual([]);
    const [only, ...more] = eventsBetween(of(broken), of(recovered));
    expect(more).toEqual([]);
    expect(dataOf(only?.text ?? "")).toMatchObject({ check: "cache", from: "unhealthy", to: "healthy" });
  });

  it("is nothing for a check that was not there before", () => {
    expect(eventsBetween(sampleReport([]), of(broken))).toEqual([]);
  });
});

describe("whether something has changed", () => {
  const check = sampleCheck("cache", { state: "unhealthy" });
  const gist = (one: Report["checks"][number]) => gistOf(sampleReport([one]));

  it("heeds states, messages, maintenance and announcements", () => {
    const maintenance = { id: "1", title: "Move", startsAt: 0, endsAt: undefined };
    const announcement = {
      id: "a",
      title: "A",
      text: "",
      level: "info",
      at: 1,
      from: 1,
      until: undefined,
      checks: [],
    } as const;
    const gists = [
      gist(check),
      gist(sampleCheck("cache")),
      gist(sampleCheck("cache", { state: "unhealthy", message: "other" })),
      gist({ ...check, maintenance }),
      gistOf({ ...sampleReport([check]), announcements: [announcement] }),
    ];
    expect(new Set(gists).size).toBe(gists.length);
  });

  it("does not heed times and durations", () => {
    expect(gist({ ...check, since: 1, lastRun: undefined, consecutiveFailures: 7 })).toBe(gist(check));
  });
});
