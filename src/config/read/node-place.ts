import type { LineCounter } from "yaml";
import type { ConfigurationPath, Position } from "../configuration-error.ts";
import type { Place } from "./source.ts";

/** What a place tells of its value besides where it is. */
export type Contents = Partial<Omit<Place, "path" | "key" | "value">>;

/** Those of most values. */
export const plain: Contents = {};
const none: readonly string[] = [];

/** The place of a node. Lines and columns are looked up when they are asked for: of thousands of checks, only what is wrong is. */
export class NodePlace implements Place {
  readonly path: ConfigurationPath;
  readonly #lines: LineCounter;
  readonly #key: number;
  readonly #value: number;
  readonly #contents: Contents;

  constructor(path: ConfigurationPath, lines: LineCounter, key: number, value: number, contents: Contents) {
    this.path = path;
    this.#lines = lines;
    this.#key = key;
    this.#value = value;
    this.#contents = contents;
  }

  get key(): Position {
    return positionAt(this.#lines, this.#key);
  }

  get value(): Position {
    return positionAt(this.#lines, this.#value);
  }

  get replaced(): boolean {
    return this.#contents.replaced ?? false;
  }

  get variables(): readonly string[] {
    return this.#contents.variables ?? none;
  }

  get secrets(): readonly string[] {
    return this.#contents.secrets ?? none;
  }

  get resolved(): boolean {
    return this.#contents.resolved ?? true;
  }
}

/** Where an offset is. */
export function positionAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}
