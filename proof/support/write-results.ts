import { mkdir, readFile, writeFile } from "node:fs/promises";
import { cpus, release, totalmem, type } from "node:os";
import { join } from "node:path";
import { updateProofsSection } from "../../bench/support/results-overview.ts";
import { boundInWords, type Finding, figure, isKept } from "./finding.ts";

const folder = join(import.meta.dirname, "../../bench/proof");

/** One table of what was found under one condition. */
export interface Section {
  readonly title: string;
  readonly findings: readonly Finding[];
}

/** What a proof found, to be kept. */
export interface Results {
  /** The name of the file, without its ending. */
  readonly name: string;
  readonly title: string;
  /** What was done, for somebody who was not there. */
  readonly description: string;
  readonly sections: readonly Section[];
  /** Tables of another shape, as Markdown. */
  readonly more?: string;
}

/**
 * Writes what a proof found to `bench/proof/NAME.md`, kept or not, and a line about it to `bench/results.md`.
 * @returns the same text
 */
export async function writeResults({ name, title, description, sections, more }: Results): Promise<string> {
  const tables = sections.map((section) => `## ${section.title}\n\n${table(section.findings)}`);
  const text = `${[`# ${title}`, description, await machine(), ...tables, ...(more === undefined ? [] : [more])].join("\n\n")}\n`;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${name}.md`), text);
  await updateProofsSection();
  return text;
}

/** Rows of a Markdown table, the first of which is its head. */
export function markdownTable([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function table(findings: readonly Finding[]): string {
  const rows = findings.map((finding) => [
    finding.name,
    figure(finding.value, finding.unit),
    boundInWords(finding),
    finding.bound === undefined ? "" : isKept(finding) ? "kept" : "**missed**",
  ]);
  return markdownTable([["what", "measured", "bound", ""], ...rows]);
}

/** When and on what. */
async function machine(): Promise<string> {
  const [processor] = cpus();
  const load = (await readFile("/proc/loadavg", "utf8")).split(" ").slice(0, 3).join(" ");
  return [
    `Measured on ${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC with Node.js ${process.versions.node}`,
    `on ${cpus().length} cores of ${processor?.model.trim() || "an unnamed processor"}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB,`,
    `${type()} ${release()}; the machine's load over 1, 5 and 15 minutes at the end was ${load}, this proof's own included.`,
  ].join("\n");
}
