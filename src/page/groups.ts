import { wholeNumber } from "../formats/elapsed.ts";
import { type Markup, markup } from "../formats/markup.ts";
import { type CheckReport, checkPasses, type Report } from "../health/report.ts";
import { checkTable, type Surroundings, shownState, tiles } from "./check-rows.ts";
import { icon, type ShownState, statesByUrgency, stateWords } from "./states.ts";
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

/** What is in maintenance comes before what is healthy, and after everything that counts. */
const urgency: readonly ShownState[] = ["unhealthy", "degraded", "unknown", "skipped", "maintenance", "healthy"];

/** Checks in the order in which a page shows them: what is most urgent first, otherwise as the endpoint has them. */
export function byUrgency(checks: readonly CheckReport[], report: Surroundings["report"]): readonly CheckReport[] {
  const rank = (check: CheckReport): number =>
    10 * urgency.indexOf(shownState(check, report)) + statesByUrgency.indexOf(check.state);
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
  const isFailing = all.some((check) => !checkPasses(check, around.report));
  const worst = worstOf(all, around.report);
  const healthy = withTiles ? own.filter((check) => shownState(check, around.report) === "healthy") : [];
  const title = markup`<bdi>${name}</bdi> <span class="count">${wholeNumber(all.length)}</span>`;
  const uptime = past && uptimeTogether(past, all, all.length === 1 ? "1 check" : `${wholeNumber(all.length)} checks`);
  return markup`<details class="group ${worst}"${isFailing && markup` open="open"`}><summary>${icon(worst)}${level === 2 ? markup`<h2>${title}</h2>` : markup`<h3>${title}</h3>`}<span class="unseen">${stateWords[worst]}</span>${
    uptime && markup`<span class="uptime"><span class="unseen">Uptime of 30 days: </span>${uptime}</span>`
  }</summary>
${checkTable(healthy.length === 0 ? own : own.filter((check) => shownState(check, around.report) !== "healthy"), around)}${tiles(healthy, around)}${within.map((one) => groupSection(one, around, withTiles, 3))}</details>
`;
}

function worstOf(checks: readonly CheckReport[], report: Report): ShownState {
  return urgency.find((state) => checks.some((check) => shownState(check, report) === state)) ?? "healthy";
}
