import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { redactor } from "../../../src/health/redaction/redactor.ts";
import { Secret } from "../../../src/health/secret.ts";

const secret = `p"ss/w<o>rd & 'ä' a+b?c#d@e:f(100%)`;
const redact = redactor([new Secret(secret)]);

const lowerCaseEscapes = (text: string): string => text.replaceAll(/%[\dA-F]{2}/g, (octet) => octet.toLowerCase());
const unicodeEscapes = (text: string, which: RegExp): string =>
  text.replaceAll(which, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);

describe("a secret is taken out of a text that has it", () => {
  it.each([
    ["as it is", secret],
    ["percent-encoded", encodeURIComponent(secret)],
    ["percent-encoded in lower case", lowerCaseEscapes(encodeURIComponent(secret))],
    ["percent-encoded but for slashes", encodeURIComponent(secret).replaceAll("%2F", "/")],
    [
      "as the path of an address",
      new URL(`http://h/${secret.replaceAll("?", "%3F").replaceAll("#", "%23")}`).pathname.slice(1),
    ],
    ["as a field of a form", new URLSearchParams({ a: secret }).toString().slice(2)],
    ["in base64", Buffer.from(secret).toString("base64")],
    ["in base64 without padding", Buffer.from(secret).toString("base64").replace(/=+$/, "")],
    ["in base64url", Buffer.from(secret).toString("base64url")],
    ["in JSON", JSON.stringify(secret).slice(1, -1)],
    ["in the JSON of Python", unicodeEscapes(JSON.stringify(secret).slice(1, -1), /[^\0-\x7f]/g)],
    ["in the JSON of PHP", JSON.stringify(secret).slice(1, -1).replaceAll("/", "\\/")],
    ["in the JSON of Go", unicodeEscapes(JSON.stringify(secret).slice(1, -1), /[<>&]/g)],
    ["as the content of XML", "p\"ss/w&lt;o&gt;rd &amp; 'ä' a+b?c#d@e:f(100%)"],
    ["as an attribute of XML", "p&quot;ss/w&lt;o&gt;rd &amp; &apos;ä&apos; a+b?c#d@e:f(100%)"],
    ["as an attribute of HTML", "p&#34;ss/w&lt;o&gt;rd &amp; &#39;ä&#39; a+b?c#d@e:f(100%)"],
  ])("%s", (_, spelling) => {
    expect(redact(`before ${spelling} after`)).toMatch(/^before \[redacted\]=* after$/);
  });

  it.each([0, 1, 2, 3])("in base64, after %i other characters", (count) => {
    const text = Buffer.from(`${"x".repeat(count)}correct-horse-battery:yz`).toString("base64");
    const left = redactor([new Secret("correct-horse-battery")])(text).replaceAll("[redacted]", "");
    expect(left.length).toBeLessThan(12);
  });

  it("as a regular expression is printed", () => {
    const pattern = /a\/path\/to.it/;
    expect(redactor([new Secret("a/path/to.it")])(`does not match ${pattern}`)).toBe("does not match /[redacted]/");
  });

  it("as the name of a host, in lower case and in Punycode", () => {
    expect(redactor([new Secret("DB.Bücher.Example")])("http://db.xn--bcher-kva.example/ db.bücher.example")).toBe(
      "http://[redacted]/ [redacted]",
    );
  });

  it("by one of its lines", () => {
    const lines = redactor([new Secret("first line\r\n  second line\nx\n")]);
    expect(lines("first line, second line, x")).toBe("[redacted], [redacted], x");
  });

  it("by what follows the scheme of a header Authorization", () => {
    expect(redactor([new Secret("Bearer the-token")])("token the-token is old")).toBe("token [redacted] is old");
    const basic = `Basic ${Buffer.from("the-user:the-word").toString("base64")}`;
    expect(redactor([new Secret(basic)])("the-user may not log in with the-word")).toBe(
      "[redacted] may not log in with [redacted]",
    );
  });

  it("whatever characters it has", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 4, unit: "binary" }), (text) => {
        fc.pre(!"[redacted]".includes(text));
        const hide = redactor([new Secret(text)]);
        const spellings = [text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text.toWellFormed())];
        for (const spelling of spellings) expect(hide(`\u{10FFFD}${spelling}\u{10FFFD}`)).not.toContain(spelling);
      }),
    );
  });

  it("that two secrets share", () => {
    const both = redactor([new Secret("abcdefgh"), new Secret("efghijkl")]);
    expect(both("x abcdefghijkl x efghijkl")).toBe("x [redacted] x [redacted]");
  });
});

it("is not found in words of fewer than four characters", () => {
  expect(redactor([new Secret("abc"), new Secret("a\nbcd\n")])("abc bcd a")).toBe("abc bcd a");
  expect(inspect(redactor([]))).not.toContain("abc");
});
