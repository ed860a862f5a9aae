/** A place in a file; both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The keys that lead to a value, the outermost first. */
export type ConfigurationPath = readonly (string | number)[];

/** One thing that is wrong with a configuration. */
export interface ConfigurationIssue {
  /** Empty when it concerns the whole file. */
  readonly path: ConfigurationPath;
  /** What is wrong and what is allowed, without any secret; no period at its end. */
  readonly message: string;
  /** The text of an error that the configuration's own code threw. It may hold a secret: it is not for everybody. */
  readonly thrown?: string | undefined;
  /** Where the file says it; undefined when it does not, or when it is code. */
  readonly position: Position | undefined;
}

/** A configuration cannot be used. The message has a line for each issue: `healthspan.yaml:7:14: checks.cache.url: must be …`. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
  /** The file as messages call it; `environment` when a variable is to blame. */
  readonly source: string;
  /** In the order of the file. */
  readonly issues: readonly ConfigurationIssue[];
  /** The message for those who may not read everything: without what the configuration's own code threw. */
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

/** A path as it is written in messages: `endpoints./health/.checks[0]`. */
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

/** What stands in a file once can be read in several places, by aliases: it is told of once. */
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
