// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables in a configuration are written like this
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UnreadableFileError } from "../../../src/config/read/read-text-file.ts";
import { substitute, type VariableSource } from "../../../src/config/read/substitute.ts";

const source: VariableSource = {
  variable: (name) => ({ HOST: "cache", PORT: "6379", EMPTY: "", HARD: "a/b#c?d@e:f%40\\", LOGIN: "app:a/b@c" })[name],
  file: (path) => {
    if (path === "/run/secrets/password" || path === "cache/password") return "hunter2\n";
    if (path === "two-lines") return "one\ntwo\r\n\r\n";
    throw new UnreadableFileError("does not exist");
  },
};

describe("substitute", () => {
  it.each([
    ["nothing in it", "nothing in it", []],
    ["$HOST $ {HOST} $$", "$HOST $ {HOST} $$", []],
    ["${HOST}", "cache", ["${HOST}"]],
    ["redis://${HOST}:${PORT}/0", "redis://cache:6379/0", ["${HOST}", "${PORT}"]],
    ["${EMPTY}", "", ["${EMPTY}"]],
    ["${EMPTY:-default}", "default", []],
    ["${UNSET:-default}", "default", []],
    ["${UNSET:-}", "", []],
    ["${UNSET:-a:-b}", "a:-b", []],
    ["${HOST:-default}", "cache", ["${HOST}"]],
    ["$${HOST}", "${HOST}", []],
    ["$${HOST}${HOST}", "${HOST}cache", ["${HOST}"]],
    ["${file:/run/secrets/password}", "hunter2", ["${file:/run/secrets/password}"]],
    ["${file:two-lines}", "one\ntwo\r\n", ["${file:two-lines}"]],
  ])("turns %j into %j", (text, expected, variables) => {
    expect(substitute(text, source)).toMatchObject({ text: expected, variables, issues: [] });
  });

  const hard = "a%2Fb%23c%3Fd%40e%3Af%2540%5C";
  it.each([
    ["redis://:${HARD}@cache/0", `redis://:${hard}@cache/0`],
    ["redis://${HARD}:x@cache/0", `redis://${hard}:x@cache/0`],
    ["redis://app:x-${HARD}-${PORT}@${HOST}/${HARD}", `redis://app:x-${hard}-6379@cache/a/b#c?d@e:f%40\\`],
    ["${UNSET:-rediss}://user@shop:${HARD}@${HOST}", `rediss://user@shop:${hard}@cache`],
    ["redis://:${UNSET:-a/b}@cache", "redis://:a%2Fb@cache"],
    ["redis://:${UNSET:-${HARD}}@cache", `redis://:${hard}@cache`],
    ["${UNSET:-redis://:${HARD}@cache}", `redis://:${hard}@cache`],
    ["redis://:${file:/run/secrets/password}@cache", "redis://:hunter2@cache"],
    ["http://${LOGIN}@shop/", "http://app:a%2Fb%40c@shop/"],
    ["http://${HOST}/@${HARD}", "http://cache/@a/b#c?d@e:f%40\\"],
    ["http://a/${HARD}@b", "http://a/a/b#c?d@e:f%40\\@b"],
    ["see http://:${LOGIN}@b", "see http://:app:a/b@c@b"],
    ["${LOGIN}", "app:a/b@c"],
  ])("percent-encodes a value in the user information of an address, and no other: %j", (text, expected) => {
    expect(substitute(text, source)).toMatchObject({ text: expected, issues: [] });
  });

  it.each([
    ["${UNSET}", ["the variable UNSET is not set; set it, or give it a default: ${UNSET:-default}"]],
    ["${HOST", ["has ${ without a closing }; write $${ for a literal ${"]],
    ["${}", [expect.stringMatching(/^has an invalid variable; use /)]],
    ["${1ST}", [expect.stringMatching(/^has an invalid variable; use /)]],
    ["${file:}", ['"${file:}" has no path; write ${file:PATH}']],
    ["${file:gone}", ["the file gone does not exist"]],
    ["${A}${B}", [expect.stringContaining("A is not set"), expect.stringContaining("B is not set")]],
  ])("refuses %j", (text, issues) => {
    expect(substitute(text, source).issues).toEqual(issues);
  });

  it.each([
    ["${UNSET:-${HOST:-localhost}}", "cache", ["${HOST}"]],
    ["${UNSET:-${GONE:-localhost}}", "localhost", []],
    ["${UNSET:-${GONE:-${EMPTY:-c}}}!", "c!", []],
    ["${UNSET:-${HOST}:${PORT}}", "cache:6379", ["${HOST}", "${PORT}"]],
    ["${UNSET:-${file:/run/secrets/password}}", "hunter2", ["${file:/run/secrets/password}"]],
    ["${HOST:-${UNSET}}", "cache", ["${HOST}"]],
    ["${file:${HOST}/password}", "hunter2", ["${HOST}", "${file:${HOST}/password}"]],
    ['${UNSET:-{"a":{"b":1}}}', '{"a":{"b":1}}', []],
    ["${UNSET:-a}b}", "ab}", []],
    ["${UNSET:-$${HOST}}", "${HOST}", []],
    ["{${HOST}}", "{cache}", ["${HOST}"]],
  ])("does not cut defaults off at the first brace: turns %j into %j", (text, expected, variables) => {
    expect(substitute(text, source)).toMatchObject({ text: expected, variables, issues: [] });
  });

  it.each([
    ["${UNSET:-${GONE}}", ["the variable GONE is not set; set it, or give it a default: ${GONE:-default}"]],
    ["${UNSET:-${HOST}", ["has ${ without a closing }; write $${ for a literal ${"]],
    ["${UNSET:-{}", ["has ${ without a closing }; write $${ for a literal ${"]],
    ["${file:${HOST}/gone}", ["the file ${HOST}/gone does not exist"]],
    ["${A:-".repeat(21) + "}".repeat(21), ["has variables nested more than 20 levels deep"]],
  ])("refuses the nested variables of %j", (text, issues) => {
    expect(substitute(text, source).issues).toEqual(issues);
  });

  it("reads a long text in a time that grows no faster than the text", () => {
    for (const text of ["${", "${A:-", "${A:-{", "$${", "{", "}", "${HOST:-{}}"]) {
      const startedAt = performance.now();
      substitute(text.repeat(500_000 / text.length), source);
      expect(performance.now() - startedAt, text).toBeLessThan(5_000);
    }
  });

  it("returns the values that came from outside, without defaults", () => {
    expect(substitute("${HOST}${UNSET:-x}${file:/run/secrets/password}", source).values).toEqual(["cache", "hunter2"]);
  });

  it("does not look for variables in the value of a variable", () => {
    const nested: VariableSource = { ...source, variable: () => "${HOST}" };
    expect(substitute("${ANY}", nested).text).toBe("${HOST}");
  });

  it("can write any text", () => {
    const text = fc.string({ unit: fc.constantFrom("$", "{", "}", "A", ":", "-", "file:") });
    fc.assert(
      fc.property(text, (wanted) => {
        expect(
          substitute(
            wanted.replaceAll("${", () => "$${"),
            source,
          ),
        ).toMatchObject({ text: wanted, issues: [] });
      }),
    );
  });
});
