import { redactor } from "../../health/redaction/redactor.ts";
import { Secret } from "../../health/secret.ts";
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
  /** The values of those variables, in the same order. */
  readonly secrets: readonly string[];
  /** False when a variable in it could not be replaced, so that its value is unknown. */
  readonly resolved: boolean;
}

/** Options whose value is the name of a host. */
const hostOptions: ReadonlySet<string> = new Set(["host", "hostname"]);

/** A configuration as written, before it is validated. */
export class Source {
  /** The file's name, as messages show it. */
  readonly name: string;
  readonly value: unknown;
  /** What went wrong while reading. */
  readonly issues: readonly ConfigurationIssue[];
  readonly #places: readonly Place[];
  #placesByPath: ReadonlyMap<string, Place> | undefined;
  /** The places of values whose variables could not be replaced, and of everything above them. */
  readonly #unresolved = new Set<string>();
  readonly #aboveUnresolved = new Set<string>();
  readonly #redactors = new Map<string, (text: string) => string>();
  readonly #hasSecrets: boolean;
  #replacedBySection: ReadonlyMap<string, readonly Place[]> | undefined;

  /** @param places none for a configuration that is code */
  constructor(name: string, value: unknown, issues: readonly ConfigurationIssue[] = [], places: readonly Place[] = []) {
    this.name = name;
    this.value = value;
    this.issues = issues;
    this.#places = places;
    this.#hasSecrets = places.some(({ secrets }) => secrets.length > 0);
    for (const { path } of places.filter(({ resolved }) => !resolved)) {
      this.#unresolved.add(keyOf(path));
      for (const above of pathsAbove(path)) this.#aboveUnresolved.add(keyOf(above));
    }
  }

  /** Where the value at a path is; undefined when the file does not contain it. */
  place(path: ConfigurationPath): Place | undefined {
    return this.#placeOf().get(keyOf(path));
  }

  /** Made when it is first needed: a configuration without issues seldom needs it, and it is large. */
  #placeOf(): ReadonlyMap<string, Place> {
    this.#placesByPath ??= new Map(this.#places.map((place) => [keyOf(place.path), place]));
    return this.#placesByPath;
  }

  /** An issue with the value at a path, or with its key; a missing value is placed at the map that should contain it. */
  issue(path: ConfigurationPath, message: string, { about = "value", advice }: IssueDetails = {}): ConfigurationIssue {
    const redact = this.#redactorAt(path);
    return {
      path,
      message: redact(message),
      position: this.#positionOf(path, about),
      ...(advice !== undefined && { advice: () => redact(advice()) }),
    };
  }

  /** Whether a variable could not be replaced in the value at the path, or in one above or below it. */
  isUnresolved(path: ConfigurationPath): boolean {
    const key = keyOf(path);
    if (this.#unresolved.has(key) || this.#aboveUnresolved.has(key)) return true;
    return this.#unresolved.size > 0 && pathsAbove(path).some((above) => this.#unresolved.has(keyOf(above)));
  }

  /**
   * The values of variables at a path and below it.
   * @param isWanted by what stands between the braces: `NAME` or `file:PATH`
   */
  outsideValues(path: ConfigurationPath, isWanted: (variable: string) => boolean): readonly string[] {
    if (!this.#hasSecrets) return [];
    this.#replacedBySection ??= replacedBySection([...this.#placeOf().values()]);
    const places = this.#replacedBySection.get(sectionOf(path)) ?? [];
    return places.flatMap((place) => {
      const { variables, secrets } = place;
      const shown = this.#hostAt(place);
      return secrets.filter(
        (value, index) => value !== shown && isWanted(variables[index]?.slice("${".length, -1) ?? ""),
      );
    });
  }

  /** What stands at a place that names a host and nothing else: it says what is checked, and is no credential. */
  #hostAt({ path }: Place): unknown {
    if (!hostOptions.has(String(path.at(-1)))) return undefined;
    return path.reduce<unknown>((value, key) => (value as Readonly<Record<string | number, unknown>>)[key], this.value);
  }

  #positionOf(path: ConfigurationPath, about: "key" | "value"): Position | undefined {
    const place = this.place(path);
    if (place !== undefined) return place[about];
    return path.length === 0 ? undefined : this.#positionOf(path.slice(0, -1), "key");
  }

  /** A check's own message may repeat a value, so the values of variables in the same section are redacted from it. */
  #redactorAt(path: ConfigurationPath): (text: string) => string {
    const section = sectionOf(path);
    let redact = this.#redactors.get(section);
    if (redact === undefined) {
      const values = this.outsideValues(path, () => true);
      redact = redactor([...new Set(values)].map((value) => new Secret(value)));
      this.#redactors.set(section, redact);
    }
    return redact;
  }
}

/** How to report an issue. */
export interface IssueDetails {
  /** Whether the issue is with the key or the value. Default: the value. */
  readonly about?: "key" | "value" | undefined;
  readonly advice?: (() => string) | undefined;
}

function keyOf(path: ConfigurationPath): string {
  return JSON.stringify(path);
}

/** A check, an endpoint or another entry of a top-level option, together with everything below it. */
function sectionOf(path: ConfigurationPath): string {
  return keyOf(path.slice(0, 2));
}

/** All paths that lead to a path, shortest first, without the path itself. */
function pathsAbove(path: ConfigurationPath): readonly ConfigurationPath[] {
  return path.map((_, length) => path.slice(0, length));
}

/** The places with variables in each section, and in the whole file and each top-level option for issues that concern these. */
function replacedBySection(places: readonly Place[]): ReadonlyMap<string, readonly Place[]> {
  const sections = new Map<string, Place[]>();
  for (const place of places) {
    if (place.secrets.length === 0) continue;
    for (const section of new Set([...pathsAbove(place.path), place.path].map(sectionOf))) {
      const known = sections.get(section);
      if (known === undefined) sections.set(section, [place]);
      else known.push(place);
    }
  }
  return sections;
}
