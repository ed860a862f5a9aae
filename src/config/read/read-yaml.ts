import { isAlias, isMap, isScalar, isSeq, LineCounter, type Pair, parseDocument, type YAMLError } from "yaml";
import type { ConfigurationIssue, ConfigurationPath, Position } from "../configuration-error.ts";
import { type Place, Source } from "./source.ts";
import { substitute, type VariableSource } from "./substitute.ts";

/** More values than any configuration repeats, and few enough that aliases of aliases cannot fill the memory. */
const maxAliasedValues = 50_000;

/** Deeper than any configuration is nested. */
const deepest = 100;

/** Stops the reading of a document of which nothing can be kept. */
class HopelessError extends Error {}

/** Reads a YAML text and replaces the variables in its strings. Whatever is wrong is among the source's issues. */
export function readYaml(name: string, text: string, variables: VariableSource): Source {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    resolveKnownTags: false,
  });
  const [error] = [...document.errors, ...document.warnings];
  // One alone: what follows an issue in the syntax is mostly its consequence.
  if (error !== undefined) return new Source(name, undefined, [syntaxIssue(error, text, lines)]);
  const reader = new DocumentReader(lines, variables);
  try {
    const value = reader.read(document.contents, []);
    return new Source(name, value, reader.issues, reader.places);
  } catch (hopeless) {
    if (!(hopeless instanceof HopelessError)) throw hopeless;
    return new Source(name, undefined, reader.issues);
  }
}

/** Turns the nodes of a document into plain values, remembering where each stands. */
class DocumentReader {
  readonly issues: ConfigurationIssue[] = [];
  readonly places: Place[] = [];
  readonly #lines: LineCounter;
  readonly #variables: VariableSource;
  readonly #anchors = new Map<string, unknown>();
  readonly #open = new Set<unknown>();
  /** How many aliases have been followed to where the reader is. */
  #aliasesAbove = 0;
  #aliasedValues = 0;

  constructor(lines: LineCounter, variables: VariableSource) {
    this.#lines = lines;
    this.#variables = variables;
  }

  /** @param key where the value's key stands, when it has one */
  read(node: unknown, path: ConfigurationPath, key?: Position): unknown {
    if (this.#aliasesAbove > 0) this.#aliasedValues += 1;
    const position = this.#positionOf(node) ?? key;
    if (this.#aliasedValues > maxAliasedValues) {
      this.#giveUp(`has more than ${maxAliasedValues} values when its aliases are followed`);
    }
    if (path.length > deepest) this.#giveUp(`is nested more than ${deepest} levels deep`);
    if (isAlias(node)) return this.#readAlias(node.source, path, key, position);
    if (isScalar(node) || isMap(node) || isSeq(node)) {
      if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    }
    if (isScalar(node) && typeof node.value === "string") return this.#readText(node.value, path, key, position);
    this.#place(path, key, position);
    if (isScalar(node)) return node.value;
    this.#open.add(node);
    const value = isMap(node) ? this.#readMap(node.items, path) : isSeq(node) ? this.#readList(node.items, path) : null;
    this.#open.delete(node);
    return value;
  }

  #readAlias(anchor: string, path: ConfigurationPath, key: Position | undefined, position: Position | undefined) {
    const target = this.#anchors.get(anchor);
    if (target !== undefined && !this.#open.has(target)) {
      this.#aliasesAbove += 1;
      const value = this.read(target, path, key ?? position);
      this.#aliasesAbove -= 1;
      return value;
    }
    const issue =
      target === undefined
        ? "there is no such anchor above; a text that starts with * must be put in quotes"
        : "the anchor contains itself";
    this.issues.push({ path, message: issue, position });
    this.#place(path, key, position, { resolved: false });
    return null;
  }

  #readText(text: string, path: ConfigurationPath, key: Position | undefined, position: Position | undefined): string {
    const { text: replaced, values, variables, issues } = substitute(text, this.#variables);
    for (const message of issues) this.issues.push({ path, message, position });
    const resolved = issues.length === 0;
    this.#place(path, key, position, { replaced: replaced !== text, variables, secrets: values, resolved });
    return replaced;
  }

  #readList(items: readonly unknown[], path: ConfigurationPath): unknown[] {
    return items.map((item, index) => this.read(item, [...path, index]));
  }

  #readMap(items: readonly Pair[], path: ConfigurationPath): Record<string, unknown> {
    const values: Record<string, unknown> = {};
    const merged: Record<string, unknown>[] = [];
    const firstPlace = this.places.length;
    for (const { key: keyNode, value: node } of items) {
      const position = this.#positionOf(keyNode);
      const key = this.#keyOf(keyNode, path, position);
      if (key === undefined) continue;
      if (key === "<<") {
        for (const map of isSeq(node) ? node.items : [node])
          merged.push(this.#readMerged(map, path, firstPlace, position));
      } else if (Object.hasOwn(values, key)) {
        const message =
          path.length === 1 && path[0] === "checks"
            ? `two checks are called "${key}"; give one of them another name`
            : "is given twice";
        this.issues.push({ path: [...path, key], message, position });
      } else {
        values[key] = this.read(node, [...path, key], position);
      }
    }
    // What a map says itself wins over what it merges, and the first that it merges over the others.
    return Object.assign({}, ...merged.toReversed(), values);
  }

  /** What `<<: *anchor` or `<<: [*one, *other]` brings in. Its places give way to those of the keys that win over it. */
  #readMerged(
    node: unknown,
    path: ConfigurationPath,
    firstPlace: number,
    position: Position | undefined,
  ): Record<string, unknown> {
    const from = this.places.length;
    const issuesBefore = this.issues.length;
    const value = this.read(node, path, position);
    const brought = this.places.splice(from).filter((place) => place.path.length > path.length);
    this.places.splice(firstPlace, 0, ...brought);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
    if (this.issues.length === issuesBefore) {
      this.issues.push({ path: [...path, "<<"], message: "must be an alias of a map, such as *defaults", position });
    }
    return {};
  }

  #keyOf(node: unknown, path: ConfigurationPath, position: Position | undefined): string | undefined {
    const scalar = isAlias(node) ? this.#anchors.get(node.source) : node;
    if (isScalar(scalar) && scalar.anchor !== undefined) this.#anchors.set(scalar.anchor, scalar);
    const key = isScalar(scalar) ? (typeof scalar.value === "string" ? scalar.value : scalar.source) : undefined;
    // No plain object can hold `__proto__` as a key of its own.
    if (key !== undefined && key !== "" && key !== "__proto__") return key;
    this.issues.push({ path, message: "has a key that is no name", position });
    return undefined;
  }

  #place(
    path: ConfigurationPath,
    key: Position | undefined,
    value: Position | undefined,
    about: Partial<Omit<Place, "path" | "key" | "value">> = {},
  ): void {
    if (value === undefined) return;
    const plain = { replaced: false, variables: [], secrets: [], resolved: true };
    this.places.push({ path, key: key ?? value, value, ...plain, ...about });
  }

  #positionOf(node: unknown): Position | undefined {
    if (!(isScalar(node) || isMap(node) || isSeq(node) || isAlias(node)) || !node.range) return undefined;
    return positionAt(this.#lines, node.range[0]);
  }

  #giveUp(message: string): never {
    this.issues.push({ path: [], message, position: undefined });
    throw new HopelessError(message);
  }
}

function positionAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}

/** An issue in the syntax, told without the text around it: a secret that lacks its quotes may be the issue. */
function syntaxIssue({ code, message, pos }: YAMLError, text: string, lines: LineCounter): ConfigurationIssue {
  const [offset] = pos;
  const position = positionAt(lines, offset);
  const issue = (explanation: string): ConfigurationIssue => ({ path: [], message: explanation, position });
  switch (code) {
    case "RESOURCE_EXHAUSTION": // Where the parser gave up depends on the machine.
      return { path: [], message: `is nested more than ${deepest} levels deep`, position: undefined };
    case "TAB_AS_INDENT":
      return issue("tabs are not allowed as indentation; use spaces");
    case "MULTIPLE_DOCS":
      return issue("there is a second document; a configuration is one");
    case "TAG_RESOLVE_FAILED":
      return issue("there is no such tag; leave it out, or put a text that starts with ! in quotes");
    case "BAD_DIRECTIVE":
      return issue("a line that starts with % must be put in quotes");
    case "BAD_DQ_ESCAPE":
      return issue("a \\ begins no character here; write two of them, or put the text in single quotes");
    case "BLOCK_AS_IMPLICIT_KEY":
      if (message.startsWith("Nested mappings")) return issue("a text with a colon and a space must be put in quotes");
      break;
    case "BAD_SCALAR_START":
      return issue(`a text that starts with ${text[offset]} must be put in quotes`);
    case "UNEXPECTED_TOKEN":
      if (text.slice(offset - 1, offset + 1) === "${")
        return issue("a variable inside { } or [ ] must be put in quotes");
  }
  const [withoutSource = ""] = message.split(": ");
  return issue(`is not valid YAML: ${withoutSource}`);
}
