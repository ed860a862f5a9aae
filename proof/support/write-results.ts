import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describeMachine } from "../../bench/support/machine.ts";
import { markdownTable } from "../../bench/support/markdown-table.ts";
import { updateProofsSection } from "../../bench/support/results-overview.ts";
import { boundInWords, type Finding, figure, isKept } from "./finding.ts";

const folder = join(import.meta.dirname, "../../bench/proof");

/** The findings under one condition, one table. */
export interface Section {
  readonly title: string;
  readonly findings: readonly Finding[];
}

/** What a proof found. */
export interface Results {
  /** The name of the file, without its ending. */
  readonly name: string;
  readonly title: string;
  /** How it was measured. */
  readonly description: string;
  readonly sections: readonly Section[];
  /** Tables of another shape, as Markdown. */
  readonly more?: string;
}

/**
 * Writes the findings to `bench/proof/NAME.md`, whether or not they keep their bounds, and a line about them to
 * `bench/results.md`.
 * @returns the same text
 */
export async function writeResults({ name, title, description, sections, more }: Results): Promise<string> {
  const tables = sections.map((section) => `## ${section.title}\n\n${table(section.findings)}`);
  const text = `${[`# ${title}`, description, await describeMachine(), ...tables, ...(more === undefined ? [] : [more])].join("\n\n")}\n`;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${name}.md`), text);
  await updateProofsSection();
  return text;
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
