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

/** How a proof is run, when it is not run whole. */
export interface ProofOptions {
  /** How long it measures; undefined for as long as the proof wants. */
  readonly seconds?: number | undefined;
}

/**
 * Writes the findings to `bench/proof/NAME.md`, whether or not they keep their bounds, and a line about them to
 * `bench/results.md`.
 * @returns the same text
 */
export async function writeResults(results: Results): Promise<string> {
  const text = await resultsText(results);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${results.name}.md`), text);
  await updateProofsSection();
  return text;
}

/** The findings as Markdown. */
export async function resultsText({ title, description, sections, more }: Results): Promise<string> {
  const tables = sections.map((section) => `## ${section.title}\n\n${table(section.findings)}`);
  return `${[`# ${title}`, description, await describeMachine(), ...tables, ...(more === undefined ? [] : [more])].join("\n\n")}\n`;
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
