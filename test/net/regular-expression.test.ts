import { describe, expect, it } from "vitest";
import { regularExpression } from "../../src/net/regular-expression.ts";

describe("regularExpression", () => {
  it.each([
    ["^ok$", /^ok$/u],
    ["(?i)ok", /ok/iu],
    ["(?ims)^o.k$", /^o.k$/imsu],
    ["(?:ok)", /(?:ok)/u],
    ["\\p{L}+", /\p{L}+/u],
  ])("reads %s", (text, pattern) => {
    expect(regularExpression().parse(text)).toEqual(pattern);
  });

  it.each([
    ["(", "must be a regular expression: /(/u: Unterminated group"],
    ["(?ii)a", "must be a regular expression: Invalid flags supplied to RegExp constructor 'iiu'"],
    ["\\-", "must be a regular expression: /\\-/u: Invalid escape"],
  ])("refuses %s", (text, message) => {
    expect(regularExpression().safeParse(text).error?.issues).toEqual([expect.objectContaining({ message })]);
  });
});
