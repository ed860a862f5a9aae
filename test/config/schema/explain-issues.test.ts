import { describe, expect, it } from "vitest";
import { z } from "zod";
import { explainIssues, wordsFor } from "../../../src/config/schema/explain-issues.ts";
import { jsonSchemaOf } from "../../../src/config/schema/schema-at.ts";
import { connectionUrl, secret } from "../../../src/health/fields.ts";

/** The messages for a value that does not match a schema. */
function explain(schema: z.ZodType, input: unknown, variables: readonly string[] = []): readonly string[] {
  const { error } = schema.safeParse(input, { error: wordsFor, reportInput: true });
  const about = { schema: jsonSchemaOf(schema), input, variables: () => variables, subject: "the test" };
  return explainIssues(error?.issues ?? [], about).map(({ path, message }) => `${path.join(".")}: ${message}`);
}

const inField = (field: z.ZodType, value: unknown, variables?: readonly string[]): string | undefined =>
  explain(z.strictObject({ field }), { field: value }, variables)[0];

describe("an issue is explained", () => {
  it.each<[z.ZodType, unknown, string]>([
    [z.string(), 5, "must be text: put it in quotes; found 5"],
    [z.string(), true, "must be text: put it in quotes; found true"],
    [z.string(), null, "must be text; found nothing"],
    [z.string(), ["a"], "must be text"],
    [z.number(), "many", 'must be a number; found "many"'],
    [z.int(), 1.5, "must be a whole number; found 1.5"],
    [z.boolean(), "yes", 'must be true or false; found "yes"'],
    [z.array(z.string()), "one", 'must be a list; found "one"'],
    [z.record(z.string(), z.string()), ["one"], "must be a map"],
    [z.enum(["GET", "HEAD", "POST"]), "get", 'must be "GET", "HEAD" or "POST"; found "get"'],
    [z.literal(5), 6, "must be 5; found 6"],
    [z.string().min(1), "", 'must not be empty; found ""'],
    [z.string().min(8), "short", 'must have at least 8 characters; found "short"'],
    [z.string().max(2), "abc", 'must have at most 2 characters; found "abc"'],
    [z.array(z.string()).min(2), ["a"], "must have at least 2 entries"],
    [z.number().min(1), 0, "must be at least 1; found 0"],
    [z.number().gt(1), 1, "must be more than 1; found 1"],
    [z.number().lt(1), 1, "must be less than 1; found 1"],
    [z.number().max(9), 10, "must be at most 9; found 10"],
    [z.number().multipleOf(5), 7, "must be a multiple of 5; found 7"],
    [z.string().regex(/^a/), "b", 'must match /^a/; found "b"'],
    [z.email(), "b", 'must be a valid email; found "b"'],
    [z.string().refine(() => false), "b", 'is not allowed; found "b"'],
    [z.string().refine(() => false, "must rhyme"), "b", 'must rhyme; found "b"'],
    [z.string("must be a colour"), 7, "must be a colour; found 7"],
    [z.string(), undefined, "is missing; it must be text"],
    [z.union([z.literal("all"), z.array(z.string())]), 5, 'must be "all" or a list; found 5'],
    [z.union([z.literal("all"), z.array(z.string())]), [5], "must be text: put it in quotes; found 5"],
    [z.union([z.number(), z.string()], "must be a share"), true, "must be a share; found true"],
  ])("%#", (schema, value, expected) => {
    expect(inField(schema, value)?.replace(/^field(?:\.0)?: /, "")).toBe(expected);
  });

  it("for the whole, which is not missing in anything", () => {
    expect(explain(z.looseObject({}), undefined)).toEqual([": must be a map"]);
  });

  it.each([undefined, null, "text", 5])("for what is said to be wrong deep within %j", (field) => {
    const schema = z.looseObject({}).superRefine((_, context) => {
      context.addIssue({ code: "custom", message: "must rhyme", path: ["field", "inner", "deep"] });
    });
    expect(explain(schema, { field })).toEqual(["field.inner.deep: must rhyme"]);
  });

  it("for a key that is not allowed as a name", () => {
    const schema = z.record(z.string().regex(/^[a-z]+$/, "must be small letters"), z.number());
    expect(explain(schema, { A: 1 })).toEqual(["A: must be small letters"]);
  });

  it("for every unknown key, with what was probably meant or the known options", () => {
    const schema = z.strictObject({ timeout: z.string().optional(), inner: z.strictObject({}).optional() });
    expect(explain(schema, { timeuot: "1s", other: 1, inner: { x: 1 } })).toEqual([
      'inner.x: unknown option "x". There are no options here',
      'timeuot: unknown option "timeuot" for the test. Did you mean "timeout"?',
      'other: unknown option "other" for the test. Known options: timeout, inner',
    ]);
  });
});

describe("the found value is not shown", () => {
  it("when it is a secret, or something within one", () => {
    const headers = z.record(z.string(), secret());
    expect(inField(secret(z.string().min(20)), "hunter2")).toBe("field: must have at least 20 characters");
    expect(inField(headers, { authorization: 5 })).toBe("field.authorization: must be text: put it in quotes");
    expect(inField(headers, "Bearer hunter2")).toBe("field: must be a map");
    expect(inField(z.union([secret(), z.array(secret())]), 5)).toBe("field: must be text: put it in quotes or a list");
  });

  it("when it is an address whose field says nothing about secrets, since another is read first", () => {
    const address = z.string().pipe(connectionUrl("redis"));
    expect(JSON.stringify(jsonSchemaOf(z.strictObject({ field: address })))).not.toContain("writeOnly");
    expect(inField(address, "http://user:hunter2@cache")).toBe("field: must be an address that starts with redis://");
  });

  it("when it came from a variable", () => {
    const shown = inField(z.int(), "hunter2", [`\${PORT}`]);
    expect(shown).toBe(`field: must be a number (the value of \${PORT} is not shown)`);
  });

  it("when it is long", () => {
    expect(inField(z.string().max(2), "x".repeat(1000))?.length).toBeLessThan(130);
  });
});
