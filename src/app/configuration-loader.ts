import type { Configuration } from "../config/configuration.ts";
import { type LoadOptions, loadConfiguration } from "../config/load.ts";
import { FilesRead } from "../config/read/files-read.ts";

/** Loads the configuration of a server, at the start and for each reload. */
export class ConfigurationLoader {
  readonly #options: Omit<LoadOptions, "files">;
  #path: string | undefined;
  #files: ReadonlyMap<string, string> = new Map();
  #loading: FilesRead | undefined;

  constructor(options: Omit<LoadOptions, "files">) {
    this.#options = options;
    this.#path = options.path;
  }

  /** The files of the last load, even a failed one, and their versions. */
  get files(): ReadonlyMap<string, string> {
    return this.#files;
  }

  /** Whether files have changed since a load that has not finished read them, so that its configuration is not the current one. */
  get isOutdated(): boolean {
    return this.#loading?.haveChanged() ?? false;
  }

  /**
   * Loads the current configuration. Once a file has been found, it must exist: falling back to the default configuration
   * would serve checks that nobody configured, without authentication.
   * @throws ConfigurationError listing every issue
   */
  async load(): Promise<Configuration> {
    const files = new FilesRead();
    this.#loading = files;
    try {
      const configuration = await loadConfiguration({ ...this.#options, path: this.#path, files });
      this.#path ??= configuration.source;
      return configuration;
    } finally {
      // A load that was given up may finish later than the one after it.
      if (this.#loading === files) {
        this.#loading = undefined;
        this.#files = files.versions;
      }
    }
  }
}
