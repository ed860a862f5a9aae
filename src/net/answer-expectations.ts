import { z } from "zod";
import { matchesWithin, maxMatchMilliseconds } from "./matches-within.ts";
import { regularExpression } from "./regular-expression.ts";

/** Settings that say what a server's answer must be, where that is a text of any kind. */
export const answerFields = {
  answerContains: z.string().min(1).optional().describe("A text that the server must send."),
  answerMatches: regularExpression()
    .optional()
    .describe("A regular expression, in JavaScript's notation with the flag u, that must match what the server sends."),
};

/** The values of {@link answerFields}. A check has those that make sense for its protocol. */
export interface AnswerExpectations {
  readonly answerContains?: string | undefined;
  readonly answerMatches?: RegExp | undefined;
}

/** Whether anything is expected, so that an answer must be waited for. */
export function expectsAnswer({ answerContains, answerMatches }: AnswerExpectations): boolean {
  return answerContains !== undefined || answerMatches !== undefined;
}

/**
 * What is wrong with an answer, as a sentence; undefined when nothing is. Nothing of the answer is repeated, it may be anything.
 * @param what the answer is called
 */
export function answerIssue(
  answer: string,
  { answerContains, answerMatches }: AnswerExpectations,
  what = `the answer (${answer.length} characters)`,
): string | undefined {
  if (answerContains !== undefined && !answer.includes(answerContains)) {
    return `${what} does not contain ${JSON.stringify(answerContains)}`;
  }
  return answerMatches === undefined ? undefined : matchIssue(answer, answerMatches, what);
}

/** What is wrong with a text that a regular expression must match; undefined when nothing is. */
export function matchIssue(text: string, pattern: RegExp, what: string): string | undefined {
  const matches = matchesWithin(maxMatchMilliseconds, pattern, text);
  if (matches === undefined) return `the search for ${pattern} took longer than allowed`;
  return matches ? undefined : `${what} does not match ${pattern}`;
}
