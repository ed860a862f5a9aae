import { styleText } from "node:util";
import type { State } from "../../health/state.ts";

/** Where a command prints, so that a test can read it. */
export interface Console {
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/** The least width of the column of names, as django-health-check's command prints it. */
const leastNameWidth = 24;

/** What is known of a check when its line is printed. */
export interface CheckLine {
  readonly name: string;
  /** `OK`, or what is wrong. */
  readonly text: string;
  readonly state: State;
}

/** `Database                 ... OK`, with the state in colour on a terminal that wants colours. */
export function checkLine({ name, text, state }: CheckLine, nameWidth: number, { stdout }: Console): string {
  const colour = state === "healthy" ? "green" : state === "unhealthy" ? "red" : "yellow";
  const styled = stdout.isTTY === true ? styleText(colour, text, { stream: stdout as NodeJS.WriteStream }) : text;
  return `${name.padEnd(nameWidth)} ... ${styled}\n`;
}

/** How wide the column of these names is. */
export function nameWidth(names: readonly string[]): number {
  return names.reduce((width, name) => Math.max(width, name.length), leastNameWidth);
}

/**
 * Prints lines as their checks finish. On a terminal they come in the order in which they finish, above a line that says
 * what is still awaited; in a pipe in the order of the checks, so that two outputs can be compared.
 */
export class CheckLines {
  readonly #console: Console;
  readonly #width: number;
  readonly #awaited: Set<string>;
  readonly #finished = new Map<string, CheckLine>();
  readonly #order: readonly string[];
  #printed = 0;

  constructor(names: readonly string[], console: Console) {
    this.#console = console;
    this.#order = names;
    this.#width = nameWidth(names);
    this.#awaited = new Set(names);
    this.#printAwaited();
  }

  finished(line: CheckLine): void {
    const { stdout } = this.#console;
    this.#awaited.delete(line.name);
    if (stdout.isTTY === true) {
      stdout.write(`\r\u001b[K${checkLine(line, this.#width, this.#console)}`);
      this.#printAwaited();
      return;
    }
    this.#finished.set(line.name, line);
    for (;;) {
      const next = this.#finished.get(this.#order[this.#printed] ?? "");
      if (next === undefined) return;
      stdout.write(checkLine(next, this.#width, this.#console));
      this.#printed += 1;
    }
  }

  #printAwaited(): void {
    const { stdout } = this.#console;
    if (stdout.isTTY !== true || this.#awaited.size === 0) return;
    const text = `waiting for ${[...this.#awaited].join(", ")}`;
    const columns = (stdout.columns ?? 80) - 1;
    const fitting = text.length > columns ? `${text.slice(0, columns - 1)}…` : text;
    stdout.write(styleText("dim", fitting, { stream: stdout as NodeJS.WriteStream }));
  }
}
