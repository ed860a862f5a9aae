import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Pair,
  Parser,
  visit,
  type YAMLError,
} from "yaml";
import type { ConfigurationIssue, ConfigurationPath } from "../configuration-error.ts";
import { isExtension } from "../schema/schema-at.ts";
import { TimeSlices } from "../time-slices.ts";
import { type Contents, NodePlace, plain, positionAt } from "./node-place.ts";
import { Source } from "./source.ts";
import { substitute, type VariableSource } from "./substitute.ts";

/** More than any configuration needs, and few enough that aliases of aliases cannot fill the memory. */
const maxAliasedValues = 50_000;

/** Deeper than any configuration needs. */
const maxDepth = 100;

/** Stops reading a document that cannot be used at all. */
class UnreadableDocumentError extends Error {}

/** Parses YAML and replaces the variables in its strings. Errors become issues of the returned source. */
export async function readYaml(name: string, text: string, variables: VariableSource): Promise<Source> {
  const lines = new LineCounter();
  const [document, second] = await parseDocuments(text, lines);
  const [error] = [...(document?.errors ?? []), ...(document?.warnings ?? [])];
  // Only the first: later syntax errors are mostly its consequences.
  if (error !== undefined) return new Source(name, undefined, [syntaxIssue(error, text, lines)]);
  if (second !== undefined) {
    const message = "a second YAML document starts here; put everything in one, without a line ---";
    return new Source(name, undefined, [{ path: [], message, position: positionAt(lines, second.range[0]) }]);
  }
  const reader = new DocumentReader(lines, variables);
  try {
    const value = reader.read(document?.contents, []);
    return new Source(name, value, reader.issues, reader.places);
  } catch (error) {
    if (!(error instanceof UnreadableDocumentError)) throw error;
    return new Source(name, undefined, reader.issues);
  }
}

/**
 * Does the work of yaml's `parseDocument`, which would block the event loop for a long time when there are many checks.
 * @returns the first document, and the second if there is one
 */
async function parseDocuments(text: string, lines: LineCounter): Promise<readonly (Document.Parsed | undefined)[]> {
  const slices = new TimeSlices();
  const parser = new Parser(lines.addNewLine);
  const tokens: CST.Token[] = [];
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (slices.isOver) await slices.pause();
  }
  for (const token of parser.end()) tokens.push(token);
  const composer = new Composer({ prettyErrors: false, uniqueKeys: false, resolveKnownTags: false });
  const [first, second] = composer.compose(tokens, true, text.length);
  await slices.pause();
  return [first, second];
}

/** Turns the nodes of a document into plain values and records the place of each. */
class DocumentReader {
  readonly issues: ConfigurationIssue[] = [];
  readonly places: NodePlace[] = [];
  readonly #lines: LineCounter;
  readonly #variables: VariableSource;
  readonly #anchors = new Map<string, unknown>();
  readonly #open = new Set<unknown>();
  /** How many aliases lead to the current node. */
  #aliasesAbove = 0;
  #aliasedValues = 0;

  constructor(lines: LineCounter, variables: VariableSource) {
    this.#lines = lines;
    this.#variables = variables;
  }

  /** @param key the offset of the value's key, when it has one */
  read(node: unknown, path: ConfigurationPath, key?: number): unknown {
    if (this.#aliasesAbove > 0) this.#aliasedValues += 1;
    const offset = offsetOf(node) ?? key;
    if (this.#aliasedValues > maxAliasedValues) {
      this.#giveUp(`has more than ${maxAliasedValues} values once its aliases are expanded`);
    }
    if (path.length > maxDepth) this.#giveUp(`is nested more than ${maxDepth} levels deep`);
    if (isAlias(node)) return this.#readAlias(node.source, path, key, offset);
    if (isScalar(node) || isMap(node) || isSeq(node)) {
      if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    }
    if (isScalar(node) && typeof node.value === "string") return this.#readText(node.value, path, key, offset);
    this.#place(path, key, offset);
    if (isScalar(node)) return node.value;
    this.#open.add(node);
    const value = isMap(node) ? this.#readMap(node.items, path) : isSeq(node) ? this.#readList(node.items, path) : null;
    this.#open.delete(node);
    return value;
  }

  #readAlias(anchor: string, path: ConfigurationPath, key: number | undefined, offset: number | undefined) {
    const target = this.#anchors.get(anchor);
    if (target !== undefined && !this.#open.has(target)) {
      this.#aliasesAbove += 1;
      const value = this.read(target, path, key ?? offset);
      this.#aliasesAbove -= 1;
      return value;
    }
    const issue =
      target === undefined
        ? "unknown anchor; define it above, or put text that starts with * in quotes"
        : "the anchor contains itself; an alias cannot refer to a value that surrounds it";
    this.#issue(path, issue, offset);
    this.#place(path, key, offset, { resolved: false });
    return null;
  }

  #readText(text: string, path: ConfigurationPath, key: number | undefined, offset: number | undefined): string {
    const { text: replaced, values, variables, issues } = substitute(text, this.#variables);
    for (const message of issues) this.#issue(path, message, offset);
    const resolved = issues.length === 0;
    const isPlain = replaced === text && resolved;
    this.#place(
      path,
      key,
      offset,
      isPlain ? plain : { replaced: replaced !== text, variables, secrets: values, resolved },
    );
    return replaced;
  }

  /** Makes the anchors of a value known without reading it: its variables need not be set. */
  #registerAnchors(node: unknown): void {
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return;
    visit(node, {
      Value: (_, value) => {
        if (value.anchor !== undefined) this.#anchors.set(value.anchor, value);
      },
    });
  }

  #readList(items: readonly unknown[], path: ConfigurationPath): unknown[] {
    return items.map((item, index) => this.read(item, [...path, index]));
  }

  #readMap(items: readonly Pair[], path: ConfigurationPath): Record<string, unknown> {
    const values: Record<string, unknown> = {};
    const merged: Record<string, unknown>[] = [];
    const firstPlace = this.places.length;
    for (const { key: keyNode, value: node } of items) {
      const offset = offsetOf(keyNode);
      const key = this.#keyOf(keyNode, path, offset);
      if (key === undefined) continue;
      if (path.length === 0 && isExtension(key)) {
        this.#registerAnchors(node);
        continue;
      }
      if (key === "<<") {
        for (const map of isSeq(node) ? node.items : [node])
          merged.push(this.#readMerged(map, path, firstPlace, offset));
      } else if (Object.hasOwn(values, key)) {
        const message =
          path.length === 1 && path[0] === "checks"
            ? `two checks are called "${key}"; rename one of them`
            : "is given twice; remove one";
        this.#issue([...path, key], message, offset);
      } else {
        values[key] = this.read(node, [...path, key], offset);
      }
    }
    // A map's own keys win over merged ones, and earlier merged maps over later ones.
    return Object.assign({}, ...merged.toReversed(), values);
  }

  /** Reads a map merged by `<<: *anchor` or `<<: [*one, *other]`. Its places come first, so that keys that win override them. */
  #readMerged(
    node: unknown,
    path: ConfigurationPath,
    firstPlace: number,
    offset: number | undefined,
  ): Record<string, unknown> {
    const from = this.places.length;
    const issuesBefore = this.issues.length;
    const value = this.read(node, path, offset);
    const brought = this.places.splice(from).filter((place) => place.path.length > path.length);
    this.places.splice(firstPlace, 0, ...brought);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
    if (this.issues.length === issuesBefore) {
      this.#issue([...path, "<<"], "must be an alias of a map, such as *defaults", offset);
    }
    return {};
  }

  #keyOf(node: unknown, path: ConfigurationPath, offset: number | undefined): string | undefined {
    const scalar = isAlias(node) ? this.#anchors.get(node.source) : node;
    if (isScalar(scalar) && scalar.anchor !== undefined) this.#anchors.set(scalar.anchor, scalar);
    const key = isScalar(scalar) ? (typeof scalar.value === "string" ? scalar.value : scalar.source) : undefined;
    // A plain object cannot have `__proto__` as an own key.
    if (key !== undefined && key !== "" && key !== "__proto__") return key;
    this.#issue(path, "has an unusable key: a key must be text, not empty and not __proto__", offset);
    return undefined;
  }

  #place(
    path: ConfigurationPath,
    key: number | undefined,
    value: number | undefined,
    contents: Contents = plain,
  ): void {
    if (value !== undefined) this.places.push(new NodePlace(path, this.#lines, key ?? value, value, contents));
  }

  #issue(path: ConfigurationPath, message: string, offset: number | undefined): void {
    const position = offset === undefined ? undefined : positionAt(this.#lines, offset);
    this.issues.push({ path, message, position });
  }

  #giveUp(message: string): never {
    this.issues.push({ path: [], message, position: undefined });
    throw new UnreadableDocumentError(message);
  }
}

function offsetOf(node: unknown): number | undefined {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range?.[0] : undefined;
}

/** A syntax error, without the text around it: the error may be in a secret that needs quotes. */
function syntaxIssue({ code, message, pos }: YAMLError, text: string, lines: LineCounter): ConfigurationIssue {
  const [offset] = pos;
  const position = positionAt(lines, offset);
  const issue = (explanation: string): ConfigurationIssue => ({ path: [], message: explanation, position });
  switch (code) {
    case "RESOURCE_EXHAUSTION": // Where the parser gives up depends on the machine.
      return { path: [], message: `is nested more than ${maxDepth} levels deep`, position: undefined };
    case "TAB_AS_INDENT":
      return issue("tabs are not allowed for indentation; use spaces");
    case "TAG_RESOLVE_FAILED":
      return issue("unknown tag; remove it, or put text that starts with ! in quotes");
    case "BAD_DIRECTIVE":
      return issue("text that starts with % must be in quotes");
    case "BAD_DQ_ESCAPE":
      return issue("invalid escape sequence; write \\\\ for a backslash, or put the text in single quotes");
    case "BLOCK_AS_IMPLICIT_KEY":
      if (message.startsWith("Nested mappings"))
        return issue("text that contains a colon and a space must be in quotes");
      break;
    case "BAD_SCALAR_START":
      return issue(`text that starts with ${text[offset]} must be in quotes`);
    case "UNEXPECTED_TOKEN":
      if (text.slice(offset - 1, offset + 1) === "${") return issue("a variable inside { } or [ ] must be in quotes");
  }
  const [withoutSource = ""] = message.split(": ");
  return issue(`is not valid YAML: ${withoutSource}`);
}
