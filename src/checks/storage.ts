import { randomUUID } from "node:crypto";
import { isAbsolute } from "node:path";
import { z } from "zod";
import { ServiceReturnedUnexpectedResult } from "../health/errors.ts";
import { healthCheck } from "../health/health-check.ts";
import { FolderStore } from "../host/folder-store.ts";

/** What a program keeps texts in, by their names. */
export interface Store {
  write(name: string, text: string): Promise<unknown>;
  /** Gives the text that was written. */
  read(name: string): Promise<unknown>;
  delete(name: string): Promise<unknown>;
}

/**
 * Writes a small file to a folder, reads it, compares it, and deletes it.
 *
 * The file is called `.healthspan-` and a random identifier. The user that Healthspan runs as must be able to write to the
 * folder. In a configuration in code, `new Storage({ store })` does the same with an object of the program that has the methods
 * `write(name, text)`, `read(name)` and `delete(name)`.
 *
 * ```yaml
 * checks:
 *   uploads: { type: storage, folder: /srv/shop/uploads, interval: 1m }
 * ```
 */
export class Storage extends healthCheck({
  group: "storage",
  labels: {
    folder: z
      .string()
      .refine((path) => isAbsolute(path) && !path.includes("\0"), "must be an absolute path")
      .optional()
      .describe("The absolute path of the folder to write to."),
  },
  settings: {
    store: z
      .custom<Store>(isStore, "must have the methods write, read and delete, in a configuration in code")
      .meta({ title: "store" })
      .optional()
      .describe("Instead of folder: an object with the methods write, read and delete, in a configuration in code."),
  },
  validate: ({ folder, store }) =>
    (folder === undefined) === (store === undefined) ? "give either folder or store" : undefined,
}) {
  static readonly module = import.meta.url;
  static readonly mainThreadOnly = "that is where the program has its store";

  async run(signal: AbortSignal): Promise<void> {
    const store: Store = this.store ?? new FolderStore(this.folder ?? "");
    const name = `.healthspan-${randomUUID()}`;
    const text = randomUUID();
    const found = await this.#writeAndRead(store, name, text, signal);
    if (found === text) return;
    throw new ServiceReturnedUnexpectedResult("what was read is not what was written", { reason: "assertion" });
  }

  /** Whatever happens, nothing stays: a run that is aborted deletes first, and goes on until then. */
  async #writeAndRead(store: Store, name: string, text: string, signal: AbortSignal): Promise<unknown> {
    let isWritten = false;
    try {
      await store.write(name, text);
      isWritten = true;
      signal.throwIfAborted();
      return await store.read(name);
    } finally {
      // Of a file that could not be written a part may be there. That it cannot be deleted either is no news then.
      const deleted = store.delete(name);
      await (isWritten ? deleted : deleted.catch(() => {}));
    }
  }
}

function isStore(value: unknown): boolean {
  const methods: Partial<Record<keyof Store, unknown>> = typeof value === "object" && value !== null ? value : {};
  return [methods.write, methods.read, methods.delete].every((method) => typeof method === "function");
}
