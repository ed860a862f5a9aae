import { describe, expect, it } from "vitest";
import { defaultLimits, limitsWithin } from "../../src/server/server-limits.ts";

const { connections: _, ...configured } = defaultLimits;

describe("how many connections a server accepts", () => {
  it("leaves half of the files that the process may open to its checks", () => {
    expect(limitsWithin(configured, 300)).toMatchObject({ limits: { connections: 150 }, warning: undefined });
    expect(limitsWithin(configured, 1_048_576)).toMatchObject({ limits: { connections: 4000 }, warning: undefined });
    expect(limitsWithin(configured, undefined)).toMatchObject({ limits: { connections: 4000 }, warning: undefined });
  });

  it("is what is configured, as long as the process can hold that", () => {
    expect(limitsWithin({ ...configured, connections: 512 }, 1024)).toMatchObject({
      limits: { connections: 512 },
      warning: undefined,
    });
  });

  it("is less than what is configured where that would leave no file for the checks, and this is told", () => {
    expect(limitsWithin({ ...configured, connections: 4000 }, 1024)).toMatchObject({
      limits: { connections: 512 },
      warning: expect.stringMatching(/^server\.limits\.connections is 4000, .* to 8000\.$/),
    });
  });

  it("may be all that there can be, without a warning", () => {
    expect(limitsWithin({ ...configured, connections: 512 }, 1025).warning).toBeUndefined();
    expect(limitsWithin({ ...configured, connections: 513 }, 1025).warning).toContain(
      "may only have 1025 files open, of which the checks need some: at most 512 connections are accepted",
    );
  });

  it("is one where there can hardly be any", () => {
    expect([0, 1, 2, 3].map((files) => limitsWithin(configured, files).limits.connections)).toEqual([1, 1, 1, 1]);
  });
});

describe("how many streams of events a server has", () => {
  it.each([
    [1000, undefined, 1000],
    [1000, 4000, 1000],
    [1000, 2000, 500],
    [1000, 2002, 500],
    [10, 300, 10],
  ])("is, of %i that may be with %j files, %i, at most half of the connections", (eventStreams, files, expected) => {
    expect(limitsWithin({ ...configured, eventStreams }, files).limits.eventStreams).toBe(expected);
  });
});
