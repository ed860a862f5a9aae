import { redactor, Secret } from "../../health/secret.ts";
import type { ConfigurationIssue, ConfigurationPath, Position } from "../configuration-error.ts";

/** Where a value is in a file and what it was made from. */
export interface Place {
  readonly path: ConfigurationPath;
  /** The position of its key; in a list, that of the value itself. */
  readonly key: Position;
  readonly value: Position;
  /** Whether a variable in it was replaced, even by its default: then YAML read it as text whatever it contains. */
  readonly replaced: boolean;
  /** The variables whose values it contains, such as `${NAME}`: messages must not show it. */
  readonly variables: readonly string[];
  /** The values of those variables. */
  readonly secrets: readonly string[];
  /** False when a variable in it could not be replaced, so that its value is unknown. */
  readonly resolved: boolean;
}

/** A configuration as written, before it is validated. */
export class Source {
  /** The file's name, as messages show it. */
  readonly name: string;
  readonly value: unknown;
  /** What went wrong while reading. */
  readonly issues: readonly ConfigurationIssue[];
  readonly #places: ReadonlyMap<string, Place>;
  readonly #unresolved: readonly Place[];

  /** @param places none for a configuration that is code */
  constructor(name: string, value: unknown, issues: readonly ConfigurationIssue[] = [], places: readonly Place[] = []) {
    this.name = name;
    this.value = value;
    this.issues = issues;
    this.#places = new Map(places.map((place) => [JSON.stringify(place.path), place]));
    this.#unresolved = places.filter(({ resolved }) => !resolved);
  }

  /** Where the value at a path is; undefined when the file does not contain it. */
  place(path: ConfigurationPath): Place | undefined {
    return this.#places.get(JSON.stringify(path));
  }

  /** An issue with the value at a path, or with its key; a missing value is placed at the map that should contain it. */
  issue(path: ConfigurationPath, message: string, about: "key" | "value" = "value"): ConfigurationIssue {
    return { path, message: this.#redact(path, message), position: this.#positionOf(path, about) };
  }

  /** Whether a variable could not be replaced in the value at the path, or in one above or below it. */
  isUnresolved(path: ConfigurationPath): boolean {
    return this.#unresolved.some((place) => startsWith(place.path, path) || startsWith(path, place.path));
  }

  #positionOf(path: ConfigurationPath, about: "key" | "value"): Position | undefined {
    const place = this.place(path);
    if (place !== undefined) return place[about];
    return path.length === 0 ? undefined : this.#positionOf(path.slice(0, -1), "key");
  }

  /** A check's own message may repeat a value, so the values of variables are redacted from it. */
  #redact(path: ConfigurationPath, message: string): string {
    const section = path.slice(0, 2);
    const near = [...this.#places.values()].filter((place) => startsWith(place.path, section));
    return redactor(near.flatMap(({ secrets }) => secrets.map((secret) => new Secret(secret))))(message);
  }
}

function startsWith(path: ConfigurationPath, beginning: ConfigurationPath): boolean {
  return beginning.every((key, index) => path[index] === key);
}
