import type { HealthCheck } from "../health/health-check.ts";
import type { JsonValue } from "../health/json-value.ts";
import type { Logger } from "../health/logger.ts";
import { redactedException } from "../health/redacted-exception.ts";
import { isThenable } from "../health/thenable.ts";

/** The size limit of a check's memory as JSON, in characters. */
const maxCharacters = 10_000;

/** What checks want to know again after a restart, and when their options change. */
export class CheckStateStore {
  readonly #logger: Logger;
  readonly #last = new WeakMap<HealthCheck, string>();
  readonly #failing = new WeakSet<HealthCheck>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** What a check remembers, as JSON gives it back; undefined when it remembers nothing. */
  of(check: HealthCheck): JsonValue | undefined {
    const text = this.#textOf(check);
    return text === undefined ? undefined : JSON.parse(text);
  }

  /** Whether a check remembers something different from the last time this was called. */
  haveChanged(check: HealthCheck): boolean {
    const text = this.#textOf(check);
    if (text === undefined || text === this.#last.get(check)) return false;
    this.#last.set(check, text);
    return true;
  }

  /** Gives a check what it, or the previous one of its class and name, remembered. */
  recall(check: HealthCheck, memory: unknown): void {
    if (memory === undefined) return;
    const cannotUse = (error: unknown): void => {
      this.#warn(check, error, "cannot use what it remembered and starts afresh");
    };
    try {
      const recalling: unknown = check.recall?.(memory);
      if (isThenable(recalling)) recalling.then(undefined, cannotUse); // An `async recall()` may reject.
    } catch (error) {
      cannotUse(error);
    }
  }

  #textOf(check: HealthCheck): string | undefined {
    try {
      const memory: unknown = check.remember?.();
      if (memory === undefined) return undefined;
      if (isThenable(memory)) {
        memory.then(undefined, () => {}); // It is refused, however it settles.
        throw new TypeError("remember() must return the value itself, not a promise");
      }
      const text: string | undefined = JSON.stringify(memory);
      if (text === undefined) throw new TypeError("remember() must return a JSON value");
      if (text.length <= maxCharacters) return text;
      throw new RangeError(`it has ${text.length} characters; the limit is ${maxCharacters}`);
    } catch (error) {
      // Only once: it is called after each run.
      if (!this.#failing.has(check)) this.#warn(check, error, "cannot provide what it wants to remember");
      this.#failing.add(check);
      return undefined;
    }
  }

  #warn(check: HealthCheck, error: unknown, what: string): void {
    const { message } = redactedException(error, (text) => check.redact(text));
    this.#logger.warn({ check: check.name, error: message }, `the check "${check.name}" ${what}`);
  }
}
