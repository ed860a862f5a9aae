import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { StoredDocument } from "../documents.ts";

/** Small things that others keep. */
export class DocumentTable {
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  readonly #all: StatementSync;

  constructor(database: DatabaseSync) {
    this.#put = database.prepare("INSERT OR REPLACE INTO documents (kind, id, json) VALUES (?, ?, ?)");
    this.#delete = database.prepare("DELETE FROM documents WHERE kind = ? AND id = ?");
    this.#all = database.prepare("SELECT id, json FROM documents WHERE kind = ? ORDER BY id");
  }

  put(kind: string, id: string, json: string): void {
    this.#put.run(kind, id, json);
  }

  delete(kind: string, id: string): void {
    this.#delete.run(kind, id);
  }

  all(kind: string): readonly StoredDocument[] {
    return this.#all.all(kind).map(({ id, json }) => ({ id: String(id), content: JSON.parse(String(json)) }));
  }
}
