import { describe } from "../health/failure.ts";
import type { Format } from "./format.ts";
import { jsonText } from "./json-text.ts";

/** One key a check, as django-health-check answers: `{"database": "working"}`, or what is wrong with it. */
export const json: Format = {
  name: "json",
  title: "JSON",
  offers: [{ mediaType: "application/json", contentType: "application/json; charset=utf-8" }],
  tellsByStatus: true,
  // From entries of a null-prototype object, so that a check called __proto__ is a key like any other.
  render: ({ checks }) => {
    const byName: Record<string, string> = Object.create(null);
    for (const { check, failure } of checks) byName[check.name] = failure === undefined ? "working" : describe(failure);
    return jsonText(byName);
  },
};
