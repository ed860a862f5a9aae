import { describe, expect, it } from "vitest";
import type { MeasureHistory } from "../../../src/health/history/history.ts";
import { measuredValues } from "../../../src/page/check/measured-values.ts";
import { sampleCheck, sampleTime } from "../../support/sample-reports.ts";
import { readWellFormed } from "../../support/well-formed.ts";

const quarter = 900_000;

function historyOf(means: readonly (number | undefined)[], spread = 0, name = "queue"): MeasureHistory {
  const buckets = means.map((mean, index) => ({
    startsAt: sampleTime + index * quarter,
    endsAt: sampleTime + (index + 1) * quarter,
    values: mean === undefined ? undefined : { minimum: mean - spread, mean, maximum: mean + spread },
  }));
  return { name, unit: "{messages}", buckets };
}

const report = sampleCheck("mail", { measures: [{ name: "queue", unit: "{messages}", value: 1240 }] });

function shown(histories: readonly MeasureHistory[], of = report): string {
  const section = String(measuredValues(of, histories, "24h") ?? "");
  if (section !== "") readWellFormed(section);
  return section;
}

describe("measured values", () => {
  it("are a table of the last run where no history is kept", () => {
    const section = shown([]);
    expect(section).toContain('<td class="value">1,240 messages</td></tr>');
    expect(section).not.toContain("<svg");
    expect(section).not.toContain("<details>");
  });

  it("have a chart of the span with a gap where nothing was measured, and its range in words", () => {
    const section = shown([historyOf([10, 30, undefined, 20], 5)]);
    expect(section).toContain('<th scope="col" class="trend">Last 24 hours</th>');
    expect(section).toContain('role="img" aria-label="queue in the last 24 hours: 5 messages to 35 messages"');
    expect(section).toMatch(/<path d="M0\.5 [\d.]+h\.01L1\.5 [\d.]+M3\.5 [\d.]+h\.01"\/>/);
    expect(section.match(/class="band"/g)).toHaveLength(3);
    expect(section).toContain(
      "<title>14 Mar 15:09 to 14 Mar 15:24 UTC: 10 messages in the mean, 5 messages to 15 messages</title>",
    );
  });

  it("have the same numbers as a table, the newest first", () => {
    const section = shown([historyOf([10, undefined, 20], 5)]);
    const cells = [...section.matchAll(/<td>([^<]*)<\/td>/g)].map(([, cell]) => cell);
    expect(cells).toEqual(["15", "20", "25", "5", "10", "15"].map((number) => `${number} messages`));
    expect(section).toContain("<summary>The charts as tables</summary>");
    expect(section).toContain("<caption>queue</caption>");
  });

  it("are a line in the middle when the value stands still", () => {
    const section = shown([historyOf([7, 7])]);
    expect(section).toContain("queue in the last 24 hours: always 7 messages");
    expect(section).toContain('d="M0.5 20h.01L1.5 20"');
    expect(section).not.toContain("band");
  });

  it("say that the last run measured nothing of what was measured before", () => {
    const section = shown([historyOf([7])], sampleCheck("mail", { state: "unhealthy" }));
    expect(section).toContain('<span class="muted">not measured</span>');
    expect(section).toContain("always 7 messages");
  });

  it("are absent when nothing was measured at all", () => {
    expect(shown([], sampleCheck("mail"))).toBe("");
  });

  it("stay in their chart whatever the numbers", () => {
    const section = shown([historyOf([-Number.MAX_VALUE, 0, Number.MAX_VALUE, 5e-324])]);
    expect(section).not.toMatch(/NaN|Infinity/);
    for (const [, y] of section.matchAll(/[ML][\d.]+ ([\d.]+)/g)) {
      expect(Number(y)).toBeGreaterThanOrEqual(0);
      expect(Number(y)).toBeLessThanOrEqual(40);
    }
  });
});
