import { describe, expect, it } from "vitest";
import { suggestion } from "../../../src/config/schema/suggestion.ts";

describe("suggestion", () => {
  it.each([
    ["reddis", ' Did you mean "redis"?'],
    ["Redis", ' Did you mean "redis"?'],
    ["rdeis", ' Did you mean "redis"?'],
    ["dsik", ' Did you mean "disk"?'],
    ["dis", ' Did you mean "disk"?'],
    ["postgresql", ' Did you mean "postgres"?'],
    ["mongodb", ""],
    ["", ""],
  ])("for %j is %j", (found, expected) => {
    expect(suggestion(found, ["redis", "disk", "postgres"])).toBe(expected);
  });

  it("is nothing when there is nothing", () => {
    expect(suggestion("redis", [])).toBe("");
  });
});
