import { z } from "zod";
import { matchesWithin, maxMatchMilliseconds } from "./matches-within.ts";
import { regularExpression } from "./regular-expression.ts";

/** Settings that say what a server's answer must be, where that is a text of any kind. */
export const answerFields = {
  answerContains: z.string().min(1).optional().describe("A text that the server must send."),
  answerMatches: regularExpression()
    .optional()
    .describe(
      `A regular expression, in JavaScript's notation with the flag u, that must match what the server sends. Searches that take longer than ${maxMatchMilliseconds} ms in all fail.`,
    ),
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
 * @param milliseconds how long the search may take
 */
export function answerIssue(
  answer: string,
  { answerContains, answerMatches }: AnswerExpectations,
  what = `the answer (${answer.length} characters)`,
  milliseconds = maxMatchMilliseconds,
): string | undefined {
  if (answerContains !== undefined && !answer.includes(answerContains)) {
    return `${what} does not contain ${JSON.stringify(answerContains)}`;
  }
  return answerMatches === undefined ? undefined : matchIssue(answer, answerMatches, what, milliseconds);
}

/** What is wrong with a text that a regular expression must match; undefined when nothing is. */
export function matchIssue(
  text: string,
  pattern: RegExp,
  what: string,
  milliseconds = maxMatchMilliseconds,
): string | undefined {
  const matches = milliseconds > 0 ? matchesWithin(Math.ceil(milliseconds), pattern, text) : undefined;
  if (matches === undefined) return `the search for ${pattern} took longer than allowed`;
  return matches ? undefined : `${what} does not match ${pattern}`;
}

/**
 * Looks at an answer again and again while it comes. All searches together may take as long as one: a server that sends it byte
 * by byte must not stop the process for each of them.
 */
export class GrowingAnswer {
  readonly #expectations: AnswerExpectations;
  #millisecondsLeft = maxMatchMilliseconds;

  constructor(expectations: AnswerExpectations) {
    this.#expectations = expectations;
  }

  /** Whether nothing more need come: all is there, or it may no longer be searched. */
  isDecided(answer: string): boolean {
    return this.issue(answer) === undefined || this.#millisecondsLeft <= 0;
  }

  /** As {@link answerIssue} says it. */
  issue(answer: string): string | undefined {
    const startedAt = performance.now();
    const issue = answerIssue(answer, this.#expectations, undefined, this.#millisecondsLeft);
    this.#millisecondsLeft -= performance.now() - startedAt;
    return issue;
  }
}
