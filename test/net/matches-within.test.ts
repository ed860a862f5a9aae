import { describe, expect, it } from "vitest";
import { matchesWithin } from "../../src/net/matches-within.ts";

describe("matchesWithin", () => {
  it("tells whether a text matches", () => {
    expect(matchesWithin(1000, /b+/, "abba")).toBe(true);
    expect(matchesWithin(1000, /c/, "abba")).toBe(false);
  });

  it("gives up in time, and works again afterwards", () => {
    const startedAt = performance.now();
    expect(matchesWithin(20, /^(a+)+$/, `${"a".repeat(100)}!`)).toBeUndefined();
    expect(performance.now() - startedAt).toBeLessThan(1000);
    expect(matchesWithin(1000, /a!$/, `${"a".repeat(100)}!`)).toBe(true);
  });
});
