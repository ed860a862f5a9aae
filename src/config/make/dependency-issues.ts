import type { HealthCheck } from "../../health/health-check.ts";
import type { ConfigurationIssue } from "../configuration-error.ts";
import type { Source } from "../read/source.ts";
import { suggestion } from "../schema/suggestion.ts";

/** What is wrong with the `dependsOn` of checks: names that no check has, and circles. */
export function dependencyIssues(
  source: Source,
  checks: readonly HealthCheck[],
  /** The names of all checks, those that could not be made included. */
  names: readonly string[],
): readonly ConfigurationIssue[] {
  const dependencies = new Map(checks.map(({ name, dependsOn }) => [name, dependsOn]));
  const toldOf = new Set<string>();
  return checks.flatMap(({ name, dependsOn }) => {
    const missing = dependsOn.flatMap((dependency, index) =>
      names.includes(dependency)
        ? []
        : [source.issue(["checks", name, "dependsOn", index], noSuchCheck(dependency, names))],
    );
    const circle = circleFrom(name, dependencies);
    if (circle === undefined) return missing;
    // Told of once, at the first check that is part of it.
    const members = JSON.stringify(circle.toSorted());
    if (toldOf.has(members)) return missing;
    toldOf.add(members);
    const message = `depend on each other in a circle: ${[...circle, name].join(" → ")}`;
    return [...missing, source.issue(["checks", name, "dependsOn"], message)];
  });
}

/** What is said of the name of a check that does not exist. */
export function noSuchCheck(name: string, names: readonly string[]): string {
  const meant = suggestion(name, names);
  const rest = meant !== "" ? meant : names.length === 0 ? " There is none" : ` There is ${names.join(", ")}`;
  return `no check is called "${name}".${rest}`;
}

/** The shortest way from a check over its dependencies back to itself, without the return. */
function circleFrom(
  start: string,
  dependencies: ReadonlyMap<string, readonly string[]>,
): readonly string[] | undefined {
  const visited = new Set<string>();
  let ways: readonly (readonly string[])[] = [[start]];
  while (ways.length > 0) {
    const longer: (readonly string[])[] = [];
    for (const way of ways) {
      for (const next of dependencies.get(way.at(-1) ?? "") ?? []) {
        if (next === start) return way;
        if (!visited.has(next)) longer.push([...way, next]);
        visited.add(next);
      }
    }
    ways = longer;
  }
  return undefined;
}
