import { plannedMaintenance } from "../../health/maintenance/maintenance-fields.ts";
import { type MaintenancePlan, planOf } from "../../health/maintenance/plan.ts";
import type { ConfiguredMaintenance } from "../configuration.ts";
import type { ConfigurationIssue } from "../configuration-error.ts";
import type { Source } from "../read/source.ts";
import { maintenanceOutline } from "../schema/maintenance-fields.ts";
import { validate } from "../schema/validate-source.ts";
import { type KnownChecks, scopeIssues } from "./scope-issues.ts";

/** What is planned and who may begin more, or the issues with it. */
export interface MadeMaintenance {
  readonly maintenance: ConfiguredMaintenance | undefined;
  readonly issues: readonly ConfigurationIssue[];
}

/** Makes the plans of `maintenance`, which is a list of them or a map that has one. */
export function makeMaintenance(source: Source, given: unknown, known: KnownChecks): MadeMaintenance {
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
    issues.push(...scopeIssues(source, entry, options, known));
  }
  return { maintenance: { plans, http, auth }, issues };
}
