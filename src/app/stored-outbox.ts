import type { Logger } from "../health/logger.ts";
import type { Outbox } from "../notices/outbox.ts";

/** Where small things are kept over a restart, by kind and id, as the store does. */
export interface KeepsDocuments {
  /** @throws Error (rejects) when it cannot be written */
  put(kind: string, id: string, content: string): Promise<void>;
  /** @throws Error (rejects) when it cannot be written */
  delete(kind: string, id: string): Promise<void>;
  /** @throws Error (rejects) when it cannot be read */
  all(kind: string): Promise<readonly { readonly id: string; readonly content: unknown }[]>;
}

/** Under which all of it is kept. */
const kind = "notices";

/** A store that fails is logged this often. */
const logMilliseconds = 60_000;

/** An outbox in the store. A store that fails keeps nobody from being told: what it could not keep is lost at a restart. */
export class StoredOutbox implements Outbox {
  readonly #documents: KeepsDocuments;
  readonly #logger: Logger;
  #loggedAt = Number.NEGATIVE_INFINITY;

  constructor(documents: KeepsDocuments, logger: Logger) {
    this.#documents = documents;
    this.#logger = logger;
  }

  put(id: string, json: string): void {
    this.#documents.put(kind, id, json).catch(this.#failed);
  }

  delete(id: string): void {
    this.#documents.delete(kind, id).catch(this.#failed);
  }

  async all(): Promise<ReadonlyMap<string, string>> {
    try {
      const documents = await this.#documents.all(kind);
      return new Map(documents.map(({ id, content }) => [id, String(content)]));
    } catch (error) {
      this.#failed(error);
      return new Map();
    }
  }

  readonly #failed = (error: unknown): void => {
    const now = performance.now();
    if (now - this.#loggedAt < logMilliseconds) return;
    this.#loggedAt = now;
    const message = "what channels were told cannot be kept: after a restart they may be told again, or not at all";
    this.#logger.warn({ error: error instanceof Error ? error.message : String(error) }, message);
  };
}
