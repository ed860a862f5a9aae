import { expect, it } from "vitest";
import { formats } from "../../src/server/formats.ts";

// A scraper or feed reader that gets an error reads nothing of what failed.
it("feeds and metrics are no errors when a check fails, and everything else is", () => {
  const told = formats.map(({ name, tellsByStatus }) => [name, tellsByStatus]);
  expect(Object.fromEntries(told)).toEqual({
    html: true,
    json: true,
    text: true,
    health: true,
    atom: false,
    rss: false,
    openmetrics: false,
    badge: false,
    shields: false,
    events: false,
  });
});
