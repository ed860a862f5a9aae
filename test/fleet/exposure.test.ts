import { describe, expect, it } from "vitest";
import { Exposure } from "../../src/fleet/exposure.ts";

const minute = 60_000;

describe("the exposure of a shard", () => {
  it("goes on for a minute after the shard has moved, and no longer", () => {
    const exposure = new Exposure();
    expect(exposure.shows(7, 0)).toBe(false);
    exposure.end(7, 1000);
    expect([exposure.shows(7, 1000), exposure.shows(7, 999 + minute), exposure.shows(7, 1000 + minute)]).toEqual([
      true,
      true,
      false,
    ]);
    expect(exposure.shows(8, 1000)).toBe(false);
  });

  it("ends with a minute that begins when Redis answers again", () => {
    const exposure = new Exposure();
    exposure.end(7, 0);
    for (let now = 0; now <= 10 * minute; now += 100) exposure.keep(now);
    expect(exposure.shows(7, 11 * minute - 1)).toBe(true);
    expect(exposure.shows(7, 11 * minute)).toBe(false);
  });

  it("does not come back for a shard that moved long before Redis went away", () => {
    const exposure = new Exposure();
    exposure.end(7, 0);
    exposure.keep(minute);
    expect(exposure.shows(7, minute)).toBe(false);
  });

  it("is forgotten when the shard is held again", () => {
    const exposure = new Exposure();
    exposure.end(7, 0);
    exposure.begin(7);
    exposure.keep(1);
    expect(exposure.shows(7, 1)).toBe(false);
  });
});
