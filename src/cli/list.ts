import { styleText } from "node:util";
import { type CataloguedCheck, loadCatalogue } from "../config/load-catalogue.ts";
import { describeCommonOptions, describeOptions, type OptionDescription } from "../config/schema/describe-options.ts";
import { suggestion } from "../config/schema/suggestion.ts";
import { CommandError } from "./output/command-error.ts";
import type { Console } from "./output/console.ts";
import { wrapText } from "./output/wrap-text.ts";

export interface ListOptions {
  readonly format: "text" | "json";
}

/**
 * `healthspan list`: prints the checks of the catalogue and their options.
 * @param type only this one, with the options of every check
 * @throws CommandError when there is no such check
 */
export async function list(type: string | undefined, { format }: ListOptions, console: Console): Promise<void> {
  const checks = await loadCatalogue();
  const chosen = type === undefined ? checks : checks.filter((check) => check.type === type);
  if (type !== undefined && chosen.length === 0) {
    const types = checks.map((check) => check.type);
    throw new CommandError(
      `there is no check of the type "${type}".${suggestion(type, types)} There is: ${types.join(", ")}`,
    );
  }
  const common = chosen[0] === undefined ? [] : describeCommonOptions(chosen[0].Check);
  const { stdout } = console;
  stdout.write(format === "json" ? json(chosen, common) : text(chosen, common, styleFor(console)));
}

function json(checks: readonly CataloguedCheck[], common: readonly OptionDescription[]): string {
  const described = checks.map(({ type, summary, Check }) => ({ type, summary, options: describeOptions(Check) }));
  return `${JSON.stringify({ checks: described, everyCheck: common.map(({ kind: _, ...option }) => option) }, null, 2)}\n`;
}

/** How text is set: on a terminal in colours and to its width, in a pipe without either. */
interface Style {
  readonly title: (text: string) => string;
  readonly name: (text: string) => string;
  readonly facts: (text: string) => string;
  readonly columns: number;
}

/** No narrower, even when a terminal says that it is. */
const leastColumns = 40;

function styleFor({ stdout }: Console): Style {
  const plain = (part: string): string => part;
  if (stdout.isTTY !== true) return { title: plain, name: plain, facts: plain, columns: Number.POSITIVE_INFINITY };
  const stream = stdout as NodeJS.WriteStream; // A stream that is a terminal is one of those.
  const styled = (format: "bold" | "cyan" | "dim") => (part: string) => styleText(format, part, { stream });
  const columns = Math.max(leastColumns, stdout.columns || 80);
  return { title: styled("bold"), name: styled("cyan"), facts: styled("dim"), columns };
}

function text(checks: readonly CataloguedCheck[], common: readonly OptionDescription[], style: Style): string {
  const sections = checks.map(({ type, summary, Check }) => section(type, summary, describeOptions(Check), style));
  return [...sections, section("every check", "Each of them also takes:", common, style)].join("\n");
}

function section(title: string, summary: string, options: readonly OptionDescription[], style: Style): string {
  const width = options.reduce((widest, { name }) => Math.max(widest, name.length), 0);
  const indent = " ".repeat(width + 4);
  const lines = options.flatMap((option) => [
    `  ${style.name(option.name.padEnd(width))}  ${style.facts(factsOf(option))}`,
    ...wrapText(option.description, style.columns - indent.length).map((line) => indent + line),
  ]);
  return [style.title(title), ...wrapText(summary, style.columns - 2).map((line) => `  ${line}`), ...lines, ""].join(
    "\n",
  );
}

/** `text, label, required` or `duration, default 5s`. */
function factsOf({ type, kind, required, default: fallback }: OptionDescription): string {
  const facts = [type];
  if (kind === "label") facts.push("label");
  if (required) facts.push("required");
  if (fallback !== undefined)
    facts.push(`default ${typeof fallback === "string" ? fallback : JSON.stringify(fallback)}`);
  return facts.join(", ");
}
