import { readFile, rename, writeFile } from "node:fs/promises";
import { z } from "zod";
import type { RememberedCheck } from "../engine/monitored-check.ts";
import { reasons } from "../health/errors.ts";
import type { Logger } from "../health/logger.ts";
import { states } from "../health/state.ts";

/** Between two writes there is at least so much time. */
const leastMilliseconds = 1000;

const state = z.enum(states);
const failure = z.object({ kind: z.string(), message: z.string(), reason: z.enum(reasons) });
const transition = z.object({ at: z.number(), from: state, to: state, failure: failure.optional() });
const content = z.object({
  version: z.literal(1),
  checks: z.array(
    z.object({
      name: z.string(),
      state,
      since: z.number(),
      lastSuccessAt: z.number().optional(),
      transitions: z.array(transition),
    }),
  ),
});

/**
 * Keeps what the monitor remembers in a file, so that since-when, the last changes and the feeds' identifiers survive a
 * restart. The file is written whole beside itself and then put in its place; one that cannot be read is set aside, and
 * one that cannot be written is told of once: neither keeps the server from serving.
 */
export class StateFile {
  readonly #path: string;
  readonly #logger: Logger;
  #remember: (() => readonly RememberedCheck[]) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #wroteAt = Number.NEGATIVE_INFINITY;
  #failing = false;

  constructor(path: string, logger: Logger) {
    this.#path = path;
    this.#logger = logger;
  }

  /** What was remembered; nothing when there is no file, or none that can be read. */
  async load(): Promise<readonly RememberedCheck[]> {
    try {
      const text = await readFile(this.#path, "utf8");
      return content.parse(JSON.parse(text)).checks.map(({ transitions, lastSuccessAt, ...check }) => ({
        ...check,
        lastSuccessAt,
        transitions: transitions.map((change) => ({ ...change, failure: change.failure })),
      }));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return []; // The first start.
      await this.#setAside();
      return [];
    }
  }

  /** Writes from now on what `remember` tells, after each {@link changed}. */
  keep(remember: () => readonly RememberedCheck[]): void {
    this.#remember = remember;
  }

  /** Something has changed: it will be written soon, together with what changes until then. */
  changed(): void {
    if (this.#timer !== undefined || this.#remember === undefined) return;
    const wait = Math.max(0, this.#wroteAt + leastMilliseconds - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#write();
    }, wait);
    this.#timer.unref();
  }

  /** Writes what is known now, and no more after that. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#write();
    this.#remember = undefined;
  }

  #write(): Promise<void> {
    this.#writing = this.#writing.then(async () => {
      if (this.#remember === undefined) return;
      this.#wroteAt = performance.now();
      const temporary = `${this.#path}.tmp`;
      try {
        await writeFile(temporary, JSON.stringify({ version: 1, checks: this.#remember() }), {
          mode: 0o600,
          flush: true,
        });
        await rename(temporary, this.#path);
        this.#failing = false;
      } catch (error) {
        if (!this.#failing)
          this.#warn(error, `${this.#path} cannot be written: after a restart the past will be unknown`);
        this.#failing = true;
      }
    });
    return this.#writing;
  }

  async #setAside(): Promise<void> {
    const aside = `${this.#path}.damaged`;
    try {
      await rename(this.#path, aside);
      this.#logger.warn({ aside }, `${this.#path} cannot be read, and was set aside as ${aside}: the past is unknown`);
    } catch (error) {
      this.#warn(error, `${this.#path} can neither be read nor set aside: the past is unknown`);
    }
  }

  #warn(error: unknown, message: string): void {
    this.#logger.warn({ error: error instanceof Error ? error.message : String(error) }, message);
  }
}
