import { describe, expect, it } from "vitest";
import { z } from "zod";
import { bodyFields, expectBody, expectsBody } from "../../../src/clients/http/body-expectations.ts";

const schema = z.strictObject(bodyFields);
const secret = "hunter2";

/** What is wrong with a body; undefined when nothing is. */
function issue(body: string, expected: z.input<typeof schema>): string | undefined {
  try {
    expectBody(body, schema.parse(expected));
    return undefined;
  } catch (error) {
    expect(error).toMatchObject({ reason: "assertion", state: "unhealthy" });
    return error instanceof Error ? error.message : "";
  }
}

describe("expectBody", () => {
  it.each([
    ["it is ok", { bodyContains: "ok" }, undefined],
    ["it is OK", { bodyContains: "ok" }, 'the body does not contain "ok"'],
    ["it is ok", { bodyMatches: "^it.*k$" }, undefined],
    ["it is OK", { bodyMatches: "(?i)ok" }, undefined],
    ["it\nis ok", { bodyMatches: "(?ms)^is.*ok$" }, undefined],
    ["größe", { bodyMatches: "^\\p{L}+$" }, undefined],
    [secret, { bodyMatches: "ok$" }, "the body does not match /ok$/u"],
    ["", { bodyContains: "ok" }, 'the body does not contain "ok"'],
  ])("compares the text %j with %j", (body, expected, message) => {
    expect(issue(body, expected)).toBe(message);
  });

  it.each([
    ["ok", undefined],
    ["down", '$.value is another text, expected "down"'],
    [3, "$.value is a text, expected 3"],
    [null, "$.value is a text, expected null"],
  ])("compares a text with %j", (expected, message) => {
    expect(issue('{"value": "ok"}', { json: { "$.value": expected } })).toBe(message);
  });

  it.each([
    ["3", 3, undefined],
    ["3.0", 3, undefined],
    ["4", 3, "$.value is 4, expected 3"],
    ["3", "3", '$.value is 3, expected "3"'],
    ["true", true, undefined],
    ["false", true, "$.value is false, expected true"],
    ["null", null, undefined],
    ["null", "", '$.value is null, expected ""'],
    [`["${secret}"]`, "ok", '$.value is an array, expected "ok"'],
    [`{"a": "${secret}"}`, "ok", '$.value is an object, expected "ok"'],
  ])("compares %s with %j", (value, expected, message) => {
    expect(issue(`{"value": ${value}}`, { json: { "$.value": expected } })).toBe(message);
  });

  it("looks at every path", () => {
    const json = { "$.a": 1, "b[0]": "x", "$.c": true };
    expect(issue('{"a": 1, "b": ["x"], "c": true}', { json })).toBeUndefined();
    expect(issue('{"a": 1, "b": ["x"]}', { json })).toBe("$.c is missing, expected true");
  });

  it("tells what is not JSON without repeating it", () => {
    expect(issue(`<p>${secret}</p>`, { json: { "$.a": 1 } })).toBe("the body is not JSON");
    expect(issue("", { json: {} })).toBe("the body is not JSON");
    expect(issue("[]", { json: {} })).toBeUndefined();
  });

  it("gives up a search that would never end", () => {
    const startedAt = performance.now();
    const body = `${"a".repeat(1000)}!`;
    expect(issue(body, { bodyMatches: "^(a+)+$" })).toBe("the search for /^(a+)+$/u took longer than allowed");
    expect(performance.now() - startedAt).toBeLessThan(2000);
    expect(issue(body, { bodyMatches: "^a+!$" })).toBeUndefined();
  });
});

describe("expectsBody", () => {
  it.each([
    [{}, false],
    [{ bodyContains: "a" }, true],
    [{ bodyMatches: "a" }, true],
    [{ json: {} }, true],
  ])("of %j is %j", (expected, expects) => {
    expect(expectsBody(schema.parse(expected))).toBe(expects);
  });
});

describe("bodyFields", () => {
  it.each([
    [{ bodyMatches: "(" }, ["bodyMatches"], "must be a regular expression: /(/u: Unterminated group"],
    [{ json: { "$..a": 1 } }, ["json", "$..a"], "must be a path to one value, such as $.status or $.items[0].state"],
    [{ bodyContains: "" }, ["bodyContains"], expect.stringContaining("Too small")],
  ])("refuses %j", (values, path, message) => {
    expect(schema.safeParse(values).error?.issues).toEqual([expect.objectContaining({ path, message })]);
  });
});
