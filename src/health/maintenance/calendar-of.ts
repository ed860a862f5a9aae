import { z } from "zod";
import { InvalidOptionsError } from "../invalid-options-error.ts";
import { validateOptions } from "../validate-options.ts";
import type { MaintenanceCalendar } from "./calendar.ts";
import { plannedMaintenance } from "./maintenance-fields.ts";
import { type MaintenancePlan, planOf } from "./plan.ts";
import { PlanCalendar } from "./plan-calendar.ts";

/** A maintenance that is planned: once, or again and again with `every` or `cron`. */
export type PlannedMaintenance = Omit<z.input<typeof plannedMaintenance>, "start" | "end"> & {
  /** When it begins, the first time: `2026-12-01 22:00` by the clocks of `timezone`, or a `Date`. Required without `cron`. */
  readonly start?: string | Date | undefined;
  /** When it ends, the first time, instead of `duration`. */
  readonly end?: string | Date | undefined;
};

const subject = "calendarOf";
const fields = z.strictObject({ maintenance: z.array(plannedMaintenance) });

/**
 * The calendar of what is planned, for the option `maintenance` of a monitor.
 * @throws InvalidOptionsError that names each wrong option and what is allowed
 */
export function calendarOf(planned: readonly PlannedMaintenance[]): MaintenanceCalendar {
  const written = planned.map((one) => ({ ...one, start: asText(one.start), end: asText(one.end) }));
  const { maintenance } = validateOptions(subject, fields, { maintenance: written });
  const plans: MaintenancePlan[] = [];
  const issues = maintenance.flatMap((options, index) => {
    const made = planOf(options);
    if (made.plan !== undefined) plans.push(made.plan);
    return (made.issues ?? []).map(({ option, message }) => {
      const path = ["maintenance", index, ...(option === undefined ? [] : [option])];
      return { code: "custom" as const, path, message };
    });
  });
  if (issues.length > 0) throw new InvalidOptionsError(subject, issues);
  return new PlanCalendar(plans);
}

function asText(moment: string | Date | undefined): string | undefined {
  // The text of an invalid date is refused like any other.
  return moment instanceof Date ? (Number.isNaN(moment.getTime()) ? String(moment) : moment.toISOString()) : moment;
}
