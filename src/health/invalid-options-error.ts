import type { z } from "zod";

/** A check, or what serves or runs checks, was given options that are unknown, missing or wrong. */
export class InvalidOptionsError extends Error {
  override readonly name = "InvalidOptionsError";
  /** The class or function that was given the options. */
  readonly checkClass: string;
  /** What is wrong where, as zod reports it; `path` is empty when it concerns several options. */
  readonly issues: readonly z.core.$ZodIssue[];

  constructor(checkClass: string, issues: readonly z.core.$ZodIssue[]) {
    const problems = issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join(".")}: ${message}`));
    super(`${checkClass}: ${problems.join("; ")}`);
    this.checkClass = checkClass;
    this.issues = issues;
  }
}
