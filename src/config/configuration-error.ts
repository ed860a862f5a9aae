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
  /** The message of an error that the configuration's own code threw. It may contain a secret, so only the log shows it. */
  readonly thrown?: string | undefined;
  /** Undefined when the file has no such place, or when it is code. */
  readonly position: Position | undefined;
}

/** A configuration cannot be used. The message has one line per issue: `healthspan.yaml:7:14: checks.cache.url: must be …`. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
  /** The file as messages name it; `environment` when an environment variable is wrong. */
  readonly source: string;
  /** Sorted by position. */
  readonly issues: readonly ConfigurationIssue[];
  /** The message without what the configuration's own code threw, for clients that may not read the log. */
  readonly publicMessage: string;

  constructor(source: string, issues: readonly ConfigurationIssue[], options?: ErrorOptions) {
    const sorted = issues.filter(isFirst).toSorted((a, b) => compare(a.position, b.position));
    const lines = sorted.map((issue) => `${source}${describe(issue)}`);
    super(lines.map((line, index) => withThrown(line, sorted[index]?.thrown)).join("\n"), options);
    this.publicMessage = lines.join("\n");
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

function describe({ path, message, position }: ConfigurationIssue): string {
  const place = position === undefined ? "" : `:${position.line}:${position.column}`;
  return `${place}: ${path.length === 0 ? "" : `${formatPath(path)}: `}${message}`;
}

function withThrown(line: string, thrown: string | undefined): string {
  return thrown === undefined ? line : `${line}: ${thrown}`;
}

/** An aliased value is read once per alias; its issues are reported once. */
function isFirst(
  { message, position }: ConfigurationIssue,
  index: number,
  issues: readonly ConfigurationIssue[],
): boolean {
  if (position === undefined) return true;
  const first = issues.findIndex((other) => other.message === message && compare(other.position, position) === 0);
  return first === index;
}

function compare(a: Position | undefined, b: Position | undefined): number {
  return (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0);
}
