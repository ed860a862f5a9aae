import { describe, expect, it } from "vitest";
import { flood } from "../../proof/flood.ts";
import { broken } from "../../proof/support/finding.ts";

describe("a flood of probes", () => {
  it("makes no check run more often or fail, and leaves nothing behind", { timeout: 60_000 }, async () => {
    const options = { checks: 100, intervalSeconds: 2, connections: 100, seconds: 3, format: "json" };
    expect(broken(await flood(options))).toEqual([]);
  });
});
