/**
 * Keeps what is still to be sent and what was told, so that it survives a restart. What is put there has no secrets: the options of
 * channels are never in it.
 */
export interface Outbox {
  /** Keeps a document under an id, in place of one before. It must not throw: what cannot be kept is lost at a restart. */
  put(id: string, json: string): void;
  delete(id: string): void;
  /** Everything that is kept, by its id. */
  all(): Promise<ReadonlyMap<string, string>> | ReadonlyMap<string, string>;
}

/** Keeps it until this process ends. */
export class MemoryOutbox implements Outbox {
  readonly #documents = new Map<string, string>();

  put(id: string, json: string): void {
    this.#documents.set(id, json);
  }

  delete(id: string): void {
    this.#documents.delete(id);
  }

  all(): ReadonlyMap<string, string> {
    return new Map(this.#documents);
  }
}
