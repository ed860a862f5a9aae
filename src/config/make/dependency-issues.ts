import type { HealthCheck } from "../../health/health-check.ts";
import type { ConfigurationIssue } from "../configuration-error.ts";
import type { Source } from "../read/source.ts";
import { suggestion } from "../schema/suggestion.ts";

/** Finds unknown names and circles in the `dependsOn` of checks. */
export function dependencyIssues(
  source: Source,
  checks: readonly HealthCheck[],
  /** The names of all checks, including those that could not be constructed. */
  names: readonly string[],
): readonly ConfigurationIssue[] {
  const dependencies = new Map(checks.map(({ name, dependsOn }) => [name, dependsOn]));
  const reported = new Set<string>();
  return checks.flatMap(({ name, dependsOn }) => {
    const missing = dependsOn.flatMap((dependency, index) =>
      names.includes(dependency)
        ? []
        : [source.issue(["checks", name, "dependsOn", index], noSuchCheck(dependency, names))],
    );
    const circle = circleFrom(name, dependencies);
    if (circle === undefined) return missing;
    // Reported once, at the first check in it.
    const members = JSON.stringify(circle.toSorted());
    if (reported.has(members)) return missing;
    reported.add(members);
    const message = `depends on itself in a circle: ${[...circle, name].join(" → ")}; remove one of these dependencies`;
    return [...missing, source.issue(["checks", name, "dependsOn"], message)];
  });
}

/** The message for a name that no check has. */
export function noSuchCheck(name: string, names: readonly string[]): string {
  const advice =
    suggestion(name, names) || (names.length === 0 ? " There are no checks" : ` Known checks: ${names.join(", ")}`);
  return `no check is called "${name}".${advice}`;
}

/** The shortest path from a check through dependencies back to itself, without the repeated end. */
function circleFrom(
  start: string,
  dependencies: ReadonlyMap<string, readonly string[]>,
): readonly string[] | undefined {
  const visited = new Set<string>();
  let paths: readonly (readonly string[])[] = [[start]];
  while (paths.length > 0) {
    const longer: (readonly string[])[] = [];
    for (const path of paths) {
      for (const next of dependencies.get(path.at(-1) ?? "") ?? []) {
        if (next === start) return path;
        if (!visited.has(next)) longer.push([...path, next]);
        visited.add(next);
      }
    }
    paths = longer;
  }
  return undefined;
}
