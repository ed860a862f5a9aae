import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wrapText } from "../../../src/cli/output/wrap-text.ts";

describe("wrapText", () => {
  it("breaks between words", () => {
    expect(wrapText("one two three", 8)).toEqual(["one two", "three"]);
    expect(wrapText("one two three", Number.POSITIVE_INFINITY)).toEqual(["one two three"]);
    expect(wrapText("", 10)).toEqual([""]);
  });

  it("keeps every word, and to the width unless a word is longer", () => {
    const words = fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 });
    fc.assert(
      fc.property(words, fc.integer({ min: 1, max: 40 }), (list, columns) => {
        const lines = wrapText(list.join(" "), columns);
        expect(lines.join(" ").split(" ")).toEqual(list);
        for (const line of lines) if (line.includes(" ")) expect(line.length).toBeLessThanOrEqual(columns);
      }),
    );
  });
});
