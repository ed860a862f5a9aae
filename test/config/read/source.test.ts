import { describe, expect, it } from "vitest";
import type { ConfigurationPath } from "../../../src/config/configuration-error.ts";
import { type Place, Source } from "../../../src/config/read/source.ts";

const at = (line: number, path: ConfigurationPath, about: Partial<Place> = {}): Place => ({
  path,
  key: { line, column: 1 },
  value: { line, column: 9 },
  replaced: false,
  variables: [],
  secrets: [],
  resolved: true,
  ...about,
});

const source = new Source(
  "healthspan.yaml",
  {},
  [],
  [
    at(1, ["service"]),
    at(1, ["service", "name"], { secrets: ["shopping"] }),
    at(2, ["checks"]),
    at(3, ["checks", "a"]),
    at(4, ["checks", "a", "url"], { secrets: ["hunter2"] }),
    at(5, ["checks", "a", "headers", "x"], { secrets: ["hunter3", "hunter4"] }),
    at(6, ["checks", "b"]),
    at(7, ["checks", "b", "url"], { resolved: false }),
    at(8, ["checks", "c", "list", 0], { resolved: false }),
    at(9, ["checks", "d"], { resolved: false }),
  ],
);

describe("an issue", () => {
  it("is at the value or at the key of what it is about", () => {
    expect(source.issue(["checks", "a", "url"], "x")).toEqual({
      path: ["checks", "a", "url"],
      message: "x",
      position: { line: 4, column: 9 },
    });
    expect(source.issue(["checks", "a", "url"], "x", { about: "key" }).position).toEqual({ line: 4, column: 1 });
  });

  it("with what is missing is at the key of the map that should have it", () => {
    expect(source.issue(["checks", "a", "port"], "x").position).toEqual({ line: 3, column: 1 });
    expect(source.issue(["checks", "z", "port", 1], "x").position).toEqual({ line: 2, column: 1 });
    expect(source.issue(["metrics"], "x").position).toBeUndefined();
    expect(source.issue([], "x").position).toBeUndefined();
  });

  it.each<[ConfigurationPath, string]>([
    [["checks", "a", "url"], "[redacted] [redacted] [redacted] shopping"],
    [["checks", "a"], "[redacted] [redacted] [redacted] shopping"],
    [["checks", "b"], "hunter2 hunter3 hunter4 shopping"],
    [["checks"], "[redacted] [redacted] [redacted] shopping"],
    [["service", "name"], "hunter2 hunter3 hunter4 [redacted]"],
    [[], "[redacted] [redacted] [redacted] [redacted]"],
  ])("at %j repeats no value of a variable of its part", (path, message) => {
    const text = "hunter2 hunter3 hunter4 shopping";
    const issue = source.issue(path, text, { advice: () => text });
    expect([issue.message, issue.advice?.()]).toEqual([message, message]);
    expect(source.issue(path, text).message).toBe(message); // Once more, since what is secret is remembered.
  });

  it("has no advice unless there is some", () => {
    expect(source.issue(["checks"], "x")).not.toHaveProperty("advice");
  });
});

it.each<[ConfigurationPath, boolean]>([
  [[], true],
  [["service"], false],
  [["checks"], true],
  [["checks", "a"], false],
  [["checks", "a", "url"], false],
  [["checks", "b"], true],
  [["checks", "b", "url"], true],
  [["checks", "b", "url", "x"], true],
  [["checks", "b", "port"], false],
  [["checks", "c", "list"], true],
  [["checks", "c", "list", 1], false],
  [["checks", "d", "url"], true],
])("whether a variable that is not set is in, above or below %j: %s", (path, isUnresolved) => {
  expect(source.isUnresolved(path)).toBe(isUnresolved);
  expect(new Source("x", {}).isUnresolved(path)).toBe(false);
});
