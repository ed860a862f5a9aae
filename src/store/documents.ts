import type { JsonValue } from "../health/json-value.ts";

/** Something small that is kept over a restart. */
export interface StoredDocument {
  readonly id: string;
  readonly content: JsonValue;
}

/**
 * A small place to keep things over a restart that are no history: what waits to be sent, maintenance that somebody began. They
 * are in the database beside the history; without `store` they are in memory and end with the process. Nothing in it is removed
 * by itself, and nobody redacts it: put no secret in it, and delete what is done with.
 */
export interface Documents {
  /**
   * Keeps something, in place of what was kept under the same kind and id. Once it resolves, the process may be killed.
   * @param kind a word for who keeps it: `notices`
   * @param id up to the caller; unique among those of the kind
   * @throws Error (rejects) when it cannot be written, or the store does not answer in time
   */
  put(kind: string, id: string, content: JsonValue): Promise<void>;
  /**
   * Keeps it no longer. What is not there is no error.
   * @throws Error (rejects) as {@link put}
   */
  delete(kind: string, id: string): Promise<void>;
  /**
   * All of a kind, sorted by id.
   * @throws Error (rejects) when it cannot be read, or the store does not answer in time
   */
  all(kind: string): Promise<readonly StoredDocument[]>;
}
