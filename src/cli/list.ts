import { styleText } from "node:util";
import { type GroupedChecks, inGroups, loadCatalogue } from "../config/load-catalogue.ts";
import { describeCommonOptions, describeOptions, type OptionDescription } from "../config/schema/describe-options.ts";
import { suggestion } from "../config/schema/suggestion.ts";
import { CommandError } from "./output/command-error.ts";
import type { Console } from "./output/console.ts";
import { wrapText } from "./output/wrap-text.ts";

/** The options of `healthspan list`. */
export interface ListOptions {
  readonly format: "text" | "json";
}

/**
 * `healthspan list`: prints the types of checks and their options.
 * @param type only this one, with the options that every check has
 * @throws CommandError when there is no such type
 */
export async function list(type: string | undefined, { format }: ListOptions, console: Console): Promise<void> {
  const checks = await loadCatalogue();
  const chosen = type === undefined ? checks : checks.filter((check) => check.type === type);
  if (type !== undefined && chosen.length === 0) {
    const types = checks.map((check) => check.type);
    throw new CommandError(`unknown type "${type}".${suggestion(type, types)} Known types: ${types.join(", ")}`);
  }
  const common = describeCommonOptions();
  const { stdout } = console;
  const groups = inGroups(chosen);
  stdout.write(format === "json" ? json(groups, common) : text(groups, common, styleFor(console)));
}

function json(groups: readonly GroupedChecks[], common: readonly OptionDescription[]): string {
  const described = groups.flatMap(({ group, checks }) => checks.map((check) => ({ group, ...check })));
  const checks = described.map(({ type, group, summary, Check }) => {
    return { type, group, summary, options: describeOptions(Check), measures: Check.definition.measures };
  });
  return `${JSON.stringify({ checks, everyCheck: common.map(({ kind: _, ...option }) => option) }, null, 2)}\n`;
}

/** How text is formatted: on a terminal in colour and wrapped to its width, in a pipe neither. */
interface Style {
  readonly title: (text: string) => string;
  readonly name: (text: string) => string;
  readonly facts: (text: string) => string;
  readonly columns: number;
}

/** Text is not wrapped more narrowly than this. */
const minColumns = 40;

function styleFor({ stdout }: Console): Style {
  const plain = (part: string): string => part;
  if (stdout.isTTY !== true) return { title: plain, name: plain, facts: plain, columns: Number.POSITIVE_INFINITY };
  const stream = stdout as NodeJS.WriteStream; // A terminal is always a WriteStream.
  const styled = (format: "bold" | "cyan" | "dim") => (part: string) => styleText(format, part, { stream });
  const columns = Math.max(minColumns, stdout.columns || 80);
  return { title: styled("bold"), name: styled("cyan"), facts: styled("dim"), columns };
}

function text(groups: readonly GroupedChecks[], common: readonly OptionDescription[], style: Style): string {
  const sections = groups.flatMap(({ group, summary, checks }) => [
    `${style.title(group.toUpperCase())}\n${wrapText(summary, style.columns).join("\n")}\n`,
    ...checks.map((check) => section(check.type, check.summary, describeOptions(check.Check), style)),
  ]);
  return [...sections, section("every check", "Options that every check has.", common, style)].join("\n");
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
