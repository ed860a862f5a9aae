import { describe } from "../health/failure.ts";
import type { Format } from "./format.ts";
import { maintenanceNote } from "./maintenance-note.ts";
import { offered } from "./offered-formats.ts";
import { printable } from "./printable.ts";

/** One line per check, `database: OK` or `database: OK (maintenance: Upgrade)`, for people with curl and for uptime monitors that look for a word. */
export const text: Format = {
  ...offered.text,
  tellsByStatus: true,
  render: ({ checks }) =>
    checks
      .map((report) => {
        const { check, failure } = report;
        return `${printable(`${check.name}: ${describe(failure)}${maintenanceNote(report)}`)}\n`;
      })
      .join(""),
};
