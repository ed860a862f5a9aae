import { createContext, Script } from "node:vm";

/** A search for a regular expression in an answer is given up when it takes longer. */
export const maxMatchMilliseconds = 50;

const sandbox: { pattern?: RegExp | undefined; text?: string | undefined } = {};
let test: Script | undefined;

/**
 * Whether a text matches a regular expression, with an end to the search: one that backtracks without bound would
 * otherwise stop the whole process.
 * @returns undefined when the search took longer
 */
export function matchesWithin(milliseconds: number, pattern: RegExp, text: string): boolean | undefined {
  if (test === undefined) {
    createContext(sandbox);
    test = new Script("pattern.test(text)");
  }
  sandbox.pattern = pattern;
  sandbox.text = text;
  try {
    return test.runInContext(sandbox, { timeout: milliseconds }) === true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_SCRIPT_EXECUTION_TIMEOUT") return undefined;
    throw error;
  } finally {
    sandbox.pattern = undefined;
    sandbox.text = undefined;
  }
}
