import { describe, expect, it, vi } from "vitest";
import { ConfigurationError, formatPath } from "../../src/config/configuration-error.ts";

describe("ConfigurationError", () => {
  it("has a line for each issue, in the order of the file", () => {
    const error = new ConfigurationError("shop.yaml", [
      { path: ["checks", "b"], message: "is wrong", position: { line: 12, column: 3 } },
      { path: ["checks", "a", "url"], message: "is wrong, too", position: { line: 7, column: 14 } },
      { path: ["checks", "a", "port"], message: "is missing", position: { line: 7, column: 3 } },
      { path: [], message: "is strange", position: undefined },
    ]);
    expect(error.message.split("\n")).toEqual([
      "shop.yaml: is strange",
      "shop.yaml:7:3: checks.a.port: is missing",
      "shop.yaml:7:14: checks.a.url: is wrong, too",
      "shop.yaml:12:3: checks.b: is wrong",
    ]);
    expect(error).toMatchObject({ name: "ConfigurationError", source: "shop.yaml" });
    expect(error.issues.map(({ message }) => message)).toEqual([
      "is strange",
      "is missing",
      "is wrong, too",
      "is wrong",
    ]);
  });

  it("prints at most 100 issues and says how many more there are", () => {
    const issues = Array.from({ length: 101 }, (_, n) => ({
      path: [],
      message: `issue ${n}`,
      thrown: "hunter2",
      position: { line: n + 1, column: 1 },
    }));
    const { message, publicMessage, issues: all } = new ConfigurationError("shop.yaml", issues);
    expect(message.split("\n").slice(-2)).toEqual([
      "shop.yaml:100:1: issue 99: hunter2",
      "shop.yaml: and 1 more issue",
    ]);
    expect(publicMessage.split("\n").slice(-2)).toEqual(["shop.yaml:100:1: issue 99", "shop.yaml: and 1 more issue"]);
    expect(all).toHaveLength(101);
  });

  it("counts what is not printed with separators", () => {
    const issues = Array.from({ length: 1334 }, (_, line) => ({
      path: [],
      message: "x",
      position: { line, column: 1 },
    }));
    expect(new ConfigurationError("shop.yaml", issues).message).toMatch(/\nshop\.yaml: and 1,234 more issues$/);
    expect(new ConfigurationError("shop.yaml", issues.slice(0, 100)).message).not.toContain("more issue");
  });

  it("keeps what code threw to the log, in as many lines as it has, and lets nothing through that moves the cursor", () => {
    const issue = { path: ["a\u001b"], message: "x\ny", thrown: "one\n\u001b[2Jtwo", position: undefined };
    const error = new ConfigurationError("\u202eshop", [issue], { cause: "why" });
    expect(error.message).toBe("\\u202eshop: a\\u001b: x\\ny: one\n\\u001b[2Jtwo");
    expect(error.publicMessage).toBe("\\u202eshop: a\\u001b: x\\ny");
    expect(error.cause).toBe("why");
  });

  it("works out advice only for issues that are printed", () => {
    const advice = vi.fn(() => '. Did you mean "a"?');
    const issues = Array.from({ length: 200 }, (_, line) => {
      return { path: [], message: "is wrong", advice, position: { line, column: 1 } };
    });
    const { message } = new ConfigurationError("shop.yaml", issues);
    expect(message).toContain('shop.yaml:1:1: is wrong. Did you mean "a"?');
    expect(advice).toHaveBeenCalledTimes(100);
  });

  it("reports an issue that several aliases repeat once", () => {
    const position = { line: 1, column: 2 };
    const error = new ConfigurationError("shop.yaml", [
      { path: ["checks", "a", "url"], message: "is wrong", position },
      { path: ["checks", "b", "url"], message: "is wrong", position },
    ]);
    expect(error.message).toBe("shop.yaml:1:2: checks.a.url: is wrong");
  });

  it("reports what is alike in different places, or in none, each time", () => {
    const issue = (line: number, column: number, message = "is wrong") => ({
      path: [],
      message,
      position: { line, column },
    });
    const nowhere = { path: [], message: "is wrong", position: undefined };
    const all = [nowhere, nowhere, issue(1, 1), issue(1, 2), issue(2, 1), issue(1, 1, "is odd")];
    expect(new ConfigurationError("a", all).message.split("\n")).toEqual([
      "a: is wrong",
      "a: is wrong",
      "a:1:1: is wrong",
      "a:1:1: is odd",
      "a:1:2: is wrong",
      "a:2:1: is wrong",
    ]);
  });
});

describe("formatPath", () => {
  it("writes a path as in code", () => {
    expect(formatPath(["endpoints", "/health/", "checks", 0])).toBe("endpoints./health/.checks[0]");
    expect(formatPath([])).toBe("");
    expect(formatPath([0, "a"])).toBe("[0].a");
  });
});
