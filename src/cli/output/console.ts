import { styleText } from "node:util";
import type { State } from "../../health/state.ts";

/** Where a command prints; tests replace it. */
export interface Console {
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/** The minimum width of the column of names, as in the command of django-health-check. */
const minNameWidth = 24;

/** A check's result as one line. */
export interface CheckLine {
  readonly name: string;
  /** `OK`, or the kind of error and its message. */
  readonly text: string;
  readonly state: State;
}

/** Formats a line, `Database                 ... OK`, with the result in colour on a terminal that supports it. */
export function checkLine({ name, text, state }: CheckLine, nameWidth: number, { stdout }: Console): string {
  const colour = state === "healthy" ? "green" : state === "unhealthy" ? "red" : "yellow";
  const styled = stdout.isTTY === true ? styleText(colour, text, { stream: stdout as NodeJS.WriteStream }) : text;
  return `${name.padEnd(nameWidth)} ... ${styled}\n`;
}

/** The width of the column of names. */
export function nameWidth(names: readonly string[]): number {
  return names.reduce((width, name) => Math.max(width, name.length), minNameWidth);
}

/**
 * Prints lines as checks finish. On a terminal they appear in the order in which they finish, above a line that names the
 * checks still running; in a pipe they keep the order of the checks, so that outputs can be compared.
 */
export class CheckLines {
  readonly #console: Console;
  readonly #width: number;
  readonly #running: Set<string>;
  readonly #finished = new Map<string, CheckLine>();
  readonly #order: readonly string[];
  #printed = 0;

  constructor(names: readonly string[], console: Console) {
    this.#console = console;
    this.#order = names;
    this.#width = nameWidth(names);
    this.#running = new Set(names);
    this.#printRunning();
  }

  finished(line: CheckLine): void {
    const { stdout } = this.#console;
    this.#running.delete(line.name);
    if (stdout.isTTY === true) {
      stdout.write(`\r\u001b[K${checkLine(line, this.#width, this.#console)}`);
      this.#printRunning();
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

  #printRunning(): void {
    const { stdout } = this.#console;
    if (stdout.isTTY !== true || this.#running.size === 0) return;
    const text = `waiting for ${[...this.#running].join(", ")}`;
    const columns = (stdout.columns ?? 80) - 1;
    const fitting = text.length > columns ? `${text.slice(0, columns - 1)}…` : text;
    stdout.write(styleText("dim", fitting, { stream: stdout as NodeJS.WriteStream }));
  }
}
