import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ServiceUnavailable } from "../health/errors.ts";
import { ownShortage } from "../health/system-error.ts";

/** What is wrong with a folder by the code of the system's error, as the rest of a sentence. */
const issues: Readonly<Record<string, string>> = {
  ENOENT: "does not exist",
  ENOTDIR: "is no folder",
  EACCES: "may not be written by the user that Healthspan runs as",
  EPERM: "may not be written by the user that Healthspan runs as",
  EROFS: "is mounted read-only",
  ENOSPC: "has no space left",
  EDQUOT: "has no space left for the user that Healthspan runs as",
};

/** Writes, reads and deletes small files in a folder. What goes wrong is an error that may be shown. */
export class FolderStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Returns when the disk has it, not when it is in memory. */
  async write(name: string, text: string): Promise<void> {
    await this.#do(writeFile(join(this.#folder, name), text, { flag: "wx", mode: 0o600, flush: true }));
  }

  async read(name: string): Promise<string> {
    return await this.#do(readFile(join(this.#folder, name), "utf8"));
  }

  /** It need not be there. */
  async delete(name: string): Promise<void> {
    await this.#do(rm(join(this.#folder, name), { force: true }));
  }

  async #do<Value>(action: Promise<Value>): Promise<Value> {
    try {
      return await action;
    } catch (error) {
      const issue = issues[(error as NodeJS.ErrnoException).code ?? ""] ?? "cannot be used: the file system fails";
      throw ownShortage(error) ?? new ServiceUnavailable(`${this.#folder} ${issue}`, { cause: error });
    }
  }
}
