import { describe, expect, it } from "vitest";
import { z } from "zod";
import { byteSize, codeObject, connectionUrl, duration, percent, secret } from "../../src/health/fields.ts";

/** The message of the only issue that a field finds in a value. */
function issue(field: ReturnType<typeof duration> | ReturnType<typeof percent>, value: unknown): string | undefined {
  const issues = field.safeParse(value).error?.issues ?? [];
  expect(issues.length).toBeLessThanOrEqual(1);
  return issues[0]?.message;
}

describe("percent", () => {
  it.each([
    ["90%", 90],
    ["90", 90],
    [90, 90],
    ["99.5 %", 99.5],
    ["99.95%", 99.95],
    [1e-7, 1e-7],
    [0, 0],
    ["100%", 100],
  ])("reads %j", (value, number) => {
    expect(percent().parse(value)).toBe(number);
  });

  it.each(["101%", -1, 100.1, "", "%", "ninety", "9e1", Number.NaN])("refuses %j", (value) => {
    expect(percent().safeParse(value).success).toBe(false);
  });

  it("says what it wants", () => {
    expect(issue(percent(), "101%")).toBe("must be a share from 0 % to 100 %, such as 90%");
  });
});

describe("duration", () => {
  it("reads a length of time and says what it wants", () => {
    expect(duration().parse("1m30s").seconds).toBe(90);
    expect(issue(duration(), "15")).toBe("must be a length of time with its unit, such as 15s, 1m30s or 500ms");
  });
});

describe("byteSize", () => {
  it.each([
    ["512MiB", 536_870_912],
    ["2GB", 2e9],
    [1024, 1024],
    ["1.5 kB", 1500],
    ["10B", 10],
    ["1tib", 1024 ** 4],
    ["1.25 MB", 1_250_000],
    [1e21, 1e21],
    ["0B", 0],
    [0, 0],
  ])("reads %j", (value, bytes) => {
    expect(byteSize().parse(value)).toBe(bytes);
  });

  it.each(["512", "-1MB", "MB", "1XB", "1MB of RAM", "about 1MB", -5, Number.POSITIVE_INFINITY])(
    "refuses %j",
    (value) => {
      expect(byteSize().safeParse(value).success).toBe(false);
    },
  );
});

describe("what a field says of a value that it refuses", () => {
  it.each([
    [duration(), "soon", "must be a length of time with its unit, such as 15s, 1m30s or 500ms"],
    [percent(), "101%", "must be a share from 0 % to 100 %, such as 90%"],
    [byteSize(), "1XB", "must be an amount of bytes, such as 512MiB or 2GB"],
  ] as const)("is of our own, with the value: %#", (field, value, message) => {
    const { error } = field.safeParse(value, { reportInput: true });
    expect(error?.issues).toEqual([{ code: "custom", path: [], message, input: value }]);
  });

  it("has no value where that may hold a password", () => {
    const { error } = connectionUrl("redis").safeParse("http://hunter2", { reportInput: true });
    expect(error?.issues).toMatchObject([{ code: "custom", input: "[redacted]" }]);
  });
});

describe("what the reference and the JSON Schema say of a field", () => {
  it.each([
    [duration(), "duration"],
    [percent(), "percentage"],
    [byteSize(), "byte size"],
    [codeObject("store", () => true, "must be a store"), "store"],
  ])("is what kind of value it is: %#", (field, title) => {
    const schema = z.toJSONSchema(field, { io: "input", unrepresentable: "any" });
    expect(schema).toHaveProperty("title", title);
    expect(schema).not.toHaveProperty("writeOnly");
  });

  it.each([
    [secret(), "secret"],
    [connectionUrl("redis"), "address"],
  ])("is also that it must not be repeated: %#", (field, title) => {
    expect(z.toJSONSchema(field, { io: "input" })).toMatchObject({ title, writeOnly: true });
  });
});

describe("secret", () => {
  it("yields a value that cannot print itself, also when optional or defaulted", () => {
    expect(String(secret().parse("word"))).toBe("[redacted]");
    expect(String(secret().optional().parse("word"))).toBe("[redacted]");
    expect(String(secret().prefault("word").parse(undefined))).toBe("[redacted]");
  });
});

describe("connectionUrl", () => {
  it("yields an address that prints without credentials", () => {
    expect(String(connectionUrl("redis", "rediss").parse("rediss://u:p@cache/0"))).toBe("rediss://cache/0");
  });

  it.each(["redis://a:1,b:2", "redis://u:hunter2@a:1,b:2/0"])("says of %j that it names several hosts", (value) => {
    const { error } = connectionUrl("redis").safeParse(value);
    expect(error?.issues).toMatchObject([{ message: "must name one host: make a check of each" }]);
    expect(JSON.stringify(error?.issues)).not.toContain("hunter2");
  });

  it.each([
    "http://app:2024/hunter2@db/",
    "http://app:2024#hunter2@db/",
    "http://app:2024?hunter2@db/",
    "http://app:2024\\hunter2@db/",
    "http:app:2024/hunter2@db/",
    "http://app:hunter2/word@db/",
    "http://app:hunter2#word@db/",
    "http://db/#hunter2",
    "http://db/?email=hunter2@shop.example",
  ])("says of %j that a password may have been read as something else", (value) => {
    const { error } = connectionUrl("http", "https").safeParse(value);
    expect(error?.issues).toMatchObject([
      { message: expect.stringMatching(/^has an @ or # after its host: write %40/) },
    ]);
    expect(JSON.stringify(error?.issues)).not.toContain("hunter2");
  });

  it.each(["redis://u:pa%2Fss%40%23@cache/0", "redis://user@shop.example:word@cache", "redis://:@cache"])(
    "takes %j, in which the last @ before the host ends the password",
    (value) => {
      expect(String(connectionUrl("redis").parse(value))).toMatch(/^redis:\/\/cache/);
    },
  );

  it.each(["http://u:hunter2@h", "hunter2", "redis://", "", "redis:/x"])(
    "refuses %j without repeating it, because it may hold a password",
    (value) => {
      const { error } = connectionUrl("redis", "rediss").safeParse(value);
      expect(error?.issues).toMatchObject([{ message: "must be an address that starts with redis:// or rediss://" }]);
      expect(JSON.stringify(error?.issues)).not.toContain("hunter2");
    },
  );
});
