import type { Configuration } from "../config/configuration.ts";
import { type LoadOptions, loadConfiguration } from "../config/load.ts";
import { FilesRead } from "../config/read/files-read.ts";

/** Loads one configuration again and again. */
export class ConfigurationLoader {
  readonly #options: Omit<LoadOptions, "files">;
  #path: string | undefined;
  #files: ReadonlyMap<string, string> = new Map();

  constructor(options: Omit<LoadOptions, "files">) {
    this.#options = options;
    this.#path = options.path;
  }

  /** What was last read, or would have been, with its versions: a change there is one of the configuration. */
  get files(): ReadonlyMap<string, string> {
    return this.#files;
  }

  /**
   * Loads the configuration as it is now. A file that was once found stays the one: that it is gone is a mistake then, and
   * not a reason to serve what nobody has configured, to everybody.
   * @throws ConfigurationError that names everything that is wrong
   */
  async load(): Promise<Configuration> {
    const files = new FilesRead();
    try {
      const configuration = await loadConfiguration({ ...this.#options, path: this.#path, files });
      this.#path ??= configuration.source;
      return configuration;
    } finally {
      this.#files = files.versions;
    }
  }
}
