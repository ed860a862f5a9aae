import type { z } from "zod";
import type { HealthCheck } from "../../health/health-check.ts";
import { AllowList } from "../../net/probing/allow-list.ts";
import type { Authentication } from "../../server/authentication.ts";
import type { Probing } from "../../server/routes/probe.ts";
import type { ConfigurationIssue } from "../configuration-error.ts";
import type { Source } from "../read/source.ts";
import type { fileSchema } from "../schema/file-schema.ts";
import { adviceOnName, noSuchCheck } from "./check-names.ts";

/** The rules of `/probe`, or the issues with them. */
export interface MadeProbing {
  readonly probing: Probing | undefined;
  readonly issues: readonly ConfigurationIssue[];
}

/**
 * Makes the rules of `/probe`.
 * @param checks those that could be constructed
 * @param names of all checks, including those that could not be constructed
 * @param auth who may ask
 */
export function makeProbing(
  source: Source,
  probe: z.output<typeof fileSchema>["probe"],
  checks: readonly HealthCheck[],
  names: readonly string[],
  auth: Authentication | undefined,
): MadeProbing {
  if (probe === undefined) return { probing: undefined, issues: [] };
  const made = new Map(checks.map((check) => [check.name, check]));
  const known = new Set(names);
  const probed = new Map<string, HealthCheck>();
  const issues: ConfigurationIssue[] = [];
  for (const [index, name] of probe.checks.entries()) {
    const where = ["probe", "checks", index];
    const check = made.get(name);
    if (source.isUnresolved(where)) continue;
    if (!known.has(name)) issues.push(source.issue(where, noSuchCheck(name), { advice: adviceOnName(name, known) }));
    else if (check !== undefined && check.retarget === undefined) {
      issues.push(
        source.issue(where, `"${name}" cannot be probed: ${check.type} checks cannot run with another target`),
      );
    } else if (check !== undefined) probed.set(name, check);
  }
  const listed = new Set(probe.checks);
  for (const [index, name] of probe.sendCredentials.entries()) {
    const where = ["probe", "sendCredentials", index];
    if (source.isUnresolved(where) || listed.has(name)) continue;
    issues.push(source.issue(where, `"${name}" is not listed in probe.checks; add it there or remove it here`));
  }
  if (probe.hosts.length + probe.networks.length === 0) {
    issues.push(source.issue(["probe"], "must list the allowed targets in hosts or networks", { about: "key" }));
  }
  const { concurrency } = probe;
  const sendCredentials = new Set(probe.sendCredentials);
  return { probing: { checks: probed, sendCredentials, allowList: new AllowList(probe), concurrency, auth }, issues };
}
