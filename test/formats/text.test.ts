import { describe, expect, it } from "vitest";
import { text } from "../../src/formats/text.ts";
import { contextOf, describeFormat } from "../support/describe-format.ts";
import { everyState, hostile, hostileTexts, sampleCheck, sampleReport } from "../support/sample-reports.ts";

const linePattern = /^\S.*: (?:OK|(?:Warning|Unavailable|Unexpected Result|Unknown Error|Unknown|Skipped): \S.*)$/;

describe("text", () => {
  describeFormat(text, {
    extension: "txt",
    read(answer) {
      if (answer === "") return "";
      expect(answer.endsWith("\n")).toBe(true);
      for (const line of answer.slice(0, -1).split("\n")) expect(line).toMatch(linePattern);
      return answer;
    },
    charactersPerCheck: 80,
  });

  it("has a line per check, in the order of the endpoint", () => {
    const lines = text.render(everyState, contextOf(everyState, text.offers[0])).trimEnd().split("\n");
    expect(lines.slice(0, 3)).toEqual([
      "database: OK",
      "disk: Warning: 93.1 % of / is in use",
      "cache: Unavailable: connection refused by 10.0.3.7:6379",
    ]);
  });

  it("keeps each message on one line", () => {
    const lines = text.render(hostile, contextOf(hostile, text.offers[0])).trimEnd().split("\n");
    expect(lines).toHaveLength(hostileTexts.length);
  });

  it("keeps names and messages in other scripts unchanged", () => {
    const report = sampleReport([sampleCheck("健康 👩‍🚀", { state: "degraded", message: "größer als 90 %" })]);
    expect(text.render(report, contextOf(report, text.offers[0]))).toBe("健康 👩‍🚀: Warning: größer als 90 %\n");
  });
});
