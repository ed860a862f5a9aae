import { describe } from "../health/failure.ts";
import type { CheckIdentity } from "../health/report.ts";
import type { Format } from "./format.ts";
import { jsonOf } from "./json-text.ts";

/** What stands for a check that works, by the check: most of many do, and are asked for all the time. */
const working = new WeakMap<CheckIdentity, string>();

/** One key a check, as django-health-check answers: `{"database": "working"}`, or what is wrong with it. */
export const json: Format = {
  name: "json",
  title: "JSON",
  offers: [{ mediaType: "application/json", contentType: "application/json; charset=utf-8" }],
  tellsByStatus: true,
  // Text by text, so that the order stays even if a check is called 1, and one called __proto__ is a key like any other.
  render: ({ checks }) =>
    `{${checks.map(({ check, failure }) => (failure === undefined ? workingOf(check) : member(check, describe(failure)))).join(",")}}\n`,
};

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
