import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Opened, ToldMemory } from "./messages.ts";

/** What is kept of each check for the next start, as JSON. */
export class MemoryTable {
  readonly #writeAll: StatementSync;
  readonly #writeCurrent: StatementSync;
  readonly #forget: StatementSync;
  readonly #read: StatementSync;

  constructor(database: DatabaseSync) {
    this.#writeAll = database.prepare("INSERT OR REPLACE INTO memories (name, current, transitions) VALUES (?, ?, ?)");
    this.#writeCurrent = database.prepare(
      `INSERT INTO memories (name, current, transitions) VALUES (?, ?, '[]')
       ON CONFLICT (name) DO UPDATE SET current = excluded.current`,
    );
    this.#forget = database.prepare("DELETE FROM memories WHERE name NOT IN (SELECT value FROM json_each(?))");
    this.#read = database.prepare("SELECT current, transitions FROM memories");
  }

  write({ name, current, transitions }: ToldMemory): void {
    if (transitions === undefined) this.#writeCurrent.run(name, current);
    else this.#writeAll.run(name, current, transitions);
  }

  /** Keeps only those of checks with these names. */
  keepOnly(names: readonly string[]): void {
    this.#forget.run(JSON.stringify(names));
  }

  read(): Opened["memories"] {
    return this.#read
      .all()
      .map(({ current, transitions }) => ({ current: String(current), transitions: String(transitions) }));
  }
}
