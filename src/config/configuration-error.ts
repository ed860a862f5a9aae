import { wholeNumber } from "../formats/elapsed.ts";

/** A place in a file; line and column count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The keys that lead to a value, outermost first. */
export type ConfigurationPath = readonly (string | number)[];

/** One thing that is wrong with a configuration. */
export interface ConfigurationIssue {
  /** Empty when the issue concerns the whole file. */
  readonly path: ConfigurationPath;
  /** What is wrong and what is allowed; contains no secret and does not end in a period. */
  readonly message: string;
  /** What was probably meant; computed only for issues that are printed, because it takes long where there are many names. */
  readonly advice?: (() => string) | undefined;
  /** The message of an error that the configuration's own code threw. It may contain a secret, so only the log shows it. */
  readonly thrown?: string | undefined;
  /** Undefined when the file has no such place, or when it is code. */
  readonly position: Position | undefined;
}

/** More issues than anybody reads at once; the message says how many there are besides. */
const maxPrintedIssues = 100;

/** A configuration cannot be used. The message has one line per issue: `healthspan.yaml:7:14: checks.cache.url: must be …`. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
  /** The file as messages name it; `environment` when an environment variable is wrong. */
  readonly source: string;
  /** All issues, sorted by position. */
  readonly issues: readonly ConfigurationIssue[];
  /** The message without what the configuration's own code threw, for clients that may not read the log. */
  readonly publicMessage: string;

  constructor(source: string, issues: readonly ConfigurationIssue[], options?: ErrorOptions) {
    const sorted = withoutRepetitions(issues).toSorted((a, b) => compare(a.position, b.position));
    const printed = sorted.slice(0, maxPrintedIssues);
    const lines = printed.map((issue) => `${source}${describe(issue)}`);
    const others = sorted.length - printed.length;
    const rest =
      others === 0 ? [] : [`${source}: and ${wholeNumber(others)} more ${others === 1 ? "issue" : "issues"}`];
    const complete = lines.map((line, index) => withThrown(line, printed[index]?.thrown));
    super([...complete, ...rest].join("\n"), options);
    this.publicMessage = [...lines, ...rest].join("\n");
    this.source = source;
    this.issues = sorted;
  }
}

/** Formats a path for messages: `endpoints./health/.checks[0]`. */
export function formatPath(path: ConfigurationPath): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    return text === "" ? key : `${text}.${key}`;
  }, "");
}

function describe({ path, message, advice, position }: ConfigurationIssue): string {
  const place = position === undefined ? "" : `:${position.line}:${position.column}`;
  return `${place}: ${path.length === 0 ? "" : `${formatPath(path)}: `}${message}${advice?.() ?? ""}`;
}

function withThrown(line: string, thrown: string | undefined): string {
  return thrown === undefined ? line : `${line}: ${thrown}`;
}

/** An aliased value is read once per alias; its issues are reported once. */
function withoutRepetitions(issues: readonly ConfigurationIssue[]): readonly ConfigurationIssue[] {
  const known = new Set<string>();
  return issues.filter(({ message, position }) => {
    if (position === undefined) return true;
    const key = `${position.line}:${position.column}:${message}`;
    if (known.has(key)) return false;
    known.add(key);
    return true;
  });
}

function compare(a: Position | undefined, b: Position | undefined): number {
  return (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0);
}
