import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { ToldMeasure } from "./messages.ts";

type NameAndUnit = Omit<ToldMeasure, "number">;

/** Which number each measure has in the database. They are few: the same name and unit is the same measure in every check. */
export class MeasureTable {
  readonly #insert: StatementSync;
  readonly #numbers = new Map<string, number>();
  readonly #all = new Map<number, NameAndUnit>();
  /** Those whose row has to be written. */
  readonly #unwritten = new Set<number>();

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare("INSERT OR REPLACE INTO measures (id, name, unit) VALUES (?, ?, ?)");
    for (const { id, name, unit } of database.prepare("SELECT id, name, unit FROM measures").iterate()) {
      this.#take(Number(id), { name: String(name), unit: String(unit) });
    }
  }

  /** The number of a measure, a new one if it has none. */
  number({ name, unit }: NameAndUnit): number {
    const known = this.#numbers.get(keyOf(name, unit));
    if (known !== undefined) return known;
    const id = this.#all.size + 1; // None is ever removed.
    this.#take(id, { name, unit });
    this.#unwritten.add(id);
    return id;
  }

  /** What has a number. */
  get(number: number): NameAndUnit | undefined {
    return this.#all.get(number);
  }

  /** Writes the new ones. */
  write(): void {
    for (const id of this.#unwritten) {
      const { name = "", unit = "" } = this.#all.get(id) ?? {};
      this.#insert.run(id, name, unit);
    }
  }

  /** What {@link write} has written is on the disk. */
  written(): void {
    this.#unwritten.clear();
  }

  #take(id: number, measure: NameAndUnit): void {
    this.#numbers.set(keyOf(measure.name, measure.unit), id);
    this.#all.set(id, measure);
  }
}

function keyOf(name: string, unit: string): string {
  return `${name} ${unit}`; // A name has no space in it.
}
