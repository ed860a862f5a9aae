import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { HistorySpan } from "../../../src/health/history/history.ts";
import type { State } from "../../../src/health/state.ts";
import { historyStates } from "../../../src/store/buckets/bucket.ts";
import { numbersPerBucket } from "../../../src/store/buckets/division.ts";
import { EventBuffer } from "../../../src/store/thread/events.ts";
import { bucketNumbers } from "../../../src/store/thread/history-buckets.ts";
import { createTables } from "../../../src/store/thread/schema.ts";
import { Store } from "../../../src/store/thread/store.ts";
import { live, nameOf } from "../../support/history/simulated-life.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const start = Date.UTC(2026, 0, 1);

let database: DatabaseSync;
let store: Store;
beforeEach(() => {
  database = new DatabaseSync(":memory:");
  createTables(database);
  store = opened();
});
afterEach(() => database.close());

function opened(): Store {
  const next = new Store(database);
  next.resume();
  return next;
}

/** Availability of the first check in each window, in seconds. */
function uptimes(of: Store = store) {
  const [a1, k1, a7, k7, a30, k30] = of
    .uptimes()
    .slice(6)
    .map((milliseconds) => milliseconds / 1000);
  return { "24h": [a1, k1], "7d": [a7, k7], "30d": [a30, k30] };
}

/** What a span shows of a check: the seconds in each state of each bucket that is not empty, and its runs. */
function shown(span: HistorySpan, now: number, check = nameOf(0)) {
  const { numbers, startsAt } = bucketNumbers(store, [check], span, now);
  const buckets = [];
  for (let place = 0; place < numbers.length; place += numbersPerBucket) {
    const one = numbers.subarray(place, place + numbersPerBucket);
    const seconds = historyStates.flatMap((state, index) => (one[index] === 0 ? [] : [[state, one[index]]]));
    buckets.push({ ...Object.fromEntries(seconds), runs: one[historyStates.length] });
  }
  return { startsAt, buckets, sum: sumOf(buckets) };
}

function sumOf(buckets: readonly Record<string, number>[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const bucket of buckets) {
    for (const [name, value] of Object.entries(bucket)) sum[name] = (sum[name] ?? 0) + value;
  }
  return sum;
}

const always = (state: State) => () => ({ state, durationSeconds: 0.01 });

function happen(tell: (events: EventBuffer) => void, of: Store = store): void {
  const events = new EventBuffer(100);
  tell(events);
  const nothing = { measures: [], incidents: [], memories: [], watched: undefined };
  const checks = [{ number: 1, name: nameOf(0), type: "http" }];
  of.flush({ kind: "flush", checks, events: events.take(), ...nothing });
}

const run = { durationSeconds: 0.01, failed: false };

describe("a store", () => {
  it("counts each state until the next run, and what is trusted no longer as unknown", () => {
    happen((events) => {
      events.observed(1, "healthy", start, start + 90 * second, run);
      events.observed(1, "unhealthy", start + 60 * second, start + 90 * second, { ...run, failed: true });
      events.observed(1, "healthy", start + 2 * minute, start + 3 * minute, run);
      events.alive(start + 3 * minute);
    });
    expect(shown("24h", start + 3 * minute).buckets.at(-1)).toEqual({
      healthy: 120,
      unhealthy: 30,
      unknown: 30,
      runs: 3,
    });
    expect(uptimes()).toEqual({ "24h": [120, 150], "7d": [120, 150], "30d": [120, 150] });
  });

  it("adds the same time up in every span, across the hours and days into which it is gathered", () => {
    const now = start + 30 * day;
    const down = (at: number) => at >= now - 9 * day && at < now - 9 * day + 90 * minute;
    const script = (_: number, at: number) =>
      ({ state: down(at) ? "unhealthy" : "healthy", durationSeconds: 0.01 }) as const;
    live(store, { checks: 1, from: start, until: now, interval: 5 * minute, script });
    const runs = (span: number) => span / (5 * minute);
    const whole = { healthy: 86_400 - 900, runs: runs(day) - 3 };
    expect(shown("24h", now).sum).toEqual(whole); // The current bucket has just begun.
    expect(shown("7d", now).sum).toEqual({ healthy: (7 * day - 2 * hour) / second, runs: runs(7 * day - 2 * hour) });
    expect(shown("30d", now).sum).toEqual({
      healthy: (30 * day - 8 * hour - 90 * minute) / second,
      unhealthy: 5400,
      runs: runs(30 * day - 8 * hour),
    });
    expect(shown("90d", now).sum).toEqual({
      healthy: (30 * day - 90 * minute) / second,
      unhealthy: 5400,
      runs: runs(30 * day),
    });
    const known = (span: number, step: number) => (span - step) / second;
    expect(uptimes()).toEqual({
      "24h": [known(day, 5 * minute), known(day, 5 * minute)],
      "7d": [known(7 * day, hour), known(7 * day, hour)],
      "30d": [known(30 * day, hour + 90 * minute), known(30 * day, hour)],
    });
  });

  it("knows the same after a restart, whatever was written when it ended", () => {
    const until = start + 2 * day + 17 * minute;
    live(store, { checks: 3, from: start, until, interval: minute, script: always("healthy") });
    const before = { uptimes: uptimes(), day: shown("24h", until), month: shown("30d", until) };
    store = opened();
    happen((events) => events.alive(until));
    expect({ uptimes: uptimes(), day: shown("24h", until), month: shown("30d", until) }).toEqual(before);
  });

  it("shows the time in which it did not run as a gap, neither as up nor as down", () => {
    live(store, { checks: 1, from: start, until: start + hour, interval: minute, script: always("unhealthy") });
    store = opened();
    live(store, {
      checks: 1,
      from: start + 5 * hour,
      until: start + 6 * hour,
      interval: minute,
      script: always("healthy"),
    });
    const { sum } = shown("24h", start + 6 * hour);
    expect(sum).toEqual({ unhealthy: 3600, healthy: 3600, runs: 120 });
  });

  it("leaves out the time in which the process was suspended", () => {
    happen((events) => {
      events.observed(1, "healthy", start, start + 10 * minute, run);
      events.alive(start + minute);
      events.away(start + minute, start + 4 * minute);
      events.alive(start + 5 * minute);
    });
    expect(shown("24h", start + 5 * minute).sum).toEqual({ healthy: 120, runs: 1 });
  });

  it.each([
    ["back an hour", -hour],
    ["back a minute", -minute],
    ["on an hour", hour],
    ["on a hundred years", 36_525 * day],
    ["back before the epoch", -60 * 365 * day],
    ["to the end of all dates", 8.64e15 - start - day],
  ])("makes no bucket longer than it is when the clock is set %s, and goes on when it is set right", (_, jump) => {
    const there = start + 10 * minute;
    happen((events) => {
      events.observed(1, "healthy", start, start + day, run);
      events.alive(there);
      events.away(there, there + jump);
      events.observed(1, "healthy", there + jump, there + jump + day, run);
      events.alive(there + jump + 20 * minute);
      events.away(there + jump + 20 * minute, there + 20 * minute);
      events.observed(1, "healthy", there + 20 * minute, there + day, run);
      events.alive(there + 30 * minute);
    });
    happen((events) => events.alive(there + 40 * minute));
    const { buckets, sum } = shown("24h", there + 40 * minute);
    for (const { healthy = 0 } of buckets) {
      expect(healthy).toBeGreaterThanOrEqual(0);
      expect(healthy).toBeLessThanOrEqual(900);
    }
    expect(sum.healthy).toBeGreaterThanOrEqual(1200);
    expect(sum.healthy).toBeLessThanOrEqual(3000);
    const [available = 0, known = 0] = uptimes()["24h"];
    expect([available, known]).toEqual([sum.healthy, sum.healthy]);
  });

  it("counts maintenance apart, whatever is found in it", () => {
    happen((events) => {
      events.observed(1, "healthy", start, start + day, run);
      events.maintained(1, start + minute, true);
      events.observed(1, "unhealthy", start + 2 * minute, start + day, { ...run, failed: true });
      events.maintained(1, start + 7 * minute, false);
      events.alive(start + 8 * minute);
    });
    expect(shown("24h", start + 8 * minute).sum).toEqual({ healthy: 60, maintenance: 360, unhealthy: 60, runs: 2 });
    expect(uptimes()["24h"]).toEqual([60, 120]);
  });

  it("goes on with maintenance in the next bucket, and ends it with the process", () => {
    happen((events) => {
      events.observed(1, "healthy", start, start + day, run);
      events.maintained(1, start, true);
      events.alive(start + 6 * minute);
    });
    store = opened();
    happen((events) => events.alive(start + 7 * minute));
    expect(shown("24h", start + 7 * minute).sum).toEqual({ maintenance: 360, runs: 1 });
  });

  it("counts nothing of a check that a reload removed, and goes on with it when it comes back", () => {
    happen((events) => {
      events.observed(1, "healthy", start, start + day, run);
      events.gone(1, start + minute);
      events.observed(1, "healthy", start + 3 * minute, start + day, run);
      events.alive(start + 4 * minute);
    });
    expect(shown("24h", start + 4 * minute).sum).toEqual({ healthy: 120, runs: 2 });
  });

  it("does not mix a check with one of the same name and another type", () => {
    happen((events) => {
      events.observed(1, "unhealthy", start, start + day, { ...run, failed: true });
      events.gone(1, start + minute);
      events.alive(start + minute);
    });
    const events = new EventBuffer(10);
    events.observed(2, "healthy", start + minute, start + day, run);
    events.alive(start + 2 * minute);
    const nothing = { measures: [], incidents: [], memories: [], watched: undefined };
    store.flush({
      kind: "flush",
      checks: [{ number: 2, name: nameOf(0), type: "tcp" }],
      events: events.take(),
      ...nothing,
    });
    expect(shown("24h", start + 2 * minute).sum).toEqual({ healthy: 60, runs: 1 });
  });

  it("removes what is older than is kept, and no check that is still there", () => {
    const later = start + 432 * day;
    const kept = { checks: 2, interval: hour, script: always("healthy") };
    live(store, { ...kept, from: start, until: start + 3 * day });
    live(store, { ...kept, from: later, until: later + 3 * day });
    const oldest = database
      .prepare(
        "SELECT key / (1 << 45) AS resolution, min(key % (1 << 25)) AS first, count(*) AS count FROM buckets GROUP BY 1",
      )
      .all();
    expect(oldest).toEqual([
      { resolution: 0, first: (later + day) / hour, count: 2 * 24 },
      { resolution: 1, first: later / day, count: 3 },
      { resolution: 2, first: Math.floor(later / (16 * day)), count: 1 },
    ]);
    expect(database.prepare("SELECT count(*) AS count FROM checks").get()).toEqual({ count: 2 });
  });

  it("forgets a check 400 days after it was seen, and gives its number to another", () => {
    live(store, { checks: 2, from: start, until: start + hour, interval: hour, script: always("healthy") });
    store = opened();
    const later = start + 410 * day;
    live(store, { checks: 1, from: later, until: later + 3 * hour, interval: 5 * minute, script: always("healthy") });
    expect(database.prepare("SELECT name FROM checks").all()).toEqual([{ name: nameOf(0) }]);
  });

  it("removes nothing right after the clock was set, because what a wrong clock calls old may not be", () => {
    live(store, { checks: 1, from: start, until: start + day, interval: hour, script: always("healthy") });
    const count = () => Number(database.prepare("SELECT count(*) AS count FROM buckets").get()?.count);
    const before = count();
    const wrong = start + 4000 * day;
    happen((events) => {
      events.away(start + day, wrong);
      events.alive(wrong + 9 * minute);
    });
    expect(count()).toBeGreaterThanOrEqual(before);
  });

  it("writes one row for 64 checks at the end of a bucket, however many checks there are", () => {
    const checks = 1000;
    live(store, { checks, from: start, until: start + 10 * minute, interval: minute, script: always("healthy") });
    const rows = database.prepare("SELECT count(*) AS count FROM buckets").get();
    expect(rows).toEqual({ count: Math.ceil((checks + 1) / 64) });
  });
});

describe("a store whose database cannot be written", () => {
  it("goes on, and writes everything as soon as it can", () => {
    live(store, { checks: 1, from: start, until: start + 10 * minute, interval: minute, script: always("healthy") });
    database.exec("PRAGMA query_only = 1");
    const during = { checks: 1, interval: minute, script: always("unhealthy") } as const;
    expect(() => live(store, { ...during, from: start + 10 * minute, until: start + 14 * minute })).toThrow("readonly");
    const events = (at: number) => (buffer: EventBuffer) => buffer.observed(1, "unhealthy", at, at + 90 * second, run);
    expect(() => happen(events(start + 15 * minute))).toThrow("readonly");
    database.exec("PRAGMA query_only = 0");
    happen((buffer) => buffer.alive(start + 16 * minute));
    store = opened();
    happen((buffer) => buffer.alive(start + 16 * minute));
    expect(shown("24h", start + 16 * minute).sum).toMatchObject({ healthy: 600, unhealthy: expect.any(Number) });
  });
});
