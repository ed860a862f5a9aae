import { describe, expect, it } from "vitest";
import { z } from "zod";
import { InvalidOptionsError } from "../../src/health/invalid-options-error.ts";
import { functionField, objectWith, validateOptions } from "../../src/health/validate-options.ts";

const schema = z.strictObject({
  text: z.string().default("nothing"),
  number: z.number().optional(),
  whole: z.int().min(2).max(9).optional(),
  list: z.array(z.string()).optional(),
  object: z.looseObject({}).optional(),
  map: z.map(z.string(), z.string()).optional(),
  choice: z.enum(["one", "two"]).optional(),
  other: z.bigint().optional(),
  call: functionField().optional(),
  logger: objectWith("a logger", "info", "warn").optional(),
  runner: objectWith("a runner", "run").optional(),
  odd: z.string().regex(/^x/, "must begin with x").optional(),
});

describe("validateOptions", () => {
  it("gives the options with their defaults", () => {
    const call = () => {};
    const logger = { info: call, warn: call };
    expect(validateOptions("Thing", schema, { whole: 2, call, logger })).toEqual({
      text: "nothing",
      whole: 2,
      call,
      logger,
    });
    expect(validateOptions("Thing", schema, { runner: Object.assign(() => {}, { run: call }) })).toHaveProperty(
      "runner",
    );
  });

  it.each([
    [{ text: 1 }, "text: must be text"],
    [{ number: "1" }, "number: must be a number"],
    [{ whole: 1.5 }, "whole: must be a whole number"],
    [{ whole: 1 }, "whole: must be at least 2"],
    [{ whole: 10 }, "whole: must be at most 9"],
    [{ list: "a" }, "list: must be a list"],
    [{ list: [1] }, "list.0: must be text"],
    [{ object: 1 }, "object: must be an object"],
    [{ map: {} }, "map: must be a Map"],
    [{ other: 1 }, "other: must be bigint"],
    [{ choice: "three" }, 'choice: must be "one" or "two"'],
    [{ call: {} }, "call: must be a function"],
    [{ logger: { info: () => {} } }, "logger: must be a logger: an object with the methods info, warn"],
    [{ logger: null }, "logger: must be a logger: an object with the methods info, warn"],
    [{ runner: { run: 1 } }, "runner: must be a runner: an object with the method run"],
    [{ odd: "y" }, "odd: must begin with x"],
    [{ color: 1, "a b": 2 }, 'unknown option "color", "a b"'],
    [7, "must be an object"],
  ])("says what is wrong with %o", (options, message) => {
    const validate = () => validateOptions("Thing", schema, options);
    expect(validate).toThrow(InvalidOptionsError);
    expect(validate).toThrow(expect.objectContaining({ name: "InvalidOptionsError", message: `Thing: ${message}` }));
  });

  it("says all that is wrong", () => {
    const validate = () => validateOptions("Thing", schema, { text: 1, number: "1" });
    expect(validate).toThrow(
      expect.objectContaining({ message: "Thing: text: must be text; number: must be a number" }),
    );
  });
});
