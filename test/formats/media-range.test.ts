import { describe, expect, it } from "vitest";
import { parseAccept, specificity } from "../../src/formats/media-range.ts";

/** The ranges of a header, each as `type/subtype;name=value q`. */
function ranges(header: string): readonly string[] {
  return parseAccept(header).map(({ type, subtype, parameters, quality }) => {
    return `${type}/${subtype}${[...parameters].map(([name, value]) => `;${name}=${value}`).join("")} ${quality}`;
  });
}

describe("parseAccept", () => {
  it.each([
    ["text/html", ["text/html 1"]],
    ["Text/HTML;Version=A", ["text/html;version=a 1"]],
    [" text/html , */* ", ["text/html 1", "*/* 1"]],
    ["*", ["*/* 1"]],
    ["*;q=.2", ["*/* 0.2"]],
    ["text/*;q=0.5", ["text/* 0.5"]],
    ["a/b;c=d;e=f", ["a/b;c=d;e=f 1"]],
    ["a/b;q=0.5;c=d", ["a/b;c=d 0.5"]],
    ["a/b ; c = d ; q = 0.5", ["a/b;c=d 0.5"]],
    ["a/b;;c=d;", ["a/b;c=d 1"]],
    ["a/b; ;c=d ; ", ["a/b;c=d 1"]],
    ["a/b;charset=utf-8;escaping=x", ["a/b 1"]],
    ['a/b;c="d, e;f=g"', ["a/b;c=d, e;f=g 1"]],
    ['a/b;c="\\"\\\\",d/e', ['a/b;c="\\ 1', "d/e 1"]],
    ['a/b;c="\n"', ["a/b;c=\n 1"]],
    ['a/b;c="\\\n"', ["a/b;c=\n 1"]],
    ['a/b;c=""', ["a/b;c= 1"]],
    ["a!#$%&'*+.^_`|~9-z/b", ["a!#$%&'*+.^_`|~9-z/b 1"]],
  ])("reads %j", (header, expected) => {
    expect(ranges(header)).toEqual(expected);
  });

  it.each([
    ["0", 0],
    ["0.", 0],
    ["0.0", 0],
    [".5", 0.5],
    ["0.333333", 0.333333],
    ["1", 1],
    ["1.", 1],
    ["1.000", 1],
    ["10", undefined],
    ["1.01", undefined],
    ["00.5", undefined],
    ["0.5x", undefined],
    ["x0.5", undefined],
    ["x1", undefined],
    ["-0.5", undefined],
    ["2", undefined],
    ["0x1", undefined],
    [".", undefined],
    ['""', undefined],
    ["", undefined],
  ])("takes the weight %j for %s", (written, quality) => {
    expect(parseAccept(`a/b;q=${written}`).map((range) => range.quality)).toEqual(
      quality === undefined ? [] : [quality],
    );
  });

  it.each([
    "",
    "text",
    "/",
    "a/",
    "/b",
    "a/b/c",
    "a/b/",
    "*/b",
    "a b/c",
    "a/b c",
    "a(/b",
    "a/b;c",
    "a/b;=d",
    "a/b;c=",
    "a/b;c d=e",
    "a/b;c=d e",
    'a/b;c="d',
    'a/b;c="d"e',
    'a/b;c=d"',
    'a/b;c="\\"',
    "a/b;q=1;q=1",
    "**",
  ])("ignores %j, and nothing else", (malformed) => {
    expect(ranges(malformed)).toEqual([]);
    // An open quotation mark lasts to the end.
    expect(ranges(`c/d,${malformed}`)).toEqual(["c/d 1"]);
  });
});

describe("specificity", () => {
  const offer = { mediaType: "text/plain", parameters: { version: "1", a: "b" }, contentType: "" };
  it.each([
    ["*/*", 0],
    ["*/*;version=1", -1],
    ["text/*", 1],
    ["text/*;version=1", -1],
    ["image/*", -1],
    ["text/plain", 2],
    ["text/html", -1],
    ["tex/plain", -1],
    ["image/plain", -1],
    ["text/plain;version=1", 3],
    ["text/plain;version=1;a=b", 4],
    ["text/plain;version=2", -1],
    ["text/plain;version=1;c=d", -1],
  ])("of %s is %d", (header, expected) => {
    const [range] = parseAccept(header);
    expect(range && specificity(offer, range)).toBe(expected);
  });

  it("of a range with a parameter is none for an offer without", () => {
    const [range, other] = parseAccept("text/plain;version=1, text/plain");
    const plain = { mediaType: "text/plain", contentType: "" };
    expect([range && specificity(plain, range), other && specificity(plain, other)]).toEqual([-1, 2]);
  });
});
