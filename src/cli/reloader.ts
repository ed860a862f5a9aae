import { unwatchFile, watchFile } from "node:fs";
import { resolve } from "node:path";
import type { Configuration } from "../config/configuration.ts";
import type { Logger } from "../health/logger.ts";
import type { ReloadStatus } from "../telemetry/reload-instruments.ts";

/** How often the file is looked at. Its content counts, not its events: these get lost with bind mounts and links. */
const lookMilliseconds = 1000;

/** What a reload came to. */
export type ReloadOutcome = { readonly ok: true } | { readonly ok: false; readonly message: string };

export interface ReloaderOptions {
  /** Loads the configuration anew; rejects when it is invalid. */
  readonly load: () => Promise<Configuration>;
  /** Takes a valid one. */
  readonly apply: (configuration: Configuration) => Promise<void>;
  readonly logger: Logger;
}

/** Takes a changed configuration while the server serves, or keeps the last good one and says why. */
export class Reloader {
  readonly #options: ReloaderOptions;
  #status: ReloadStatus = { successful: true, successAt: Date.now() };
  #last: Promise<ReloadOutcome> = Promise.resolve({ ok: true });
  #watched: string | undefined;

  constructor(options: ReloaderOptions) {
    this.#options = options;
  }

  get status(): ReloadStatus {
    return this.#status;
  }

  /** Loads and takes the configuration, after the reload that may be under way. Never rejects. */
  reload(because: string): Promise<ReloadOutcome> {
    this.#last = this.#last.then(() => this.#reload(because));
    return this.#last;
  }

  /**
   * Reloads whenever the file is another one than before or has another content: written in place, replaced by an editor, or
   * behind a link that points elsewhere, as Kubernetes does with its volumes.
   */
  watch(path: string): void {
    this.#watched = resolve(path);
    watchFile(this.#watched, { interval: lookMilliseconds, persistent: false }, (now, before) => {
      const same = now.mtimeMs === before.mtimeMs && now.ino === before.ino && now.size === before.size;
      // Between two versions there may be none: the next look finds the new one.
      if (!same && now.nlink > 0) void this.reload("the file changed");
    });
  }

  close(): void {
    if (this.#watched !== undefined) unwatchFile(this.#watched);
  }

  async #reload(because: string): Promise<ReloadOutcome> {
    const { load, apply, logger } = this.#options;
    try {
      await apply(await load());
      this.#status = { successful: true, successAt: Date.now() };
      logger.info({ because }, "the configuration was loaded anew");
      return { ok: true };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#status = { ...this.#status, successful: false };
      logger.error(
        { because, error: message },
        `the last good configuration stays, because the new one is invalid: ${message}`,
      );
      return { ok: false, message };
    }
  }
}
