import type { HealthCheck } from "../health/health-check.ts";
import type { JsonValue } from "../health/json-value.ts";
import type { Logger } from "../health/logger.ts";
import { redactedException } from "../health/redacted-exception.ts";
import { isThenable } from "../health/thenable.ts";

/** A check's memory has at most so many characters as JSON. */
const maxCharacters = 10_000;

/** What checks want to know again, after a restart and when their options change. */
export class CheckStateStore {
  readonly #logger: Logger;
  readonly #last = new WeakMap<HealthCheck, string>();
  readonly #failing = new WeakSet<HealthCheck>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** What a check remembers, as JSON would give it back; undefined when it is nothing. */
  of(check: HealthCheck): JsonValue | undefined {
    const text = this.#textOf(check);
    return text === undefined ? undefined : JSON.parse(text);
  }

  /** Whether a check remembers something else than when this was last asked. */
  haveChanged(check: HealthCheck): boolean {
    const text = this.#textOf(check);
    if (text === undefined || text === this.#last.get(check)) return false;
    this.#last.set(check, text);
    return true;
  }

  /** Gives a check what it, or one of its class and name, remembered before. */
  recall(check: HealthCheck, memory: unknown): void {
    if (memory === undefined) return;
    const cannotUse = (error: unknown): void => {
      this.#warn(check, error, "cannot use what it remembered, and begins anew");
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
        memory.then(undefined, () => {}); // It is refused, whatever becomes of it.
        throw new TypeError("it is a promise, and must be the value itself");
      }
      const text: string | undefined = JSON.stringify(memory);
      if (text === undefined) throw new TypeError("JSON has nothing for it");
      if (text.length <= maxCharacters) return text;
      throw new RangeError(`it has ${text.length} characters, and may have ${maxCharacters}`);
    } catch (error) {
      // Once: it is asked after each run.
      if (!this.#failing.has(check)) this.#warn(check, error, "cannot say what it wants to remember");
      this.#failing.add(check);
      return undefined;
    }
  }

  #warn(check: HealthCheck, error: unknown, what: string): void {
    const { message } = redactedException(error, (text) => check.redact(text));
    this.#logger.warn({ check: check.name, error: message }, `the check "${check.name}" ${what}`);
  }
}
