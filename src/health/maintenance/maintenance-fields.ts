import { z } from "zod";
import { duration, groupName } from "../fields.ts";
import { isTimeZone } from "./zone.ts";

/** The title of a maintenance, by hand or planned. */
export const titleField = z.string().regex(/^(?=.*\S)\P{C}{1,200}$/u, "must be 1 to 200 printable characters");

/** The checks of a maintenance, by hand or planned. */
export const scopeFields = {
  checks: z
    .array(z.string())
    .min(1, "must name at least one check; leave it out for all checks")
    .optional()
    .describe("The names of the checks. Default: all, unless `groups` is given."),
  groups: z
    .array(groupName)
    .min(1, "must name at least one group; leave it out for all checks")
    .optional()
    .describe(
      "The groups whose checks are in maintenance, with the groups within them: `payments`, or `payments/cards` for a group within a group.",
    ),
};

/** What can be said of a maintenance that is planned, in a configuration and in code alike. */
export const maintenanceFields = {
  title: titleField.describe("What is done, for everybody who may see the state of a check."),
  ...scopeFields,
  start: z
    .string()
    .optional()
    .describe(
      "When it begins, the first time: `2026-12-01 22:00`, by the clocks of `timezone`, or `2026-12-01T22:00:00Z`. With `cron`, when that takes effect. Required without `cron`.",
    ),
  duration: duration()
    .refine((value) => value.milliseconds <= 366 * 86_400_000, "must be at most 366d")
    .optional()
    .describe("How long it lasts, in time that passes."),
  end: z.string().optional().describe("When it ends, the first time, instead of `duration`; written like `start`."),
  every: duration()
    .refine((value) => value.milliseconds >= 60_000, "must be at least 1m")
    .refine((value) => value.milliseconds <= 3660 * 86_400_000, "must be at most 3660d")
    .optional()
    .describe(
      "After how long it begins again: `1d`, `7d`. Whole days keep to the clocks of `timezone`. Default: once.",
    ),
  cron: z
    .string()
    .optional()
    .describe("When it begins, again and again, as five fields: minute, hour, day, month, weekday."),
  timezone: z
    .string()
    .refine(isTimeZone, "must be the name of a time zone, such as Europe/Berlin or UTC")
    .default("UTC")
    .describe("The time zone of `start`, `end`, `every` and `cron`."),
};

/** An entry of `maintenance`. */
export const plannedMaintenance = z.strictObject(maintenanceFields);
