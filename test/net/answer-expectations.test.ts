import { describe, expect, it } from "vitest";
import { answerIssue, expectsAnswer, GrowingAnswer, matchIssue } from "../../src/net/answer-expectations.ts";

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

describe("GrowingAnswer", () => {
  it("takes no longer for an answer that comes byte by byte than for a whole one", () => {
    const growing = new GrowingAnswer({ answerMatches: /^(a+)+$/u });
    const whole = `${"a".repeat(40)}b`;
    const startedAt = performance.now();
    let length = 1;
    while (length < whole.length && !growing.isDecided(`${whole.slice(0, length)}b`)) length += 1;
    expect(growing.isDecided(whole)).toBe(true);
    expect(growing.issue(whole)).toBe("the search for /^(a+)+$/u took longer than allowed");
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });

  it("is decided once it is what is expected", () => {
    const growing = new GrowingAnswer({ answerMatches: /^220 .*\n/u });
    expect(growing.isDecided("220 ma")).toBe(false);
    expect(growing.issue("220 ma")).toBe("the answer (6 characters) does not match /^220 .*\\n/u");
    expect(growing.isDecided("220 mail\n")).toBe(true);
    expect(growing.issue("220 mail\n")).toBeUndefined();
  });
});
