import { describe } from "../health/failure.ts";
import type { Format } from "./format.ts";
import { offered } from "./offered-formats.ts";
import { printable } from "./printable.ts";

/** One line per check, `database: OK`, for people with curl and for uptime monitors that look for a word. */
export const text: Format = {
  ...offered.text,
  tellsByStatus: true,
  render: ({ checks }) =>
    checks.map(({ check, failure }) => `${printable(`${check.name}: ${describe(failure)}`)}\n`).join(""),
};
