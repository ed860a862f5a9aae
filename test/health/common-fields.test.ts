import { describe, expect, it } from "vitest";
import { z } from "zod";
import { commonFields, commonFieldsWith } from "../../src/health/common-fields.ts";

const schema = z.strictObject(commonFields);

describe("the fields of every check", () => {
  it("have defaults", () => {
    const { timeout, startPeriod, ...others } = schema.parse({});
    expect([timeout.seconds, startPeriod.seconds]).toEqual([5, 0]);
    expect(others).toEqual({ failureThreshold: 1, successThreshold: 1, dependsOn: [], tags: [], thread: false });
  });

  it.each([
    ...["a", ".a", "a.", "...", "..a", "x".repeat(100), "grün, ja"].map((name) => ({ name })),
    ...["1ms", "1d"].map((timeout) => ({ timeout })),
    ...["0s", "100ms", "7d"].map((interval) => ({ interval })),
    ...["payments", ["payments"], ["a", "b", "c", "d", "e"]].map((group) => ({ group })),
    ...[[], ["critical", "team:shop"]].map((tags) => ({ tags })),
    ...[1, 100].flatMap((count) => [{ failureThreshold: count }, { successThreshold: count }]),
  ])("take %j", (options) => {
    expect(schema.safeParse(options).error).toBeUndefined();
  });

  const name = "must be 1 to 100 printable characters without /";
  const dots = "must not be . or .., which have a special meaning in addresses";
  it.each([
    [{ name: "" }, name],
    [{ name: "x".repeat(101) }, name],
    [{ name: "a/b" }, name],
    [{ name: "a\nb" }, name],
    [{ name: "." }, dots],
    [{ name: ".." }, dots],
    [{ group: "" }, name],
    [{ group: "a/b" }, name],
    [{ group: ["a", ""] }, name],
    [{ group: [] }, "must be a name, or a list of one to five names from the outermost group"],
    [{ group: [..."abcdef"] }, "must be a name, or a list of one to five names from the outermost group"],
    [{ tags: ["two words"] }, "must be 1 to 50 letters, digits and _ . : -"],
    [{ timeout: "0s" }, "must be longer than 0s"],
    [{ timeout: "86401s" }, "must be at most 1d"],
    [{ interval: "99ms" }, "must be 0s (never) or at least 100ms"],
    [{ interval: "604801s" }, "must be at most 7d"],
  ])("refuse %j", (options, message) => {
    expect(schema.safeParse(options).error?.issues.map((issue) => issue.message)).toEqual([message]);
  });

  it.each([0, 101, 1.5])("refuse %d as a threshold", (count) => {
    for (const field of ["failureThreshold", "successThreshold"]) {
      expect(schema.safeParse({ [field]: count }).success).toBe(false);
    }
  });

  it("are each described, also where a type has an interval of its own", () => {
    for (const fields of [commonFields, commonFieldsWith("1h")]) {
      for (const field of Object.values(fields)) expect(field.description).toMatch(/\w.*\.$/);
    }
  });
});

describe("a type of checks", () => {
  it("may have an interval of its own, which an option replaces", () => {
    const own = z.strictObject(commonFieldsWith("1h"));
    expect(String(own.parse({}).interval)).toBe("1h");
    expect(String(own.parse({ interval: "1m" }).interval)).toBe("1m");
    expect(own.safeParse({ interval: "1ms" }).success).toBe(false);
    expect(commonFieldsWith(undefined)).toBe(commonFields);
  });

  it("cannot have one that no check may have", () => {
    const message = "the interval of a type of checks must be 0s (never) or at least 100ms";
    expect(() => commonFieldsWith("1ms")).toThrow(new TypeError(message));
  });
});
