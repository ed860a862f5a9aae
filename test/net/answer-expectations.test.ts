import { describe, expect, it } from "vitest";
import { answerIssue, expectsAnswer, matchIssue } from "../../src/net/answer-expectations.ts";

describe("answerIssue", () => {
  it.each([
    [{}, undefined],
    [{ answerContains: "PONG" }, undefined],
    [{ answerContains: "PONG", answerMatches: /^got/u }, undefined],
    [{ answerContains: "220 " }, 'the answer (13 characters) does not contain "220 "'],
    [{ answerContains: "PONG", answerMatches: /^PONG/u }, "the answer (13 characters) does not match /^PONG/u"],
  ])("with %j is %s", (expectations, issue) => {
    expect(answerIssue("got PING PONG", expectations)).toBe(issue);
    expect(expectsAnswer(expectations)).toBe(Object.keys(expectations).length > 0);
  });

  it("calls the answer what it is", () => {
    expect(answerIssue("x", { answerMatches: /y/u }, "the greeting")).toBe("the greeting does not match /y/u");
  });
});

describe("matchIssue", () => {
  it("gives up a search that does not end", () => {
    const issue = matchIssue(`${"a".repeat(50)}b`, /^(a+)+$/u, "the text");
    expect(issue).toBe("the search for /^(a+)+$/u took longer than allowed");
  });
});
