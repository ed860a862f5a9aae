import type { HealthCheck } from "../../health/health-check.ts";
import { plannedMaintenance } from "../../health/maintenance/maintenance-fields.ts";
import { type MaintenancePlan, planOf } from "../../health/maintenance/plan.ts";
import type { ConfiguredMaintenance } from "../configuration.ts";
import type { ConfigurationIssue, ConfigurationPath } from "../configuration-error.ts";
import type { Source } from "../read/source.ts";
import { maintenanceOutline } from "../schema/maintenance-fields.ts";
import { suggestion } from "../schema/suggestion.ts";
import { validate } from "../schema/validate-source.ts";
import { adviceOnName, noSuchCheck } from "./check-names.ts";

/** What is planned and who may begin more, or the issues with it. */
export interface MadeMaintenance {
  readonly maintenance: ConfiguredMaintenance | undefined;
  readonly issues: readonly ConfigurationIssue[];
}

/** What a maintenance may be of. */
export interface MaintainedChecks {
  /** The names of all checks, including those that could not be constructed. */
  readonly names: readonly string[];
  /** Undefined when some check could not be constructed, so that not all groups are known. */
  readonly checks: readonly HealthCheck[] | undefined;
}

/** Makes the plans of `maintenance`, which is a list of them or a map that has one. */
export function makeMaintenance(source: Source, given: unknown, known: MaintainedChecks): MadeMaintenance {
  const isList = Array.isArray(given);
  if (!isList && (typeof given !== "object" || given === null)) {
    return { maintenance: undefined, issues: [source.issue(["maintenance"], "must be a list or a map")] };
  }
  const outline = validate(maintenanceOutline, isList ? { planned: given } : given, {
    source,
    path: ["maintenance"],
    subject: "maintenance",
  });
  const { http = false, auth } = outline.value ?? {};
  const planned: unknown = isList ? given : "planned" in given ? given.planned : [];
  const issues = [...(outline.issues ?? [])];
  if (http && auth === undefined) {
    const message = "needs auth: whoever may begin a maintenance can hide every failure";
    issues.push(source.issue(["maintenance", "http"], message));
  }
  const plans: MaintenancePlan[] = [];
  const names = new Set(known.names);
  const groups = known.checks && groupsOf(known.checks);
  for (const [index, one] of (Array.isArray(planned) ? planned : []).entries()) {
    const entry = ["maintenance", ...(isList ? [] : ["planned"]), index];
    const { value: options, issues: wrong = [] } = validate(plannedMaintenance, one, { source, path: entry });
    issues.push(...wrong);
    if (options === undefined) continue;
    const made = planOf(options);
    if (made.plan !== undefined) plans.push(made.plan);
    for (const { option, message } of made.issues ?? []) {
      issues.push(source.issue(option === undefined ? entry : [...entry, option], message));
    }
    for (const [position, name] of (options.checks ?? []).entries()) {
      const place = [...entry, "checks", position];
      if (names.has(name) || source.isUnresolved(place)) continue;
      issues.push(source.issue(place, noSuchCheck(name), { advice: adviceOnName(name, names) }));
    }
    if (groups !== undefined) issues.push(...groupIssues(source, [...entry, "groups"], options.groups ?? [], groups));
  }
  return { maintenance: { plans, http, auth }, issues };
}

function groupIssues(
  source: Source,
  path: ConfigurationPath,
  listed: readonly (string | readonly string[])[],
  groups: ReadonlySet<string>,
): readonly ConfigurationIssue[] {
  return listed.flatMap((group, position) => {
    const place = [...path, position];
    const name = typeof group === "string" ? group : group.join("/");
    if (groups.has(name) || source.isUnresolved(place)) return [];
    const advice = () => {
      const known = [...groups];
      const all = known.length === 0 ? " No check has a group" : ` Known groups: ${known.slice(0, 20).join(", ")}`;
      return `.${suggestion(name, known) || all}`;
    };
    return [source.issue(place, `no check is in a group called "${name}"`, { advice })];
  });
}

/** Each group, and each group within one, with slashes between their names. */
function groupsOf(checks: readonly HealthCheck[]): ReadonlySet<string> {
  const paths = checks.flatMap(({ group = [] }) => group.map((_, index) => group.slice(0, index + 1).join("/")));
  return new Set(paths);
}
