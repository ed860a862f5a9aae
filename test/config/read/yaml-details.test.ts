// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables in a configuration are written like this
import { describe, expect, it } from "vitest";
import { readYaml } from "../../../src/config/read/read-yaml.ts";

const read = (text: string, environment: Readonly<Record<string, string>> = {}) =>
  readYaml("healthspan.yaml", text, { variable: (name) => environment[name], file: () => "" });

/** The issues of a text, each with its place. */
async function issuesOf(text: string): Promise<readonly string[]> {
  const { issues } = await read(text);
  return issues.map(({ path, message, position }) => {
    return `${position === undefined ? "-" : `${position.line}:${position.column}`} ${path.join(".")}: ${message}`;
  });
}

const unusable = "has an unusable key: a key must be text, not empty and not __proto__";

describe("keys", () => {
  it("may be anything that is written in a word, and aliases of it", async () => {
    const { value, issues } = await read("&k key: 1\n7: 2\ntrue: 3\n~: 4\n1.50: 5\nb: { *k : 6, &v w: 7 }\nc: *v\n");
    expect(issues).toEqual([]);
    expect(value).toEqual({ key: 1, "7": 2, true: 3, "~": 4, "1.50": 5, b: { key: 6, w: 7 }, c: "w" });
  });

  it.each([
    ['a: { "": 1 }', `1:6 a: ${unusable}`],
    ["a: { __proto__: 1 }", `1:6 a: ${unusable}`],
    ["a:\n  ? [b]\n  : 1", `2:5 a: ${unusable}`],
    ["a: &a [b]\nc: { *a : 1 }", `2:6 c: ${unusable}`],
  ])("have to be usable: %j", async (text, issue) => {
    expect(await issuesOf(text)).toEqual([issue]);
  });

  it("are given once", async () => {
    expect(await issuesOf("a: 1\nb: { c: 1, c: 2 }\na: 2")).toEqual([
      "2:12 b.c: is given twice; remove one",
      "3:1 a: is given twice; remove one",
    ]);
    expect(await issuesOf("checks: { a: 1, a: { b: 1, b: 2 } }\nx: { checks: { a: 1, a: 2 } }")).toEqual([
      '1:17 checks.a: two checks are called "a"; rename one of them',
      "2:22 x.checks.a: is given twice; remove one",
    ]);
    expect((await read("a: 1\na: 2")).value).toEqual({ a: 1 });
  });
});

describe("aliases", () => {
  it("need an anchor above, and none that they are in", async () => {
    const unknown = "unknown anchor; define it above, or put text that starts with * in quotes";
    const circular = "the anchor contains itself; an alias cannot refer to a value that surrounds it";
    expect(await issuesOf("a: *x\nb: &x 1\n")).toEqual([`1:4 a: ${unknown}`]);
    expect(await issuesOf("a: &x { b: [*x] }\nc: *x\n")).toEqual([
      `1:13 a.b.0: ${circular}`,
      `1:13 c.b.0: ${circular}`,
    ]);
    expect((await read("a: *x")).isUnresolved(["a"])).toBe(true);
  });

  it("may repeat fifty thousand values, and no more", async () => {
    const repeat = (text: string, count: number) => `[${Array.from({ length: count }, () => text).join()}]`;
    // A thousand values, with the list itself, fifty times.
    const text = `a: &a ${repeat("&one 1", 999)}\nb: ${repeat("*a", 50)}\n`;
    expect(await issuesOf(text)).toEqual([]);
    expect(await issuesOf(`${text}c: *one\n`)).toEqual([
      "- : has more than 50000 values once its aliases are expanded",
    ]);
  });

  it("lead to the anchors of parts that are otherwise ignored", async () => {
    const { value, issues } = await read(
      "x-a: [&one 1, { b: &two { c: '${GONE}' } }, &three [3]]\nd: [*one, *three]\n",
    );
    expect(issues).toEqual([]);
    expect(value).toEqual({ d: [1, [3]] });
    expect(await issuesOf("x-a: { b: &two { c: '${GONE}' } }\nd: *two\n")).toEqual([
      expect.stringMatching(/^1:21 d\.c: the variable GONE is not set/),
    ]);
    expect((await read("a: { x-b: 1 }")).value).toEqual({ a: { "x-b": 1 } });
  });
});

describe("merged maps", () => {
  const wrong = "must be an alias of a map, such as *defaults";

  it.each([
    ["a: { <<: 1 }", [`1:6 a.<<: ${wrong}`]],
    ["a: { <<: [[1]] }", [`1:6 a.<<: ${wrong}`]],
    ["a: { <<: null }", [`1:6 a.<<: ${wrong}`]],
    ["l: &l [1]\na: { <<: *l }", [`2:6 a.<<: ${wrong}`]],
    // What is wrong is said once.
    ["a: { <<: *x }", ["1:10 a: unknown anchor; define it above, or put text that starts with * in quotes"]],
  ])("have to be maps: %s", async (text, issues) => {
    expect(await issuesOf(text)).toEqual(issues);
  });

  it("may be written in place, and leave the map as it is when they are wrong", async () => {
    expect((await read("a: { <<: { b: 1, c: 2 }, c: 3 }")).value).toEqual({ a: { b: 1, c: 3 } });
    expect((await read("a: { <<: 1, c: 3 }")).value).toEqual({ a: { c: 3 } });
  });

  it("are placed at the map that they are merged into", async () => {
    const source = await read("one: &one { a: 1 }\nall:\n  <<: *one\n  b: 1\n");
    expect(source.issue(["all"], "x").position).toEqual({ line: 3, column: 3 });
    expect(source.issue(["all", "a"], "x").position).toEqual({ line: 1, column: 16 });
    expect(source.issue(["all", "c"], "x").position).toEqual({ line: 2, column: 1 });
  });
});

describe("depth", () => {
  const nested = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;

  it("may be a hundred levels", async () => {
    expect(await issuesOf(nested(101))).toEqual([]);
    expect(await issuesOf(nested(102))).toEqual(["- : is nested more than 100 levels deep"]);
  });
});

it.each([
  ["a: @b", "1:4 : text that starts with @ must be in quotes"],
  ["a: `b", "1:4 : text that starts with ` must be in quotes"],
  ["a: !b c", "1:4 : unknown tag; remove it, or put text that starts with ! in quotes"],
  ["a: b: c", "1:4 : text that contains a colon and a space must be in quotes"],
  ["a:\n\tb: 1", "2:1 : tabs are not allowed for indentation; use spaces"],
  ['a: "\\q"', "1:5 : invalid escape sequence; write \\\\ for a backslash, or put the text in single quotes"],
  ["a: { b: ${C} }", "1:10 : a variable inside { } or [ ] must be in quotes"],
  ["a: 1\n---\nb: 1", "2:1 : a second YAML document starts here; put everything in one, without a line ---"],
])("%j is refused with what to do", async (text, issue) => {
  expect(await issuesOf(text)).toEqual([issue]);
});
