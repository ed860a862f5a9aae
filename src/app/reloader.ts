import { setTimeout as pause } from "node:timers/promises";
import type { Configuration } from "../config/configuration.ts";
import { ConfigurationError } from "../config/configuration-error.ts";
import type { Logger } from "../health/logger.ts";
import type { ReloadStatus } from "../telemetry/metrics/reload-instruments.ts";
import type { ConfigurationLoader } from "./configuration-loader.ts";
import { FileWatch } from "./file-watch.ts";

/** A reload that failed. The message is for clients that may reload, and contains no secret. */
interface FailedReload {
  readonly ok: false;
  readonly message: string;
}

/** The outcome of a reload. */
export type ReloadOutcome = { readonly ok: true } | FailedReload;

export interface ReloaderOptions {
  readonly loader: Pick<ConfigurationLoader, "load" | "files" | "isOutdated">;
  /** Applies a valid configuration. */
  readonly apply: (configuration: Configuration) => Promise<void>;
  readonly logger: Logger;
}

/** Requests within this time of each other share one load, as do those that arrive while a load blocks the event loop. */
const gatherMilliseconds = 20;

const stopping: FailedReload = { ok: false, message: "the server is stopping" };
const outdated: FailedReload = {
  ok: false,
  message: "files changed while the configuration was loading; it is loaded again",
};

/** Loads and applies changed configurations while the server runs; when one is invalid, the last good one stays. */
export class Reloader {
  readonly #options: ReloaderOptions;
  #isClosed = false;
  /** Ends the waiting for the configuration that is being loaded. */
  #giveUp: ((outcome: FailedReload) => void) | undefined;
  #status: ReloadStatus = { successful: true, successAt: Date.now() };
  #current: Promise<ReloadOutcome> | undefined;
  #next: Promise<ReloadOutcome> | undefined;
  #watch: FileWatch | undefined;

  constructor(options: ReloaderOptions) {
    this.#options = options;
  }

  get status(): ReloadStatus {
    return this.#status;
  }

  /**
   * Loads and applies the configuration, after any reload in progress, which may have read the files before they changed.
   * All requests before it starts share it. A load whose files have changed meanwhile is not waited for: it may never end.
   * Never rejects.
   */
  reload(because: string): Promise<ReloadOutcome> {
    if (this.#options.loader.isOutdated) this.#giveUp?.(outdated);
    this.#next ??= this.#reloadNext(because);
    return this.#next;
  }

  /** From now on, reloads whenever a file of the configuration changes. */
  watch(): void {
    this.#watch = new FileWatch(() => void this.reload("a file changed"));
    this.#watch.follow(this.#options.loader.files);
  }

  /** Stops reloading; a configuration that is still loading will not be applied. */
  close(): void {
    this.#isClosed = true;
    this.#giveUp?.(stopping);
    this.#watch?.close();
  }

  async #reloadNext(because: string): Promise<ReloadOutcome> {
    await this.#current;
    await pause(gatherMilliseconds);
    this.#next = undefined;
    this.#current = this.#reload(because);
    return this.#current;
  }

  async #reload(because: string): Promise<ReloadOutcome> {
    const { loader, apply, logger } = this.#options;
    if (this.#isClosed) return stopping;
    const { promise: givenUp, resolve } = Promise.withResolvers<FailedReload>();
    this.#giveUp = resolve;
    try {
      const loaded = await Promise.race([loader.load(), givenUp]);
      this.#giveUp = undefined;
      if ("ok" in loaded) {
        if (loaded === outdated) logger.warn({ because }, `configuration not reloaded: ${loaded.message}`);
        return loaded;
      }
      await apply(loaded);
      this.#watch?.follow(loader.files);
      this.#status = { successful: true, successAt: Date.now() };
      logger.info({ because }, "configuration reloaded");
      return { ok: true };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#status = { ...this.#status, successful: false };
      logger.error(
        { because, error: message },
        `configuration not reloaded, the previous one stays in effect: ${message}`,
      );
      this.#giveUp = undefined;
      this.#watch?.follow(loader.files);
      return { ok: false, message: publicMessage(error) };
    }
  }
}

function publicMessage(error: unknown): string {
  const message = error instanceof ConfigurationError ? error.publicMessage : "the configuration could not be reloaded";
  const isWhole = error instanceof ConfigurationError && error.message === message;
  return isWhole ? message : `${message}\nSee the server log for details.`;
}
