import { type CheckReport, checkPasses, isExcused, type Report } from "../health/report.ts";
import type { State } from "../health/state.ts";
import { wholeNumber } from "./elapsed.ts";

/** How many of all are alike, and what is said of one and of several of them. */
export interface Tally {
  readonly count: number;
  readonly one: string;
  readonly several: string;
}

/**
 * Tells how many of all are alike: `1 of 5 checks fails, 2 were skipped`. What counts none is left out.
 * @param tallies the most urgent first; at least one counts something
 * @param only what the only one is called
 */
export function tell(tallies: readonly Tally[], all: number, noun: "check" | "endpoint", only: string): string {
  return tallies
    .filter(({ count }) => count > 0)
    .map(({ count, one, several }, index) => {
      const said = count === 1 ? one : several;
      if (index > 0) return `${wholeNumber(count)} ${said}`;
      if (count < all) return `${wholeNumber(count)} of ${wholeNumber(all)} ${noun}s ${said}`;
      return all === 1 ? `${only} ${said}` : `All ${wholeNumber(all)} ${noun}s ${said}`;
    })
    .join(", ");
}

/**
 * A report in one sentence, which tells apart the checks that fail, warn, were skipped because of another one, of which nothing
 * is known, and that are in maintenance, where nothing else counts: `1 of 5 checks fails, 2 were skipped because of it`.
 */
export function summaryOf(report: Report): string {
  const { checks, passes } = report;
  if (checks.length === 0) return "This endpoint has no checks";
  const counted = checks.filter((check) => !isExcused(check, report));
  const excused = { count: checks.length - counted.length, one: "is in maintenance", several: "are in maintenance" };
  const count = (state: State): number => counted.filter((check) => check.state === state).length;
  if (passes) return passingSummary(counted.length, count("degraded"), excused);
  const [failures, warnings, skips] = [count("unhealthy"), count("degraded"), count("skipped")];
  const failing = { count: failures, one: "fails", several: "fail" };
  const warning = { count: warnings, one: "warns", several: "warn" };
  const unknown = { count: count("unknown"), one: "is in an unknown state", several: "are in an unknown state" };
  const because = becauseOf(counted);
  const skipped = { count: skips, one: `was skipped${because}`, several: `were skipped${because}` };
  // Because of what fails some are skipped, and both are one outage. Warnings that let the endpoint pass come last.
  const consequences = failures > 0 ? [skipped] : [];
  const others = failures > 0 ? [unknown] : [unknown, skipped];
  const warningsPass = checkPasses({ state: "degraded" }, report);
  const rest = warningsPass ? [...others, warning] : [warning, ...others];
  return tell([failing, ...consequences, ...rest, excused], checks.length, "check", "The only check");
}

function passingSummary(passing: number, warnings: number, excused: Tally): string {
  const all = passing + excused.count;
  const pass = { count: passing, one: "passes", several: "pass" };
  if (warnings === 0) return tell([pass, excused], all, "check", "The only check");
  const addition = passing === 1 ? "with a warning" : `${wholeNumber(warnings)} of them with a warning`;
  const sentence = `${tell([pass], all, "check", "The only check")}, ${addition}`;
  if (excused.count === 0) return sentence;
  return `${sentence}, ${wholeNumber(excused.count)} ${excused.count === 1 ? excused.one : excused.several}`;
}

/** Why checks were skipped, if each of them was because of a failing check of the same report. */
function becauseOf(checks: readonly CheckReport[]): string {
  const reports = new Map(checks.map((report) => [report.check.name, report]));
  const failing = checks.filter(({ state }) => state === "unhealthy").length;
  const causes = new Set(
    checks.filter(({ state }) => state === "skipped").map((report) => failingDependency(report, reports)),
  );
  if (failing === 0 || causes.size === 0 || causes.has(undefined)) return "";
  if (failing === 1) return " because of it";
  return causes.size === 1 ? " because of one of them" : " because of them";
}

/** The failing check because of which one was skipped, perhaps by way of others; undefined when the report does not have it. */
function failingDependency(
  skipped: CheckReport,
  reports: ReadonlyMap<string, CheckReport>,
  seen: ReadonlySet<string> = new Set(),
): string | undefined {
  const name = skipped.failure?.dependency;
  const dependency = name === undefined || seen.has(name) ? undefined : reports.get(name);
  if (name === undefined || dependency === undefined) return undefined;
  if (dependency.state === "unhealthy") return name;
  return dependency.state === "skipped" ? failingDependency(dependency, reports, new Set([...seen, name])) : undefined;
}
