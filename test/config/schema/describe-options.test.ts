import { describe, expect, it } from "vitest";
import { z } from "zod";
import { describeCommonOptions, describeOptions, typeName } from "../../../src/config/schema/describe-options.ts";
import { jsonSchemaOf } from "../../../src/config/schema/schema-at.ts";
import { byteSize, connectionUrl, duration, percent, secret } from "../../../src/health/fields.ts";
import { HealthCheck, healthCheck } from "../../../src/health/health-check.ts";

class Shelf extends healthCheck({
  labels: { row: z.int().describe("Which row.") },
  settings: {
    key: secret().optional().describe("Its key."),
    most: percent().prefault("90%").describe("How full it may be."),
  },
}) {
  async run(): Promise<void> {}
}

describe("describeOptions", () => {
  it("describes each option", () => {
    expect(describeOptions(Shelf)).toEqual([
      { name: "row", kind: "label", description: "Which row.", type: "whole number", required: true },
      { name: "key", kind: "setting", description: "Its key.", type: "secret", required: false },
      {
        name: "most",
        kind: "setting",
        description: "How full it may be.",
        type: "percentage",
        required: false,
        default: "90%",
      },
    ]);
  });

  it("tells of those that every check has apart, and not of the name, which is the key", () => {
    const names = describeCommonOptions().map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["timeout", "interval", "maxAge"]));
    expect(names).not.toContain("name");
    class Plain extends HealthCheck {
      async run(): Promise<void> {}
    }
    expect(describeOptions(Plain)).toEqual([]);
  });

  it("tells of the interval that a type has for itself, and only there", () => {
    class Slow extends healthCheck({ interval: "1h" }) {
      async run(): Promise<void> {}
    }
    const interval = { name: "interval", kind: "setting", type: "duration", required: false };
    expect(describeOptions(Slow)).toMatchObject([{ ...interval, default: "1h" }]);
    expect(describeCommonOptions().find(({ name }) => name === "interval")).toMatchObject(interval);
    expect(describeCommonOptions().find(({ name }) => name === "interval")?.default).toBeUndefined();
  });
});

describe("typeName", () => {
  it.each<[z.ZodType, string]>([
    [z.string(), "text"],
    [z.number(), "number"],
    [z.int(), "whole number"],
    [z.boolean(), "true or false"],
    [z.enum(["a", "b", "c"]), '"a", "b" or "c"'],
    [z.literal("all"), '"all"'],
    [z.array(z.string()), "list of text"],
    [z.record(z.string(), secret()), "map of secret"],
    [z.strictObject({}), "map"],
    [z.union([z.literal("all"), z.array(z.string())]), '"all" or list of text'],
    [z.union([z.number(), z.string()]), "number or text"],
    [duration(), "duration"],
    [percent(), "percentage"],
    [byteSize(), "byte size"],
    [connectionUrl("redis"), "address"],
    [z.instanceof(Map), "anything"],
  ])("%#: %2$s", (schema, expected) => {
    expect(typeName(jsonSchemaOf(schema))).toBe(expected);
  });
});
