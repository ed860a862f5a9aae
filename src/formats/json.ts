import { describe } from "../health/failure.ts";
import type { CheckIdentity, CheckReport } from "../health/report.ts";
import type { Format } from "./format.ts";
import { jsonOf } from "./json-text.ts";
import { maintenanceNote } from "./maintenance-note.ts";
import { offered } from "./offered-formats.ts";

/** The member of a passing check, cached because most checks pass and reports are requested often. */
const working = new WeakMap<CheckIdentity, string>();

/** One key per check, as in django-health-check: `{"database": "working"}`, or the error. */
export const json: Format = {
  ...offered.json,
  tellsByStatus: true,
  // Written member by member: an object would reorder a check named 1 and lose one named __proto__.
  render: ({ checks }) => `{${checks.map(memberOf).join(",")}}\n`,
};

function memberOf(report: CheckReport): string {
  const { check, failure, maintenance } = report;
  if (failure === undefined && maintenance === undefined) return workingOf(check);
  return member(check, `${failure === undefined ? "working" : describe(failure)}${maintenanceNote(report)}`);
}

function workingOf(check: CheckIdentity): string {
  let text = working.get(check);
  if (text === undefined) {
    text = member(check, "working");
    working.set(check, text);
  }
  return text;
}

function member({ name }: CheckIdentity, value: string): string {
  return `${jsonOf(name)}:${jsonOf(value)}`;
}
