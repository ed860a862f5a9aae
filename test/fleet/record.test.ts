import { describe, expect, it } from "vitest";
import type { CheckRecord } from "../../src/engine/sharing/check-record.ts";
import { readRecords, writeRecord } from "../../src/fleet/record.ts";
import { aRecord, aTransition } from "../support/check-records.ts";

const full: CheckRecord = {
  ...aRecord("orders", "unhealthy"),
  failure: { kind: "Unavailable", message: "gone", reason: "unavailable", beganAt: 5, dependency: "database" },
  lastRun: { startedAt: 1000, durationSeconds: 0.25, traceId: "0af7651916cd43dd8448eb211c80319c" },
  lastSuccessAt: 900,
  measures: [{ name: "depth", unit: "{message}", value: 7 }],
  consecutiveFailures: 2,
  certificateExpiresAt: 2_000_000_000_000,
  cause: { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", traceFlags: 1 },
  past: {
    transitions: [{ ...aTransition("unhealthy"), maintenance: "update" }],
    recent: ["unhealthy", "unhealthy"],
    found: { unhealthy: { kind: "Unavailable", message: "gone", reason: "unavailable" } },
    startPeriodEndsAt: 1200,
    memory: { seen: [1, 2] },
  },
};

function readBack(record: CheckRecord, age = 0) {
  const { head, past } = writeRecord({ record, by: "me", sequence: 3 }, age);
  return readRecords([JSON.parse(`[${head},${past}]`)]);
}

describe("a record", () => {
  it("comes back as it was written, with all of it", () => {
    const { records, unreadable } = readBack(full, 123.4);
    const [read] = records;
    expect(unreadable).toBe(0);
    expect({ ...read?.head, past: read?.past }).toEqual(full);
    expect(read).toMatchObject({ by: "me", sequence: 3, age: 123 });
  });

  it("comes back when nothing is known but that it ran", () => {
    const { records } = readBack(aRecord("orders"));
    expect({ ...records[0]?.head, past: { transitions: [], recent: [] } }).toEqual(aRecord("orders"));
  });

  it("may be without its past, which is then that of the one before", () => {
    const { head } = writeRecord({ record: full, by: "me", sequence: 3 }, 0);
    const { records } = readRecords([[JSON.parse(head)]]);
    expect(records[0]?.past).toBeUndefined();
    expect(records[0]?.head.state).toBe("unhealthy");
  });

  it("does not carry what else a span context has", () => {
    const cause = { traceId: "a", spanId: "b", traceFlags: 1, isRemote: false };
    const { head } = writeRecord({ record: { ...full, cause }, by: "me", sequence: 3 }, 0);
    expect(JSON.parse(head)).toMatchObject({ cause: { traceId: "a", spanId: "b", traceFlags: 1 } });
    expect(head).not.toContain("isRemote");
  });

  it.each([
    ["another state", { state: "excellent" }],
    ["a moment that is none", { since: "yesterday" }],
    ["a moment after the last one of a Date", { since: 9e15 }],
    ["no name", { name: undefined }],
    ["an age before its time", { age: -1 }],
    ["half a failure", { failure: { kind: "Unavailable" } }],
  ])("with %s is not read, and the others are", (_, wrong) => {
    const { head, past } = writeRecord({ record: full, by: "me", sequence: 3 }, 0);
    const parsed = [{ ...(JSON.parse(head) as object), ...wrong }, JSON.parse(past)];
    const good = [JSON.parse(head), JSON.parse(past)];
    const { records, unreadable } = readRecords([parsed, good]);
    expect([records.length, unreadable]).toEqual([1, 1]);
  });

  it.each([undefined, null, 7, "text", [], {}, [[]]])("is not %j", (parsed) => {
    expect(readRecords([parsed])).toEqual({ records: [], unreadable: 1 });
  });
});
