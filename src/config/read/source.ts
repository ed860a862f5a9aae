import { redactor, Secret } from "../../health/secret.ts";
import type { ConfigurationIssue, ConfigurationPath, Position } from "../configuration-error.ts";

/** Where a value stands in a file and what it was made from. */
export interface Place {
  readonly path: ConfigurationPath;
  /** Where its key stands; that of the value itself in a list. */
  readonly key: Position;
  readonly value: Position;
  /** Whether a variable in it was replaced, if only by its default: then it is text whatever it says. */
  readonly replaced: boolean;
  /** The variables whose values are part of it, as written: it must not be shown. */
  readonly variables: readonly string[];
  /** What those variables hold. */
  readonly secrets: readonly string[];
  /** False when a variable in it could not be replaced: nothing can be said about its value. */
  readonly resolved: boolean;
}

/** A configuration as it was written, before anything is known of its meaning. */
export class Source {
  /** What messages call it: the file's name. */
  readonly name: string;
  readonly value: unknown;
  /** What was found wrong while reading. */
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

  /** What is known of the value at a path; undefined when the file does not say it. */
  place(path: ConfigurationPath): Place | undefined {
    return this.#places.get(JSON.stringify(path));
  }

  /** An issue in the value at a path, or in its key; one that is missing stands where it should be. */
  issue(path: ConfigurationPath, message: string, about: "key" | "value" = "value"): ConfigurationIssue {
    return { path, message: this.#redact(path, message), position: this.#positionOf(path, about) };
  }

  /** Whether a variable could not be replaced in the value at the path, above it or below it. */
  isUnresolved(path: ConfigurationPath): boolean {
    return this.#unresolved.some((place) => startsWith(place.path, path) || startsWith(path, place.path));
  }

  #positionOf(path: ConfigurationPath, about: "key" | "value"): Position | undefined {
    const place = this.place(path);
    if (place !== undefined) return place[about];
    return path.length === 0 ? undefined : this.#positionOf(path.slice(0, -1), "key");
  }

  /** A check's own words about a value may repeat it, so that what came from a variable is taken out of them. */
  #redact(path: ConfigurationPath, message: string): string {
    const section = path.slice(0, 2);
    const near = [...this.#places.values()].filter((place) => startsWith(place.path, section));
    return redactor(near.flatMap(({ secrets }) => secrets.map((secret) => new Secret(secret))))(message);
  }
}

function startsWith(path: ConfigurationPath, beginning: ConfigurationPath): boolean {
  return beginning.every((key, index) => path[index] === key);
}
