import { z } from "zod";
import { ServiceReturnedUnexpectedResult } from "../../health/errors.ts";
import { Occurrence } from "../../health/time/occurrence.ts";

/** What a job reports about itself. */
export type JobReport =
  | { readonly kind: "start" }
  | { readonly kind: "success" }
  | { readonly kind: "failure"; readonly exitCode: number | undefined; readonly message: string };

/** How a job failed. */
export type JobFailure = Omit<Extract<JobReport, { kind: "failure" }>, "kind">;

/** Of a failure's message, and of them at the end, where logs say what went wrong; the rest is left out. */
const maxCharacters = 500;
const lastCharacters = 350;

const occurrence = z.number().transform((wallAt) => Occurrence.at(wallAt));

/** What a heartbeat stores between starts. */
export const memory = z.object({
  waitingSince: occurrence,
  doneAt: occurrence.optional(),
  startedAt: occurrence.optional(),
  jobMilliseconds: z.number().min(0).optional(),
  failure: z.object({ exitCode: z.number().optional(), message: z.string().max(maxCharacters) }).optional(),
  overdue: z.boolean(),
  takenAt: z.number().optional(),
  graceLeft: z.number().min(0).optional(),
});

const report = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("start") }),
  z.object({ kind: z.literal("success") }),
  z.object({
    kind: z.literal("failure"),
    exitCode: z.number().optional(),
    message: z.string().max(maxCharacters),
  }),
]);

/** Reads what another replica was told; undefined when it cannot be read. */
export function readReport(json: string): JobReport | undefined {
  try {
    const read = report.parse(JSON.parse(json));
    return read.kind === "failure" ? { ...read, exitCode: read.exitCode } : read;
  } catch {
    return undefined; // Of another version, or somebody else writes there.
  }
}

/** What a run says of a job that failed. @param beganAt in milliseconds since the epoch */
export function failed({ exitCode, message }: JobFailure, beganAt: number | undefined) {
  const what = exitCode === undefined ? "the job failed" : `the job ended with exit code ${exitCode}`;
  return new ServiceReturnedUnexpectedResult(message === "" ? what : `${what}: ${message}`, { beganAt });
}

/** The head of a text says what it is about, its end how it ended. */
export function shortened(text: string): string {
  if (text.length <= maxCharacters) return text;
  const gap = " … ";
  return text.slice(0, maxCharacters - lastCharacters - gap.length) + gap + text.slice(-lastCharacters);
}
