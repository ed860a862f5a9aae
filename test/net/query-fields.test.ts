import { describe, expect, it } from "vitest";
import { expectValue, expectWritable, type QueryRows, queryIssue } from "../../src/net/query-fields.ts";

const booleans = ["yes", "no"] as const;
const judge = (rows: QueryRows, expected: string | number | boolean | null) => (): void =>
  expectValue(rows, expected, booleans);

describe("expectValue", () => {
  it.each([
    ["1.50", 1.5],
    ["  7", 7],
    ["up", "up"],
    ["1.50", "1.50"],
    [null, null],
    ["yes", true],
    ["no", false],
  ])("takes %j for %j", (printed, expected) => {
    expect(judge([[printed, "another column"], ["another row"]], expected)).not.toThrow();
  });

  it.each([
    ["1.51", 1.5],
    ["", 0],
    [" ", 0],
    [null, 0],
    [null, ""],
    ["", null],
    ["1.5", "1.50"],
    ["no", true],
    ["true", true],
    [undefined, 1],
  ])("does not take %j for %j, nor shows them", (printed, expected) => {
    expect(judge([printed === undefined ? [] : [printed]], expected)).toThrow(
      expect.objectContaining({ message: "the query gave another value than expected", reason: "assertion" }),
    );
  });

  it("wants a row", () => {
    expect(judge([], null)).toThrow(expect.objectContaining({ message: "the query gave no row", reason: "assertion" }));
  });
});

describe("queryIssue", () => {
  it("wants a query for an expected value, even for an empty one", () => {
    expect(queryIssue({ expected: null })).toBe("expected goes with query");
    expect(queryIssue({ expected: null, query: "SELECT NULL" })).toBeUndefined();
    expect(queryIssue({})).toBeUndefined();
  });
});

describe("expectWritable", () => {
  it("distinguishes a replica from a server that is read-only", () => {
    expect(() => expectWritable({ isReplica: false, isReadOnly: false })).not.toThrow();
    expect(() => expectWritable({ isReplica: true, isReadOnly: true })).toThrow(
      expect.objectContaining({ message: "the server is a replica and accepts no writes", reason: "assertion" }),
    );
    expect(() => expectWritable({ isReplica: false, isReadOnly: true })).toThrow("the server is read-only");
  });
});
