import { describe, expect, it } from "vitest";
import { dependencyIssues } from "../../../src/config/make/dependency-issues.ts";
import { Source } from "../../../src/config/read/source.ts";
import { fakeCheck } from "../../support/checks.ts";

/** The issues of checks that depend on others, by name. */
function issuesOf(dependencies: Readonly<Record<string, readonly string[]>>, others: readonly string[] = []) {
  const checks = Object.entries(dependencies).map(([name, dependsOn]) =>
    fakeCheck({ name, dependsOn: [...dependsOn] }),
  );
  const names = new Set([...Object.keys(dependencies), ...others]);
  return dependencyIssues(new Source("healthspan.yaml", {}), checks, names).map(({ path, message, advice }) => {
    return `${path.join(".")}: ${message}${advice?.() ?? ""}`;
  });
}

const circle = (first: string, shown: string) =>
  `checks.${first}.dependsOn: depends on itself in a circle: ${shown}; remove one of these dependencies`;

/** Checks of which each depends on the next, and the last on the first. */
const ring = (length: number, name = (index: number) => `c${index}`) =>
  Object.fromEntries(Array.from({ length }, (_, index) => [name(index), [name((index + 1) % length)]]));

describe("dependencies", () => {
  it("may be shared, far apart, and on checks that could not be made", () => {
    expect(issuesOf({ a: ["b", "c"], b: ["d"], c: ["d"], d: ["e"], e: [] })).toEqual([]);
    expect(issuesOf({ a: ["broken"] }, ["broken"])).toEqual([]);
  });

  it("have to exist", () => {
    expect(issuesOf({ database: [], a: ["database", "databse"], b: ["zzz"] })).toEqual([
      'checks.a.dependsOn.1: no check is called "databse". Did you mean "database"?',
      'checks.b.dependsOn.0: no check is called "zzz". Known checks: database, a, b',
    ]);
  });
});

describe("a circle of dependencies", () => {
  it("is found wherever the search begins, and without what only leads to it", () => {
    expect(issuesOf({ to: ["a"], a: ["b"], b: ["c"], c: ["a"], from: ["c"] })).toEqual([circle("a", "a → b → c → a")]);
    expect(issuesOf({ a: ["a"] })).toEqual([circle("a", "a → a")]);
  });

  it("is found after others, and each begins with a check that is in no other", () => {
    expect(issuesOf({ a: ["b"], b: ["a", "c"], c: ["d", "b"], d: [] })).toEqual([
      circle("a", "a → b → a"),
      circle("c", "c → b → c"),
    ]);
  });

  it("is found where all its checks are in other circles too", () => {
    expect(issuesOf({ a: ["b"], b: ["a", "c"], c: ["a", "b"] })).toEqual([
      circle("a", "a → b → a"),
      circle("c", "c → a → b → c"),
      circle("b", "b → c → b"),
    ]);
  });

  it("is shown whole up to 20 checks, and of a longer one the first 20", () => {
    const names = (count: number) => Array.from({ length: count }, (_, index) => `c${index}`).join(" → ");
    expect(issuesOf(ring(20))).toEqual([circle("c0", `${names(20)} → c0`)]);
    expect(issuesOf(ring(21))).toEqual([circle("c0", `${names(20)} → … → c0`)]);
  });

  it("is looked for no more when there are a hundred", () => {
    const pairs = (count: number) =>
      Object.assign({}, ...Array.from({ length: count }, (_, pair) => ring(2, (index) => `p${pair}-${index}`)));
    expect(issuesOf(pairs(100))).toHaveLength(100);
    expect(issuesOf(pairs(101))).toHaveLength(100);
  });
});
