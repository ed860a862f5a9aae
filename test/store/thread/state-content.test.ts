import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RememberedCheck } from "../../../src/engine/remembered-check.ts";
import { readContent } from "../../../src/store/thread/state-content.ts";

const now = Date.UTC(2026, 2, 14);
const day = 86_400_000;
const failure = { kind: "Unavailable", message: "gone", reason: "unavailable" } as const;

function remembered(since: number): RememberedCheck {
  const transitions = [{ at: since, from: "healthy", to: "unhealthy", failure }] as const;
  return { name: "database", type: "postgres", state: "unhealthy", since, lastSuccessAt: since, transitions };
}

function writeContent(checks: readonly RememberedCheck[]): string {
  return JSON.stringify({ version: 1, checks });
}

function written(since: unknown, other: object = {}): string {
  return JSON.stringify({ version: 1, checks: [{ ...remembered(0), since, ...other }] });
}

describe("the content of a state file", () => {
  it("is read as it was written", () => {
    const checks = [{ ...remembered(now - day), memory: { doneAt: 7 } }];
    expect(readContent(writeContent(checks), now)).toEqual(checks);
  });

  it("may come from before the type and a check's memory were stored", () => {
    const { type: _type, ...old } = remembered(now - day);
    expect(readContent(JSON.stringify({ version: 1, checks: [old] }), now)).toEqual([old]);
  });

  it.each([1e17, -1e17, 1e300, 8.64e15 + 1, -1, "now", null])("is damaged when a moment is %j", (moment) => {
    expect(() => readContent(written(moment), now)).toThrow();
    expect(() => readContent(written(now, { lastSuccessAt: moment }), now)).toThrow();
    expect(() =>
      readContent(written(now, { transitions: [{ at: moment, from: "unknown", to: "healthy" }] }), now),
    ).toThrow();
  });

  it("is damaged when a moment is beyond all numbers", () => {
    expect(() => readContent(written(now).replace(String(now), "1e999"), now)).toThrow();
  });

  it("is believed up to a day ahead; what lies further ahead is the present, or forgotten", () => {
    expect(readContent(writeContent([remembered(now + day)]), now)).toEqual([remembered(now + day)]);
    expect(readContent(writeContent([remembered(now + day + 1)]), now)).toEqual([
      { ...remembered(now), transitions: [] },
    ]);
  });

  it("has the twenty newest changes, however many there are, and no endless text", () => {
    const transitions = Array.from({ length: 200_000 }, (_, index) => ({
      at: index,
      from: "healthy",
      to: "unhealthy",
    }));
    const [check] = readContent(written(now, { transitions }), now);
    expect(check?.transitions).toHaveLength(20);
    expect(check?.transitions[0]?.at).toBe(0);
    const long = { kind: "k".repeat(1000), message: "m".repeat(100_000), reason: "unknown" };
    const [cut] = readContent(
      written(now, { transitions: [{ at: 1, from: "healthy", to: "unhealthy", failure: long }] }),
      now,
    );
    expect(cut?.transitions[0]?.failure).toMatchObject({ kind: "k".repeat(100), message: "m".repeat(2000) });
  });

  it("never becomes anything else than what a report can show, whatever it is", () => {
    const moment = fc.oneof(fc.double(), fc.integer(), fc.maxSafeInteger());
    fc.assert(
      fc.property(moment, moment, moment, (since, lastSuccessAt, at) => {
        let checks: readonly RememberedCheck[];
        try {
          checks = readContent(
            written(since, { lastSuccessAt, transitions: [{ at, from: "unknown", to: "healthy" }] }),
            now,
          );
        } catch {
          return; // It is set aside.
        }
        for (const check of checks) {
          for (const shown of [
            check.since,
            check.lastSuccessAt ?? 0,
            ...check.transitions.map((change) => change.at),
          ]) {
            expect(() => new Date(shown).toISOString()).not.toThrow();
            expect(shown).toBeLessThanOrEqual(now + day);
          }
        }
      }),
    );
  });
});
