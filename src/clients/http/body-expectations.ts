import { z } from "zod";
import { ServiceReturnedUnexpectedResult } from "../../health/errors.ts";
import { matchIssue } from "../../net/answer-expectations.ts";
import { maxMatchMilliseconds } from "../../net/matches-within.ts";
import { regularExpression } from "../../net/regular-expression.ts";
import { JsonPath } from "./json-path.ts";

const jsonValue = z.union([z.string(), z.number(), z.boolean(), z.null()]);
type JsonScalar = z.output<typeof jsonValue>;

/** A value at a path in a body that is JSON. */
export interface JsonExpectation {
  readonly path: JsonPath;
  readonly value: JsonScalar;
}

function jsonExpectations() {
  return z.record(z.string(), jsonValue).transform((values, context) => {
    const expectations: JsonExpectation[] = [];
    for (const [text, value] of Object.entries(values)) {
      const path = JsonPath.parse(text);
      if (path !== undefined) expectations.push({ path, value });
      else context.issues.push({ code: "custom", message: pathHint, input: text, path: [text] });
    }
    return expectations;
  });
}

const pathHint = "must be a path to one value, such as $.status or $.items[0].state";

/** Settings that say what the body of an answer must be. */
export const bodyFields = {
  bodyContains: z.string().min(1).optional().describe("A text that the answer's body must contain."),
  bodyMatches: regularExpression()
    .optional()
    .describe(
      `A regular expression that must match somewhere in the answer's body, in JavaScript's notation; (?i) in front of it ignores case. A search that takes longer than ${maxMatchMilliseconds} ms fails.`,
    ),
  json: jsonExpectations()
    .optional()
    .describe(
      "Values that the answer's body, read as JSON, must have: a JSON path to a single value ($.status, $.items[0].state, $['first name']; the leading $. may be left out), and the text, number, boolean or null that must be there. The types must be the same: 3 is not \"3\".",
    ),
};

/** The values of {@link bodyFields}. */
export interface BodyExpectations {
  readonly bodyContains?: string | undefined;
  readonly bodyMatches?: RegExp | undefined;
  readonly json?: readonly JsonExpectation[] | undefined;
}

/** Whether anything is expected, so that the body must be read. */
export function expectsBody({ bodyContains, bodyMatches, json }: BodyExpectations): boolean {
  return bodyContains !== undefined || bodyMatches !== undefined || json !== undefined;
}

/**
 * Compares a body with what is expected of it. What is thrown tells what was expected and repeats no text of the body,
 * which may hold anything.
 * @throws ServiceReturnedUnexpectedResult with the reason `assertion`
 */
export function expectBody(text: string, { bodyContains, bodyMatches, json }: BodyExpectations): void {
  if (bodyContains !== undefined && !text.includes(bodyContains)) {
    throw unmet(`the body does not contain ${JSON.stringify(bodyContains)}`);
  }
  if (bodyMatches !== undefined) {
    const issue = matchIssue(text, bodyMatches, "the body");
    if (issue !== undefined) throw unmet(issue);
  }
  if (json !== undefined) expectJson(parseJson(text), json);
}

function expectJson(root: unknown, expectations: readonly JsonExpectation[]): void {
  for (const { path, value: expected } of expectations) {
    const finding = path.find(root);
    if (!finding.found) throw unmet(`${path} is missing, expected ${JSON.stringify(expected)}`);
    if (finding.value === expected) continue;
    const found = describeFound(finding.value, typeof expected === "string");
    throw unmet(`${path} is ${found}, expected ${JSON.stringify(expected)}`);
  }
}

function describeFound(value: unknown, expectedText: boolean): string {
  if (typeof value === "string") return expectedText ? "another text" : "a text"; // It may be anything, a token too.
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unmet("the body is not JSON"); // The parser's own message would quote it.
  }
}

function unmet(message: string): ServiceReturnedUnexpectedResult {
  return new ServiceReturnedUnexpectedResult(message, { reason: "assertion" });
}
