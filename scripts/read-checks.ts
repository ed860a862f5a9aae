import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";

/** What the source of a check says about it. */
export interface CheckSource {
  /** The name of its file, which is its `type` in a configuration. */
  readonly type: string;
  readonly className: string;
  /** The names that its file exports, those of types with `type ` before them. */
  readonly exports: readonly string[];
  /** The first sentence of the documentation, on one line. */
  readonly summary: string;
  /** The doc comment of its class without the comment's own signs: paragraphs of Markdown. */
  readonly documentation: string;
  /** The doc comment of its `retarget()`, on one line: what a target is. Undefined without one. */
  readonly targets: string | undefined;
}

const folder = join(import.meta.dirname, "../src/checks");

/**
 * Reads the checks of the catalogue from their sources.
 * @throws Error that names the file without a class of its name, or without a doc comment
 */
export async function readChecks(): Promise<readonly CheckSource[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith(".ts") && name !== "index.ts").sort();
  return Promise.all(
    files.map(async (name) => readCheck(basename(name, ".ts"), await readFile(join(folder, name), "utf8"))),
  );
}

/** Finds the class whose name is the file's, and its doc comment. */
export function readCheck(type: string, source: string): CheckSource {
  const className = type.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
  const declaration = new RegExp(`(?:/\\*\\*((?:(?!\\*/).)*)\\*/\\s*)?export class ${className}\\b`, "s").exec(source);
  if (declaration === null) throw new Error(`src/checks/${type}.ts must export a class called ${className}`);
  const documentation = commentText(declaration[1]);
  if (documentation === "") throw new Error(`src/checks/${type}.ts: the class ${className} needs a doc comment`);
  const retarget = /\/\*\*((?:(?!\*\/).)*)\*\/\s*(?:override )?retarget\(/s.exec(source);
  const targets = retarget === null ? undefined : commentText(retarget[1]).replaceAll(/\s+/g, " ");
  return { type, className, exports: exportsOf(source), summary: firstSentence(documentation), documentation, targets };
}

function exportsOf(source: string): readonly string[] {
  const declarations = source.matchAll(
    /^export (?:abstract )?(type|interface|class|const|function|async function) (\w+)/gm,
  );
  return [...declarations].map(([, kind = "", name = ""]) => {
    return ["type", "interface"].includes(kind) ? `type ${name}` : name;
  });
}

/** What a doc comment says, without its own signs. */
function commentText(comment = ""): string {
  return comment.replaceAll(/^[ \t]*\*(?: |$)/gm, "").trim();
}

function firstSentence(documentation: string): string {
  const [paragraph = ""] = documentation.split(/\n\s*\n/);
  const line = paragraph.replaceAll(/\s+/g, " ");
  return /^.*?\.(?= [A-Z`]|$)/.exec(line)?.[0] ?? line;
}
