import { catalogue, summaries } from "../checks/index.ts";
import { type CheckGroup, checkGroups } from "../health/catalogue/check-group.ts";
import type { HealthCheckClass } from "../health/health-check.ts";

/** A check in the catalogue. */
export interface CataloguedCheck {
  /** The `type` that selects it in a configuration. */
  readonly type: string;
  /** What it does, in a sentence. */
  readonly summary: string;
  readonly Check: HealthCheckClass;
}

/** Loads every check in the catalogue, for commands and pages that describe them all. */
export function loadCatalogue(): Promise<readonly CataloguedCheck[]> {
  return Promise.all(
    Object.entries(catalogue).map(async ([type, load]) => {
      const summary = summaries[type as keyof typeof catalogue]; // Object.entries forgets the type of the keys.
      return { type, summary, Check: await load() };
    }),
  );
}

/** What belongs together in a list of checks. */
export interface GroupedChecks<Check extends CataloguedCheck = CataloguedCheck> {
  readonly group: CheckGroup;
  /** What is in the group, in a sentence. */
  readonly summary: string;
  readonly checks: readonly Check[];
}

/**
 * Puts checks into their groups, in the order of the groups; those without a check are left out.
 * @throws Error that names the first check that says no group, and what to do
 */
export function inGroups<Check extends CataloguedCheck>(checks: readonly Check[]): readonly GroupedChecks<Check>[] {
  const names = Object.keys(checkGroups) as CheckGroup[]; // Object.keys forgets the type of the keys.
  const lost = checks.find(({ Check }) => Check.definition.group === undefined);
  if (lost !== undefined) {
    throw new Error(
      `src/checks/${lost.type}.ts: say where lists show the check, by group: "…" in its healthCheck({ … }); there are ${names.join(", ")}`,
    );
  }
  return names
    .map((group) => {
      return {
        group,
        summary: checkGroups[group],
        checks: checks.filter((one) => one.Check.definition.group === group),
      };
    })
    .filter((grouped) => grouped.checks.length > 0);
}
