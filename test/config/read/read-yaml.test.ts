// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables in a configuration are written like this
import { describe, expect, it } from "vitest";
import { readYaml } from "../../../src/config/read/read-yaml.ts";
import type { Source } from "../../../src/config/read/source.ts";

function read(text: string, environment: Readonly<Record<string, string>> = {}): Promise<Source> {
  return readYaml("healthspan.yaml", text, {
    variable: (name) => environment[name],
    file: () => "",
  });
}

describe("readYaml", () => {
  it("gives plain values", async () => {
    const { value, issues } = await read("a: 1\nb: [true, null, 1.5, text, 'quoted']\nc: { 1: one, true: yes }\n");
    expect(issues).toEqual([]);
    expect(value).toEqual({ a: 1, b: [true, null, 1.5, "text", "quoted"], c: { 1: "one", true: "yes" } });
  });

  it("reads a configuration of any length, and counts only what aliases repeat", async () => {
    const items = Array.from({ length: 60_000 }, (_, index) => index);
    expect((await read(JSON.stringify({ items }))).issues).toEqual([]);
    const { issues } = await read(`a: &a ${JSON.stringify(items.slice(0, 30_000))}\nb: [*a, *a]\n`);
    expect(issues).toMatchObject([{ message: "has more than 50000 values once its aliases are expanded" }]);
  });

  it("counts nothing that follows an alias as repeated", async () => {
    const items = JSON.stringify(Array.from({ length: 60_000 }, (_, index) => index));
    expect((await read(`a: &a 1\nb: *a\nc: &c [*a]\nd: *c\nitems: ${items}\n`)).issues).toEqual([]);
  });

  it("records where each key and value is", async () => {
    const source = await read("a:\n  b: [x,\n    y]\n");
    expect(source.place(["a", "b"])).toMatchObject({ key: { line: 2, column: 3 }, value: { line: 2, column: 6 } });
    expect(source.place(["a", "b", 1])).toMatchObject({ key: { line: 3, column: 5 }, value: { line: 3, column: 5 } });
    expect(source.place(["a", "c"])).toBeUndefined();
  });

  it("places a missing value at the map that should contain it", async () => {
    const source = await read("a:\n  b: { c: 1 }\n");
    expect(source.issue(["a", "b", "d", "e"], "is missing").position).toEqual({ line: 2, column: 3 });
    expect(source.issue(["x"], "is missing").position).toEqual({ line: 1, column: 1 });
  });

  it("places the values of an alias at its anchor", async () => {
    const source = await read("a: &a\n  b: 1\nc: *a\n");
    expect(source.value).toEqual({ a: { b: 1 }, c: { b: 1 } });
    expect(source.place(["c"])).toMatchObject({ key: { line: 3, column: 1 } });
    expect(source.place(["c", "b"])).toMatchObject({ value: { line: 2, column: 6 } });
  });

  it("does not share the objects of an alias", async () => {
    const { a, c } = (await read("a: &a { b: 1 }\nc: *a\n")).value as { a: object; c: object };
    expect(a).not.toBe(c);
  });

  it("merges maps, of which a map's own keys win and then the first", async () => {
    const source = await read(
      "one: &one { a: 1, b: 1 }\ntwo: &two { b: 2, c: 2 }\nall: { c: 3, <<: [*one, *two], d: 3 }\n",
    );
    expect(source.value).toMatchObject({ all: { a: 1, b: 1, c: 3, d: 3 } });
    expect(source.place(["all", "a"])).toMatchObject({ value: { line: 1, column: 16 } });
    expect(source.place(["all", "b"])).toMatchObject({ value: { line: 1, column: 22 } });
    expect(source.place(["all", "c"])).toMatchObject({ value: { line: 3, column: 11 } });
    expect(source.place(["all"])).toMatchObject({ key: { line: 3, column: 1 } });
  });

  it("knows the secrets in a value that overrides a merged one", async () => {
    const source = await read("base: &base { password: open }\nown: { password: '${P}', <<: *base }\n", {
      P: "hunter2",
    });
    expect(source.place(["own", "password"])).toMatchObject({ variables: ["${P}"], secrets: ["hunter2"] });
    expect(source.issue(["own"], "hunter2 is wrong").message).toBe("[redacted] is wrong");
  });

  it("takes the last of two anchors with one name", async () => {
    expect((await read("a: &x 1\nb: *x\nc: &x 2\nd: *x\n")).value).toEqual({ a: 1, b: 1, c: 2, d: 2 });
  });

  it("gives an unset variable one position, however often aliases use it", async () => {
    const { issues } = await read("a: &a { b: '${GONE}' }\nc: *a\n");
    expect(new Set(issues.map(({ position }) => JSON.stringify(position))).size).toBe(1);
  });

  it("reads an empty document as null", async () => {
    expect((await read("")).value).toBeNull();
    expect((await read("# nothing\n")).value).toBeNull();
  });

  it("follows YAML 1.2, in which yes and 2024-01-01 are text", async () => {
    expect((await read("a: yes\nb: 2024-01-01\nc: 0x10\nd: ~\n")).value).toEqual({
      a: "yes",
      b: "2024-01-01",
      c: 16,
      d: null,
    });
  });

  it("is not held up by aliases of aliases", async () => {
    const levels = Array.from({ length: 30 }, (_, level) =>
      level === 0 ? "l0: &l0 [x, x]" : `l${level}: &l${level} [*l${level - 1}, *l${level - 1}]`,
    );
    const { value, issues } = await read(levels.join("\n"));
    expect(value).toBeUndefined();
    expect(issues).toMatchObject([{ path: [], message: expect.stringContaining("aliases") }]);
  });
});
