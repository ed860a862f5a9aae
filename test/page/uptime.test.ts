import { describe, expect, it } from "vitest";
import type { Past, Uptime } from "../../src/health/history/history.ts";
import { checkUptime, percentage, uptimeTogether } from "../../src/page/uptime.ts";
import { sampleCheck } from "../support/sample-reports.ts";

const day = 86_400;

function past(uptimes: Readonly<Record<string, Uptime>>): Past {
  return { uptime: (check) => uptimes[check], incident: () => undefined };
}

describe("percentage", () => {
  it.each([
    [100, 100, "100 %"],
    [0, 100, "0.00 %"],
    [9_999_999, 10_000_000, "99.99 %"],
    [99_950, 100_000, "99.95 %"],
    [1, 3, "33.33 %"],
  ])("of %d of %d seconds is %s", (availableSeconds, knownSeconds, expected) => {
    expect(percentage({ availableSeconds, knownSeconds })).toBe(expected);
  });
});

describe("checkUptime", () => {
  it("says what it is based on", () => {
    const known = past({ cache: { availableSeconds: 0.9995 * 29.8 * day, knownSeconds: 29.8 * day } });
    expect(String(checkUptime(known, "cache"))).toBe(
      '<span title="99.95 % of 29.8 days known, of the last 30 days">99.95 %</span>',
    );
  });

  it("counts less than a day in hours", () => {
    const known = past({ cache: { availableSeconds: 7200, knownSeconds: 7200 } });
    expect(String(checkUptime(known, "cache"))).toContain("100 % of 2 h known");
  });

  it("is absent where nothing is known", () => {
    expect(checkUptime(past({}), "cache")).toBeUndefined();
    expect(checkUptime(past({ cache: { availableSeconds: 0, knownSeconds: 0 } }), "cache")).toBeUndefined();
  });
});

describe("uptimeTogether", () => {
  it("is the available part of all time known", () => {
    const known = past({
      a: { availableSeconds: 10 * day, knownSeconds: 10 * day },
      b: { availableSeconds: 15 * day, knownSeconds: 30 * day },
    });
    expect(String(uptimeTogether(known, [sampleCheck("a"), sampleCheck("b")], "2 checks"))).toBe(
      '<span title="62.50 % of the time known of 2 checks, 20 days each on average">62.50 %</span>',
    );
    expect(uptimeTogether(past({}), [sampleCheck("a")], "1 check")).toBeUndefined();
  });
});
