import type { CheckReport } from "../health/report.ts";

/** What follows the words for a check's state, in one line of text: ` (maintenance: Database upgrade)`, or nothing. */
export function maintenanceNote({ maintenance }: Pick<CheckReport, "maintenance">): string {
  return maintenance === undefined ? "" : ` (maintenance: ${maintenance.title})`;
}
