import type { HealthCheck } from "../health/health-check.ts";

/** A check depends on one that does not exist, or directly or indirectly on itself. */
export class DependencyError extends Error {
  override readonly name = "DependencyError";
  /** The check whose `dependsOn` is wrong. */
  readonly check: string;

  constructor(check: string, message: string) {
    super(message);
    this.check = check;
  }
}

/**
 * Makes sure that each dependency exists and that there is no cycle.
 * @throws DependencyError that names the path of the cycle
 */
export function validateDependencies(checks: readonly HealthCheck[]): void {
  const byName = new Map(checks.map((check) => [check.name, check]));
  const done = new Set<string>();
  const visit = (check: HealthCheck, path: readonly string[]): void => {
    const start = path.indexOf(check.name);
    if (start >= 0) {
      const circle = [...path.slice(start), check.name].join(" → ");
      throw new DependencyError(check.name, `the check "${check.name}" depends on itself: ${circle}`);
    }
    if (done.has(check.name)) return;
    for (const name of check.dependsOn) {
      const dependency = byName.get(name);
      if (dependency === undefined) {
        throw new DependencyError(
          check.name,
          `the check "${check.name}" depends on "${name}", and there is no check of that name`,
        );
      }
      visit(dependency, [...path, check.name]);
    }
    done.add(check.name);
  };
  for (const check of checks) visit(check, []);
}

/** The named checks and everything they depend on. */
export function withDependencies(checks: readonly HealthCheck[], names: readonly string[]): readonly HealthCheck[] {
  const byName = new Map(checks.map((check) => [check.name, check]));
  const wanted = new Set(names);
  // Iterating a set also visits what is added meanwhile.
  for (const name of wanted) {
    for (const dependency of byName.get(name)?.dependsOn ?? []) wanted.add(dependency);
  }
  return checks.filter(({ name }) => wanted.has(name));
}
