import type { Arbitrary } from "fast-check";

/** Something that takes input from outside, and must handle all of it. */
export interface FuzzSubject<Case> extends AsyncDisposable {
  readonly name: string;
  readonly cases: Arbitrary<Case>;
  /**
   * Gives it one case.
   * @returns the outcome, in a word or two, to be counted
   * @throws Error when the case was not handled as it should be
   */
  handle(one: Case): Promise<string>;
}
