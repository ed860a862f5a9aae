import { describe, expect, it } from "vitest";
import { broken } from "../../proof/support/finding.ts";
import { changeClock, jumps, summerTime, suspend } from "../../proof/suspension.ts";

const options = { checks: 60, intervalSeconds: 2 };

describe.concurrent("a machine whose time does not flow evenly", () => {
  it("may set its clock", { timeout: 60_000 }, async () => {
    expect(broken(await changeClock(options, jumps.slice(0, 3)))).toEqual([]);
  });

  it("may change to summer time and back", { timeout: 60_000 }, async () => {
    expect(broken(await changeClock(options, summerTime, "Europe/Berlin"))).toEqual([]);
  });

  it("may suspend the server", { timeout: 60_000 }, async () => {
    expect(broken(await suspend(options, 1, false))).toEqual([]);
  });

  it("may suspend the server while somebody asks", { timeout: 60_000 }, async () => {
    expect(broken(await suspend(options, 1, true))).toEqual([]);
  });
});
