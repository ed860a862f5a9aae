/** The metrics could not be collected, or not all of them, which would look as if some had ceased to exist. */
export class ScrapeError extends Error {
  override readonly name = "ScrapeError";
  /** Whatever the collection met with. */
  readonly errors: readonly unknown[];

  constructor(errors: readonly unknown[]) {
    const [first] = errors;
    super(`the metrics could not be collected: ${first instanceof Error ? first.message : String(first)}`, {
      cause: first,
    });
    this.errors = errors;
  }
}
