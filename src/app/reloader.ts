import { setTimeout as pause } from "node:timers/promises";
import type { Configuration } from "../config/configuration.ts";
import { ConfigurationError } from "../config/configuration-error.ts";
import type { Logger } from "../health/logger.ts";
import type { ReloadStatus } from "../telemetry/metrics/reload-instruments.ts";
import type { ConfigurationLoader } from "./configuration-loader.ts";
import { FileWatch } from "./file-watch.ts";

/** What a reload came to; the message is for whoever may ask for one, and repeats no secret. */
export type ReloadOutcome = { readonly ok: true } | { readonly ok: false; readonly message: string };

export interface ReloaderOptions {
  readonly loader: Pick<ConfigurationLoader, "load" | "files">;
  /** Takes a valid configuration. */
  readonly apply: (configuration: Configuration) => Promise<void>;
  readonly logger: Logger;
}

/** Who asks within this time after another one, or after a load that let nobody be heard, shares one load. */
const gatherMilliseconds = 20;

const stopping: ReloadOutcome = { ok: false, message: "the server is stopping" };

/** Takes a changed configuration while the server serves, or keeps the last good one and says why. */
export class Reloader {
  readonly #options: ReloaderOptions;
  #isClosed = false;
  #giveUp: (() => void) | undefined;
  #status: ReloadStatus = { successful: true, successAt: Date.now() };
  #underway: Promise<ReloadOutcome> | undefined;
  #next: Promise<ReloadOutcome> | undefined;
  #watch: FileWatch | undefined;

  constructor(options: ReloaderOptions) {
    this.#options = options;
  }

  get status(): ReloadStatus {
    return this.#status;
  }

  /**
   * Loads and takes the configuration, after the reload that may be under way: that may have read the files before they
   * changed. All who ask before it begins share it. Never rejects.
   */
  reload(because: string): Promise<ReloadOutcome> {
    this.#next ??= this.#reloadNext(because);
    return this.#next;
  }

  /** From now on reloads whenever one of the files changes that the configuration was made of. */
  watch(): void {
    this.#watch = new FileWatch(() => void this.reload("the file changed"));
    this.#watch.follow(this.#options.loader.files);
  }

  /** Takes nothing any more, not even what is being loaded. */
  close(): void {
    this.#isClosed = true;
    this.#giveUp?.();
    this.#watch?.close();
  }

  async #reloadNext(because: string): Promise<ReloadOutcome> {
    await this.#underway;
    await pause(gatherMilliseconds);
    this.#next = undefined;
    this.#underway = this.#reload(because);
    return this.#underway;
  }

  async #reload(because: string): Promise<ReloadOutcome> {
    const { loader, apply, logger } = this.#options;
    if (this.#isClosed) return stopping;
    const { promise: givenUp, resolve } = Promise.withResolvers<undefined>();
    this.#giveUp = () => resolve(undefined);
    try {
      const configuration = await Promise.race([loader.load(), givenUp]);
      if (configuration === undefined) return stopping;
      await apply(configuration);
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
      return { ok: false, message: publicMessage(error) };
    } finally {
      this.#watch?.follow(loader.files);
    }
  }
}

function publicMessage(error: unknown): string {
  const message = error instanceof ConfigurationError ? error.publicMessage : "the configuration cannot be taken";
  const isWhole = error instanceof ConfigurationError && error.message === message;
  return isWhole ? message : `${message}\nThe server's log tells why.`;
}
