import { z } from "zod";
import { announcementLevels } from "../../health/announcements/announcement.ts";
import { groupName } from "../../health/fields.ts";

const momentMessage = "must be a date and time with its zone, such as 2026-03-14T22:00:00Z or 2026-03-14T23:00+01:00";

const complete = z.iso.datetime({ offset: true });

/** A moment in milliseconds since the epoch; seconds may be left out. */
const moment = z
  .string(momentMessage)
  .refine((value) => complete.safeParse(withSeconds(value)).success, { error: momentMessage, abort: true })
  .meta({ title: "date and time" })
  .transform((value) => Date.parse(value));

function withSeconds(value: string): string {
  return value.replace(/T\d\d:\d\d(?!:)/, "$&:00");
}

/** Plain text: what is no line break and no tab, and cannot be printed, is refused. */
const text = z.string().regex(/^(?:\P{C}|[\n\t])*$/u, "must be printable text");

/** What an announcement may say. */
export const announcementFields = {
  title: z
    .string()
    .regex(/^(?=.*\S)\P{C}{1,200}$/u, "must be 1 to 200 printable characters")
    .describe("What is announced, in a few words."),
  text: text
    .max(5000)
    .trim()
    .default("")
    .describe(
      "The rest of it, as plain text; an empty line begins a paragraph, and addresses with http or https become links.",
    ),
  level: z.enum(announcementLevels).default("info").describe("How urgent it is. The most urgent ones are shown first."),
  from: moment
    .optional()
    .describe("From when on it is shown, such as `2026-03-14T22:00:00Z`. Default: from the start."),
  until: moment.optional().describe("Until when it is shown. Default: until it is taken away."),
  checks: z
    .array(z.string())
    .default([])
    .describe(
      "The names of the checks that it concerns: only endpoints with one of them show it. Default: all, unless `groups` is given.",
    ),
  groups: z
    .array(groupName)
    .default([])
    .describe(
      "The groups that it concerns, with the groups within them: `payments`, or `payments/cards` for a group within a group.",
    ),
};

/** An entry of `announcements`. */
export const announcementSchema = z
  .strictObject(announcementFields)
  .refine(({ from, until }) => from === undefined || until === undefined || from < until, {
    path: ["until"],
    message: "must be after from",
  });
