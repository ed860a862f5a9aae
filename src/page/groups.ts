import { wholeNumber } from "../formats/elapsed.ts";
import { type Markup, markup } from "../formats/markup.ts";
import type { CheckReport } from "../health/report.ts";
import type { State } from "../health/state.ts";
import { type Category, categoryOf, checkTable, type Surroundings, tiles } from "./check-rows.ts";
import { icon, statesByUrgency, stateWords } from "./states.ts";
import { uptimeTogether } from "./uptime.ts";

/** The checks of a group. */
export interface Group {
  readonly name: string;
  /** Those in it and in the groups within it. */
  readonly all: readonly CheckReport[];
  /** Those in it alone. */
  readonly own: readonly CheckReport[];
  readonly within: readonly Group[];
}

const urgency = { failing: 0, maintenance: 1, warning: 2, healthy: 3 } as const satisfies Record<Category, number>;

/** Checks in the order in which a page shows them: what is most urgent first, otherwise as the endpoint has them. */
export function byUrgency(checks: readonly CheckReport[], report: Surroundings["report"]): readonly CheckReport[] {
  const rank = (check: CheckReport): number =>
    10 * urgency[categoryOf(check, report)] + statesByUrgency.indexOf(check.state);
  return checks.toSorted((a, b) => rank(a) - rank(b));
}

/**
 * The groups of the checks that have one, those with the most urgent check first.
 * @param checks by urgency
 * @param depth how many names of each check's group lead to these groups
 */
export function groupsOf(checks: readonly CheckReport[], depth = 0): readonly Group[] {
  const byName = Map.groupBy(
    checks.filter(({ check: { group = [] } }) => group.length > depth),
    ({ check: { group = [] } }) => group[depth] ?? "",
  );
  return Array.from(byName, ([name, all]) => ({
    name,
    all,
    own: all.filter(({ check: { group = [] } }) => group.length === depth + 1),
    within: groupsOf(all, depth + 1),
  }));
}

/** A group that opens and closes without a script: it is open when something in it fails. */
export function groupSection(group: Group, around: Surroundings, withTiles: boolean, level: 2 | 3 = 2): Markup {
  const { name, all, own, within } = group;
  const { past } = around.report;
  const isFailing = all.some((check) => categoryOf(check, around.report) === "failing");
  const worst = worstOf(all);
  const healthy = withTiles ? own.filter((check) => categoryOf(check, around.report) === "healthy") : [];
  const title = markup`<bdi>${name}</bdi> <span class="count">${wholeNumber(all.length)}</span>`;
  const uptime = past && uptimeTogether(past, all, all.length === 1 ? "1 check" : `${wholeNumber(all.length)} checks`);
  return markup`<details class="group ${worst}"${isFailing && markup` open="open"`}><summary>${icon(worst)}${level === 2 ? markup`<h2>${title}</h2>` : markup`<h3>${title}</h3>`}<span class="unseen">${stateWords[worst]}</span>${
    uptime && markup`<span class="uptime"><span class="unseen">Uptime of 30 days: </span>${uptime}</span>`
  }</summary>
${checkTable(healthy.length === 0 ? own : own.filter((check) => categoryOf(check, around.report) !== "healthy"), around)}${tiles(healthy, around)}${within.map((one) => groupSection(one, around, withTiles, 3))}</details>
`;
}

function worstOf(checks: readonly CheckReport[]): State {
  return (
    statesByUrgency.find((state) => checks.some((check) => check.state === state && check.maintenance === undefined)) ??
    "healthy"
  );
}
