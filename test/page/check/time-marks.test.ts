import { describe, expect, it } from "vitest";
import type { HistorySpan } from "../../../src/health/history/history.ts";
import { timeMarks } from "../../../src/page/check/time-marks.ts";

const to = Date.UTC(2026, 2, 14, 15, 15);
const hours: Readonly<Record<HistorySpan, number>> = { "24h": 24, "7d": 7 * 24, "30d": 30 * 24, "90d": 90 * 24 };

function marksOf(span: HistorySpan) {
  return timeMarks(span, to - hours[span] * 3_600_000, to);
}

describe("the axis of time", () => {
  it("has marks at round hours for a day", () => {
    expect(marksOf("24h").map(({ text }) => text)).toEqual(["18:00", "00:00", "06:00", "12:00"]);
  });

  it.each(["7d", "30d", "90d"] as const)("has marks at midnights of UTC for %s", (span) => {
    const marks = marksOf(span);
    expect(marks.length).toBeGreaterThanOrEqual(3);
    expect(marks.length).toBeLessThanOrEqual(5);
    for (const { at, text } of marks) {
      expect(at % 86_400_000).toBe(0);
      expect(text).toMatch(/^\d{1,2} [A-Z][a-z]{2}$/);
    }
  });
});
