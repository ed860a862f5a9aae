import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { printable } from "../../src/formats/printable.ts";

describe("printable", () => {
  it.each([
    ["plain text, ünïcödé, 健康, שלום, 👩‍🚀", "plain text, ünïcödé, 健康, שלום, 👩‍🚀"],
    ["a\r\nb\tc\u0000\u001b[31m\u007f\u0085\u009f", "a\uFFFD\uFFFDb\uFFFDc\uFFFD\uFFFD[31m\uFFFD\uFFFD\uFFFD"],
    ["a\u2028b\u2029c", "a\uFFFDb\uFFFDc"],
    ["\u202a\u202e\u2066\u2069\u200e\u200f\u061c", "\uFFFD".repeat(7)],
    ["\ud800x\udc00 but 😀", "\uFFFDx\uFFFD but 😀"],
    ["\ufffe\uffff", "\uFFFD\uFFFD"],
  ])("makes %j %j", (text, printed) => {
    expect(printable(text)).toBe(printed);
  });

  it("returns one line of well-formed text of the same length, and changes it only once", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const printed = printable(text);
        expect(printed.isWellFormed()).toBe(true);
        expect(printed).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
        expect(printed.length).toBe(text.length);
        expect(printable(printed)).toBe(printed);
      }),
    );
  });
});
