import { z } from "zod";
import { labelIssue } from "../health/common-fields.ts";
import { completeEndpoints, endpointsField } from "../health/endpoint-options.ts";
import type { HealthCheck } from "../health/health-check.ts";
import type { History } from "../health/history/history.ts";
import type { Logger } from "../health/logger.ts";
import type { MaintenanceCalendar } from "../health/maintenance/calendar.ts";
import type { Endpoint } from "../health/report.ts";
import { functionField, objectWith, validateOptions } from "../health/validate-options.ts";
import { bucketsField, histogramKinds } from "../telemetry/metrics/histogram-shape.ts";
import { validateDependencies } from "./dependencies.ts";
import type { Executor } from "./executor.ts";
import type { MonitorOptions } from "./monitor-options.ts";
import type { Sharing } from "./sharing/sharing.ts";

const subject = "HealthMonitor";

/** A check by what it has rather than by its class: a program may hold two copies of this package. */
const check = z.custom<HealthCheck>((value) => {
  return typeof value === "object" && value !== null && "name" in value && "run" in value && "timeout" in value;
}, "must be a health check");

const fields = z.strictObject({
  checks: z.array(check),
  title: z.string().optional(),
  traceUrl: z
    .string()
    .refine(
      (text) => /^https?:\/\/[^\s\p{C}<>"'\\]+$/u.test(text),
      "must be an address that begins with http:// or https://",
    )
    .refine((text) => text.includes("{traceId}"), "must have {traceId} in it, where the trace's id belongs")
    .optional(),
  endpoints: endpointsField.prefault([{ path: "/health/" }]),
  concurrency: z.int().min(1).max(100_000).optional(),
  executor: objectWith<Executor>("an executor", "run").optional(),
  remembered: z.array(z.looseObject({ name: z.string() })).optional(),
  changed: functionField().optional(),
  observed: functionField().optional(),
  history: objectWith<History>("a history", "uptime", "incident", "buckets", "incidents").optional(),
  maintenance: objectWith<MaintenanceCalendar>("a calendar", "at", "within", "active", "nextEdge").optional(),
  sharing: objectWith<Sharing>("what shares the checks", "recordOf", "begin", "found").optional(),
  announcements: objectWith("an AnnouncementBoard", "on").optional(),
  logger: objectWith<Logger>("a logger", "info", "warn", "error").optional(),
  histogram: z.enum(histogramKinds).optional(),
  buckets: bucketsField.optional(),
  tagLabels: z.boolean().optional(),
  observe: functionField().optional(),
});

/**
 * Checks what a monitor is given, and completes the endpoints.
 * @throws InvalidOptionsError that names each wrong option and what is allowed
 * @throws Error when two checks have one name, a check has a label with a name of ours, or an endpoint names a check that does not exist
 * @throws DependencyError when a check depends on one that does not exist, or on itself
 */
export function validateMonitor(
  checks: readonly HealthCheck[],
  options: MonitorOptions,
): { readonly endpoints: readonly Endpoint[] } {
  // All in one, since the first use of a schema costs a millisecond of every start.
  const validated = validateOptions(subject, fields, { ...options, checks });
  const names = checks.map(({ name }) => name);
  const endpoints = completeEndpoints(subject, validated.endpoints, names);
  const known = new Set<string>();
  for (const name of names) {
    if (known.has(name)) throw new Error(`two checks are called "${name}"; give one of them another name`);
    known.add(name);
  }
  for (const one of checks) refuseLabels(one);
  validateDependencies(checks);
  for (const { path, checks: wanted } of endpoints) {
    const missing = wanted.find((name) => !known.has(name));
    if (missing !== undefined)
      throw new Error(`the endpoint ${path} names "${missing}", and there is no check of that name`);
  }
  return { endpoints };
}

/** Labels that cannot be read are another matter: each run of the check fails with what reading them throws. */
function refuseLabels(check: HealthCheck): void {
  let names: readonly string[] = [];
  try {
    names = Object.keys(check.labels);
  } catch {
    return; // Its runs say so.
  }
  const issue = labelIssue(names);
  if (issue !== undefined) throw new Error(`the check "${check.name}" cannot be published: ${issue}`);
}
