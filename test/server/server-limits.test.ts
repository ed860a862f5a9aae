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
});
