import { z } from "zod";

/** The patterns of variables whose values may be published. */
export const publicVariables = z
  .array(
    z
      .string()
      .regex(
        /^(?:file:.+|[\w*]+)$/,
        "must be the name of a variable, such as DB_HOST or DB_*, or file: and a path as it is written",
      )
      .meta({ title: "variable" }),
  )
  .default([])
  .describe(
    "The variables whose values are no secrets, such as names of hosts: `DB_HOST`, `file:/etc/hostname`; `*` matches any characters. The values of all others are shown as `[redacted]`, wherever a check repeats them.",
  );

/** Whether a variable is none of the public ones: `NAME` or `file:PATH`, as it stands between the braces. */
export function secretVariables(patterns: readonly string[]): (variable: string) => boolean {
  const known = patterns.map((pattern) => {
    const parts = pattern.split(/\*+/).map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
    return new RegExp(`^${parts.join(".*")}$`, "su");
  });
  return (variable) => !known.some((pattern) => pattern.test(variable));
}
