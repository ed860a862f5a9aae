import type { HealthCheck } from "../../health/health-check.ts";
import type { ConfigurationIssue } from "../configuration-error.ts";
import type { Source } from "../read/source.ts";
import { adviceOnName, noSuchCheck } from "./check-names.ts";

/** Circles beyond this number are not looked for: these have to be resolved first. */
const maxCircles = 100;

/** A longer circle is shown by its first checks. */
const maxShownChecks = 20;

/** Finds unknown names and circles in the `dependsOn` of checks. */
export function dependencyIssues(
  source: Source,
  checks: readonly HealthCheck[],
  /** The names of all checks, including those that could not be constructed. */
  names: ReadonlySet<string>,
): readonly ConfigurationIssue[] {
  const unknown = checks.flatMap(({ name, dependsOn }) =>
    dependsOn.flatMap((dependency, index) => {
      if (names.has(dependency)) return [];
      const path = ["checks", name, "dependsOn", index];
      return [source.issue(path, noSuchCheck(dependency), { advice: adviceOnName(dependency, names) })];
    }),
  );
  const circles = circlesAmong(new Map(checks.map(({ name, dependsOn }) => [name, dependsOn])));
  return [...unknown, ...circles.map((circle) => circleIssue(source, circle))];
}

function circleIssue(source: Source, circle: readonly string[]): ConfigurationIssue {
  const [first = ""] = circle;
  const shown = circle.length > maxShownChecks ? [...circle.slice(0, maxShownChecks), "…"] : circle;
  const message = `depends on itself in a circle: ${[...shown, first].join(" → ")}; remove one of these dependencies`;
  return source.issue(["checks", first, "dependsOn"], message);
}

/** A check whose dependencies are being followed. */
interface Step {
  readonly name: string;
  next: number;
}

/**
 * Finds circles by following dependencies depth first, each check once, so that the time is linear. A circle begins with
 * the first of its checks that is in no circle found before.
 */
function circlesAmong(dependencies: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const circles: (readonly string[])[] = [];
  const reported = new Set<string>();
  const finished = new Set<string>();
  for (const start of dependencies.keys()) {
    const path: Step[] = finished.has(start) ? [] : [{ name: start, next: 0 }];
    const depths = new Map([[start, 0]]);
    for (let step = path.at(-1); step !== undefined && circles.length < maxCircles; step = path.at(-1)) {
      const dependency = dependencies.get(step.name)?.[step.next];
      step.next += 1;
      if (dependency === undefined) {
        finished.add(step.name);
        depths.delete(step.name);
        path.pop();
      } else if (depths.has(dependency)) {
        const circle = path.slice(depths.get(dependency)).map(({ name }) => name);
        const from = Math.max(
          0,
          circle.findIndex((name) => !reported.has(name)),
        );
        circles.push([...circle.slice(from), ...circle.slice(0, from)]);
        for (const name of circle) reported.add(name);
      } else if (!finished.has(dependency)) {
        depths.set(dependency, path.length);
        path.push({ name: dependency, next: 0 });
      }
    }
  }
  return circles;
}
