import { describe, expect, it } from "vitest";
import { scrapeTimeoutMilliseconds } from "../../src/server/scrape-timeout.ts";

describe("scrapeTimeoutMilliseconds", () => {
  it.each([
    ["10", 9500],
    ["10.000000", 9500],
    ["1", 900],
    ["0.2", 180],
    ["30", 29_500],
    ["1e9", 119_500],
    ["Infinity", 119_500],
    ["0", 9500],
    ["-1", 9500],
    ["soon", 9500],
    ["", 9500],
    [undefined, 9500],
  ])("leaves of %s seconds %d ms for the collection", (header, milliseconds) => {
    expect(scrapeTimeoutMilliseconds(header)).toBeCloseTo(milliseconds);
  });
});
