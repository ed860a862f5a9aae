import { describe, expect, it } from "vitest";
import { json } from "../../src/formats/json.ts";
import { contextOf, describeFormat } from "../support/describe-format.ts";
import { everyState, hostile, hostileTexts, sampleCheck, sampleReport } from "../support/sample-reports.ts";

describe("json", () => {
  describeFormat(json, {
    extension: "json",
    read: (answer) => Object.entries(JSON.parse(answer)).flat().join("\n"),
    charactersPerCheck: 60,
  });

  it("has a key per check, with the text of django-health-check", () => {
    expect(JSON.parse(json.render(everyState, contextOf(everyState, json.offers[0])))).toEqual({
      database: "working",
      disk: "Warning: 93.1 % of / is in use",
      cache: "Unavailable: connection refused by 10.0.3.7:6379",
      orders: "Skipped: cache is unhealthy",
      search: "Unknown: the last result is too old to be trusted",
      payments: "working",
    });
  });

  it("names a check anew that another of the same name has replaced", () => {
    const rendered = (name: string, state: "healthy" | "unhealthy") => {
      const report = sampleReport([sampleCheck(name, { state }), sampleCheck("other")]);
      return json.render(report, contextOf(report, json.offers[0]));
    };
    expect(rendered("a", "healthy")).toBe('{"a":"working","other":"working"}\n');
    expect(rendered("a", "unhealthy")).toBe(
      '{"a":"Unavailable: connection refused by 10.0.3.7:6379","other":"working"}\n',
    );
    expect(rendered("b\u009b\u2028", "healthy")).toBe('{"b\\u009b\\u2028":"working","other":"working"}\n');
  });

  it("preserves every name and message, even __proto__", () => {
    const parsed = JSON.parse(json.render(hostile, contextOf(hostile, json.offers[0])));
    expect(Object.keys(parsed).toSorted()).toEqual([...hostileTexts].toSorted());
    for (const text of hostileTexts) {
      expect(Object.getOwnPropertyDescriptor(parsed, text)?.value).toMatch(/^(?:Warning|Unavailable): /);
    }
  });
});
