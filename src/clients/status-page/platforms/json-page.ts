import type { z } from "zod";
import type { StatusPageContent, StatusReport } from "../status-page.ts";

/**
 * Reads a page that is JSON. What is new in it since this was written is passed over, what is missing is no page.
 * @param report makes of what was read what it says
 * @returns undefined when it is no such page
 */
export function readJson<Schema extends z.ZodType>(
  text: string,
  schema: Schema,
  report: (page: z.output<Schema>, now: number) => StatusReport,
): StatusPageContent | undefined {
  const parsed = schema.safeParse(parse(text));
  if (!parsed.success) return undefined;
  return (now) => report(parsed.data, now);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // No schema of a page takes that.
  }
}
