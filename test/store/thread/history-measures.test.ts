import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { HistorySpan } from "../../../src/health/history/history.ts";
import { EventBuffer } from "../../../src/store/thread/events.ts";
import { measureHistories } from "../../../src/store/thread/history-measures.ts";
import { createTables } from "../../../src/store/thread/schema.ts";
import { Store } from "../../../src/store/thread/store.ts";
import { live, nameOf } from "../../support/history/simulated-life.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const start = Date.UTC(2026, 0, 1);
const run = { durationSeconds: 0.01, failed: false };

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

/** What the first check measured in a span, without the buckets in which it measured nothing. */
function measured(span: HistorySpan, now: number, check = 0) {
  return measureHistories(store, nameOf(check), span, now).map(({ name, unit, buckets }) => ({
    name,
    unit,
    values: buckets.flatMap(({ values }) => values ?? []),
  }));
}

function happen(tell: (events: EventBuffer) => void, checks = [{ number: 1, name: nameOf(0), type: "http" }]): void {
  const events = new EventBuffer(100);
  tell(events);
  const measures = [
    { number: 1, name: "queue", unit: "{messages}" },
    { number: 2, name: "age", unit: "s" },
  ];
  const nothing = { incidents: [], memories: [], watched: undefined };
  store.flush({ kind: "flush", checks, measures, events: events.take(), ...nothing });
}

describe("what a check measured", () => {
  it("is told by name and unit, in as many buckets as the span has", () => {
    happen((events) => {
      for (const [index, queue] of [4, 6, 2].entries()) {
        events.observed(1, "healthy", start + index * minute, start + day, run);
        events.measured(1, start + index * minute, 1, queue);
      }
      events.measured(1, start + 2 * minute, 2, 0.5);
    });
    const histories = measureHistories(store, nameOf(0), "24h", start + 3 * minute);
    expect(histories.map(({ name, unit, buckets }) => [name, unit, buckets.length])).toEqual([
      ["age", "s", 96],
      ["queue", "{messages}", 96],
    ]);
    expect(histories[1]?.buckets.at(-1)).toEqual({
      startsAt: start,
      endsAt: start + 15 * minute,
      values: { minimum: 2, mean: expect.closeTo(4, 9), maximum: 6 },
    });
    expect(histories[1]?.buckets.at(-2)?.values).toBeUndefined();
  });

  it("is nothing for a check that measures nothing, and one that is not known", () => {
    happen((events) => events.observed(1, "healthy", start, start + day, run));
    expect(measured("24h", start + minute)).toEqual([]);
    expect(measured("24h", start + minute, 7)).toEqual([]);
  });

  it("is added up in every span, across the hours and days into which it is gathered, and over restarts", () => {
    const now = start + 30 * day;
    // 10 on odd days, 20 on even ones, and 500 once.
    const queue = (at: number): number => {
      if (at === start + 9 * day) return 500;
      return Math.floor(at / day) % 2 === 0 ? 20 : 10;
    };
    const life = { checks: 3, interval: 15 * minute } as const;
    const script = (_: number, at: number) => ({ state: "healthy", durationSeconds: 0.01, queue: queue(at) }) as const;
    const middle = start + 9 * day + 2 * minute;
    live(store, { ...life, from: start, until: middle, script });
    store = opened();
    live(store, { ...life, from: start + 9 * day + 15 * minute, until: now, script });
    const [days] = measured("90d", now, 2);
    expect(days?.values).toHaveLength(30);
    expect(days?.values.filter(({ maximum }) => maximum === 500)).toHaveLength(1);
    expect(days?.values.map(({ minimum }) => minimum)).toEqual(
      Array.from({ length: 30 }, (_, index) => queue(start + index * day + hour)),
    );
    const usual = queue(start + 9 * day + hour);
    const withPeak = days?.values.find(({ maximum }) => maximum === 500);
    expect(withPeak?.mean).toBeCloseTo((95 * usual + 500) / 96, 1);
    for (const span of ["24h", "7d", "30d"] as const) {
      expect(measured(span, now, 2)[0]?.values.length).toBeGreaterThanOrEqual(83);
    }
  });

  it("is there again after a crash, from the journal", () => {
    const tell = (at: number, queue: number) => (events: EventBuffer) => {
      events.observed(1, "healthy", at, at + day, run);
      events.measured(1, at, 1, queue);
    };
    happen(tell(start, 3));
    happen(tell(start + second, 7));
    const before = measured("24h", start + 2 * second);
    store = opened(); // Nothing has been closed.
    expect(measured("24h", start + 2 * second)).toEqual(before);
    expect(before[0]?.values).toEqual([{ minimum: 3, mean: 5, maximum: 7 }]);
    // The numbers in the events of another process are not those in the database.
    happen((events) => {
      events.observed(1, "healthy", start + 3 * second, start + day, run);
      events.measured(1, start + 3 * second, 2, 60);
    });
    expect(measured("24h", start + 4 * second)).toMatchObject([
      { name: "age", values: [{ maximum: 60 }] },
      { name: "queue", values: [{ maximum: 7 }] },
    ]);
  });
});
