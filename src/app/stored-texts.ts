import type { Logger } from "../health/logger.ts";
import type { Documents } from "../store/documents.ts";

/** Keeps texts by their ids. What cannot be kept is its own matter to tell: it never throws. */
export interface KeepsTexts {
  put(id: string, text: string): void;
  delete(id: string): void;
  /** Everything that is kept, by its id. */
  all(): Promise<ReadonlyMap<string, string>> | ReadonlyMap<string, string>;
  /** Tells what others put there or delete, from now on. Without it, nobody else does. */
  listen?(heard: (id: string, text: string | undefined) => void): void;
}

/** What is kept, and what follows when it cannot be. */
const kinds = {
  notices: "what channels were told cannot be kept: after a restart they may be told again, or not at all",
  maintenance: "maintenance begun or ended by hand cannot be kept: it is forgotten at a restart",
} as const;

/** A store that fails is logged this often. */
const logMilliseconds = 60_000;

/** Texts in the store, over a restart. A store that fails keeps nobody from going on: what it could not keep is lost at a restart. */
export class StoredTexts implements KeepsTexts {
  readonly #documents: Documents;
  readonly #kind: keyof typeof kinds;
  readonly #logger: Logger;
  #loggedAt = Number.NEGATIVE_INFINITY;

  constructor(documents: Documents, kind: keyof typeof kinds, logger: Logger) {
    this.#documents = documents;
    this.#kind = kind;
    this.#logger = logger;
  }

  put(id: string, text: string): void {
    this.#documents.put(this.#kind, id, text).catch(this.#failed);
  }

  delete(id: string): void {
    this.#documents.delete(this.#kind, id).catch(this.#failed);
  }

  async all(): Promise<ReadonlyMap<string, string>> {
    try {
      const documents = await this.#documents.all(this.#kind);
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
    this.#logger.warn({ error: error instanceof Error ? error.message : String(error) }, kinds[this.#kind]);
  };
}
