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
    ["ab", ""],
    ["di", ""],
    ["diks", ' Did you mean "disk"?'],
    ["kids", ""],
    ["postgrees", ' Did you mean "postgres"?'],
    ["postgresss", ' Did you mean "postgres"?'],
    ["pxstxres", ' Did you mean "postgres"?'],
    ["pxxtxres", ""],
    ["", ""],
  ])("for %j is %j", (found, expected) => {
    expect(suggestion(found, ["redis", "disk", "postgres"])).toBe(expected);
  });

  it("is the nearest, and of two that are as near the first", () => {
    expect(suggestion("orders", ["order", "orders2", "orderss"])).toBe(' Did you mean "order"?');
    expect(suggestion("webserver", ["webswerfer", "webservers", "webserv"])).toBe(' Did you mean "webservers"?');
    expect(suggestion("abcdef", ["xbcdfe", "abcdfe"])).toBe(' Did you mean "abcdfe"?');
  });

  it("is nothing when there is nothing", () => {
    expect(suggestion("redis", [])).toBe("");
  });
});
