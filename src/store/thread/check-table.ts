import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { ToldCheck } from "./messages.ts";

const dayMilliseconds = 86_400_000;

/** A check that has not been seen for so long has no bucket left. */
const forgottenAfterDays = 401;

/** Which number each check has in the database. */
export class CheckTable {
  readonly #insert: StatementSync;
  readonly #see: StatementSync;
  readonly #delete: StatementSync;
  readonly #numbers = new Map<string, number>();
  /** By name, the check that was seen last: the others had another type. */
  readonly #byName = new Map<string, number>();
  readonly #seen = new Map<number, number>();
  /** Those whose row has to be written. */
  readonly #unwritten = new Map<number, { readonly name: string; readonly type: string }>();
  readonly #free: number[] = [];
  #last = 0;

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare("INSERT OR REPLACE INTO checks (id, name, type, seen) VALUES (?, ?, ?, ?)");
    this.#see = database.prepare("UPDATE checks SET seen = ? WHERE id = ?");
    this.#delete = database.prepare("DELETE FROM checks WHERE id = ?");
    for (const { id, name, type, seen } of database.prepare("SELECT * FROM checks ORDER BY seen").iterate()) {
      this.#take(Number(id), String(name), String(type));
      this.#seen.set(Number(id), Number(seen));
    }
    for (let id = 1; id < this.#last; id += 1) if (!this.#seen.has(id)) this.#free.push(id);
  }

  /** One more than the highest number. */
  get count(): number {
    return this.#last + 1;
  }

  numberOf(name: string): number | undefined {
    return this.#byName.get(name);
  }

  /** The number of a check, a new one if it has none. */
  number({ name, type }: Pick<ToldCheck, "name" | "type">): number {
    const known = this.#numbers.get(keyOf(name, type));
    if (known !== undefined) {
      this.#byName.set(name, known);
      return known;
    }
    const id = this.#free.shift() ?? this.#last + 1;
    this.#take(id, name, type);
    this.#unwritten.set(id, { name, type });
    return id;
  }

  /** Writes the new ones, and when those were last seen that are watched. */
  write(watched: Iterable<number>, moment: number): void {
    const today = Math.floor(moment / dayMilliseconds);
    for (const [id, { name, type }] of this.#unwritten) this.#insert.run(id, name, type, today);
    for (const id of watched) {
      if (this.#seen.get(id) !== today && !this.#unwritten.has(id)) this.#see.run(today, id);
    }
  }

  /** What {@link write} has written is on the disk. */
  written(watched: Iterable<number>, moment: number): void {
    this.#unwritten.clear();
    for (const id of watched) this.#seen.set(id, Math.floor(moment / dayMilliseconds));
  }

  /** Forgets those that have been gone for so long that no bucket of theirs is left: others get their numbers. */
  prune(watched: ReadonlySet<number>, moment: number): void {
    const today = Math.floor(moment / dayMilliseconds);
    for (const [id, seen] of [...this.#seen]) {
      if (watched.has(id) || today - seen <= forgottenAfterDays) continue;
      this.#delete.run(id);
      this.#seen.delete(id);
      this.#free.push(id);
      for (const names of [this.#numbers, this.#byName]) {
        for (const [name, number] of names) if (number === id) names.delete(name);
      }
    }
  }

  #take(id: number, name: string, type: string): void {
    this.#numbers.set(keyOf(name, type), id);
    this.#byName.set(name, id);
    this.#last = Math.max(this.#last, id);
  }
}

function keyOf(name: string, type: string): string {
  return `${type} ${name}`; // A type has no space in it.
}
