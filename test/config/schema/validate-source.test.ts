// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables in a configuration are written like this
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { readYaml } from "../../../src/config/read/read-yaml.ts";
import { validate } from "../../../src/config/schema/validate-source.ts";

/** Reads and validates a text; its value, or its issues. */
async function read(schema: z.ZodType, yaml: string, environment: Readonly<Record<string, string>> = {}) {
  const source = await readYaml("a.yaml", yaml, { variable: (name) => environment[name], file: () => "" });
  const { value, issues } = validate(schema, source.value, { source, path: [], subject: "a thing" });
  return issues === undefined ? value : issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
}

const number = z.strictObject({ a: z.number() });

describe("the value of a variable", () => {
  it.each([
    ["7", 7],
    ["-7", -7],
    ["1.5", 1.5],
    ["007", 7],
  ])("is a number where one is wanted: %j", async (A, a) => {
    expect(await read(number, "a: ${A}", { A })).toEqual({ a });
  });

  it.each(["", "7 ", " 7", "+7", "1.", ".5", "1e3", "0x7", "7px", "1.2.3", "--7", "Infinity"])(
    "is none that only looks like one: %j",
    async (A) => {
      expect(await read(number, "a: ${A}", { A })).toEqual(["a: must be a number (the value of ${A} is not shown)"]);
    },
  );

  it("is true or false where that is wanted, and only as YAML writes it", async () => {
    const schema = z.strictObject({ a: z.boolean(), b: z.boolean() });
    expect(await read(schema, "a: ${A}\nb: ${B}", { A: "true", B: "false" })).toEqual({ a: true, b: false });
    expect(await read(schema, "a: ${A}\nb: ${B}", { A: "True", B: "no" })).toHaveLength(2);
  });

  it("stays text where text is wanted, whatever else in the file is wrong at first", async () => {
    const schema = z.strictObject({ a: z.string(), b: z.number() });
    expect(await read(schema, "a: ${A}\nb: ${A}", { A: "7" })).toEqual({ a: "7", b: 7 });
  });

  it("is read in lists, in maps and in one of several kinds of value", async () => {
    const numbers = z.union([z.literal("all"), z.array(z.number())]);
    const schema = z.strictObject({ a: z.array(z.number()), b: z.strictObject({ c: z.boolean() }), d: numbers });
    expect(await read(schema, "a: [1, '${N}', 3]\nb: { c: '${T}' }\nd: ['${N}']", { N: "2", T: "true" })).toEqual({
      a: [1, 2, 3],
      b: { c: true },
      d: [2],
    });
  });

  it("may be its default", async () => {
    expect(await read(number, "a: ${A:-7}")).toEqual({ a: 7 });
  });

  it("is not looked for where no variable is", async () => {
    expect(await read(number, 'a: "7"')).toEqual(['a: must be a number; found "7"']);
  });

  it("is not reported a second time when it is not set", async () => {
    expect(await read(number, "a: ${A}")).toEqual([]);
  });
});

describe("options that start with x-", () => {
  const schema = z.strictObject({
    a: z.number(),
    b: z.union([z.literal("all"), z.strictObject({ c: z.number() })]).optional(),
  });

  it("are left out, wherever they are", async () => {
    expect(await read(schema, "a: 1\nx-a: 2\nb: { c: 1, x-c: 2, x-d: 3 }")).toEqual({ a: 1, b: { c: 1 } });
  });

  it("are left out where there are several kinds of map", async () => {
    const kinds = z.strictObject({
      a: z.union([z.strictObject({ b: z.number().optional() }), z.strictObject({ c: z.number().optional() })]),
    });
    expect(await read(kinds, "a: { c: 1, x-d: 2 }")).toEqual({ a: { c: 1 } });
  });

  it("do not hide other mistakes", async () => {
    expect(await read(schema, "a: one\nx-a: 2\nxb: 1\nb: { c: 1, xd: 3 }")).toEqual([
      'a: must be a number; found "one"',
      'b.xd: unknown option "xd". Known options: c',
      'xb: unknown option "xb" for a thing. Did you mean "b"?',
    ]);
  });
});
