import type { Arbitrary } from "fast-check";

/** Something that takes what it is given from outside, and must bear all of it. */
export interface FuzzSubject<Case> extends AsyncDisposable {
  readonly name: string;
  readonly cases: Arbitrary<Case>;
  /**
   * Puts it to one case.
   * @returns what came of it, in a word or two, to be counted
   * @throws whatever shows that it could not bear the case
   */
  bear(one: Case): Promise<string>;
}
