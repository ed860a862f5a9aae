import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JsonPath } from "../../../src/clients/http/json-path.ts";

const root = {
  status: "ok",
  "first name": "Ann",
  "content-type": "text",
  größe: 1,
  'it\'s "it"': true,
  items: [{ state: "up" }, { state: "down" }],
  nothing: null,
  0: "zero",
};

describe("JsonPath", () => {
  it.each([
    ["$", root],
    ["$.status", "ok"],
    ["status", "ok"],
    ["$['status']", "ok"],
    ['$["first name"]', "Ann"],
    ["$.content-type", "text"],
    ["$.größe", 1],
    [`$['it\\'s "it"']`, true],
    [`$["it's \\"it\\""]`, true],
    ["$['\\u0073tatus']", "ok"],
    ["items[0].state", "up"],
    ["$.items[-1].state", "down"],
    ["$['items'][1]['state']", "down"],
    ["['items'][1].state", "down"],
    ["$.nothing", null],
    ["$.0", "zero"],
  ])("%s leads to a value", (text, value) => {
    const path = JsonPath.parse(text);
    expect(path?.find(root)).toEqual({ found: true, value });
    expect(String(path)).toBe(text);
  });

  it("reaches into an array at the top", () => {
    expect(JsonPath.parse("$[1]")?.find(["a", "b"])).toEqual({ found: true, value: "b" });
    expect(JsonPath.parse("[1].x")?.find(["a", { x: 1 }])).toEqual({ found: true, value: 1 });
  });

  it.each([
    "$.missing",
    "$.status.length",
    "$.items.length",
    "$.items[2]",
    "$.items[-3]",
    "$.items.0",
    "$[0]",
    "$.nothing.x",
    "$.toString",
    "$.__proto__",
    "$.status[0]",
  ])("%s leads nowhere", (text) => {
    expect(JsonPath.parse(text)?.find(root)).toEqual({ found: false });
  });

  it.each([
    "",
    ".",
    "$.",
    "$status",
    "$..status",
    ".status",
    "$.*",
    "$.items[*]",
    "$.items[0:1]",
    "$.items[?@.x]",
    "$.items[01]",
    "$.items[-0]",
    "$['a'",
    "$['a\\x']",
    "$.a b",
    "a[0]b",
    "$['a']b",
  ])("refuses %j", (text) => {
    expect(JsonPath.parse(text)).toBeUndefined();
  });

  it("finds any member by its quoted name", () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (name, value) => {
        const object = Object.fromEntries([[name, value]]);
        const found = JsonPath.parse(`$[${JSON.stringify(name)}]`)?.find(object);
        expect(found).toEqual({ found: true, value });
      }),
    );
  });

  it("never throws, whatever it is given to read", () => {
    fc.assert(fc.property(fc.string(), (text) => void JsonPath.parse(text)?.find(root)));
  });
});
