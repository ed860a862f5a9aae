import { readdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { markdownTable } from "./markdown-table.ts";

const benchFolder = join(import.meta.dirname, "..");
const page = join(benchFolder, "results.md");
const heading = "## Proofs";

/** A section for `bench/results.md`: what each of the committed results of proofs says in a line, and where to read on. */
export async function proofsSection(folder = join(benchFolder, "proof")): Promise<string> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".md")).toSorted();
  const rows = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(join(folder, file), "utf8");
      const measuredOn = /^Measured on (\d{4}-\d{2}-\d{2})/m.exec(text)?.[1] ?? "unknown";
      const missed = text.split("\n").filter((line) => line.startsWith("|") && line.includes("**missed**")).length;
      const verdict = missed === 0 ? "kept" : `**missed** (${missed} ${missed === 1 ? "bound" : "bounds"})`;
      return [`[${basename(file, ".md")}](proof/${file})`, verdict, measuredOn];
    }),
  );
  const table = markdownTable([["proof", "", "measured on"], ...rows]);
  return `${heading}\n\n\`npm run proof\` wrote these, each in a file of its own.\n\n${table}\n`;
}

/** Brings that section of `bench/results.md` up to date, and leaves the others alone. */
export async function updateProofsSection(): Promise<void> {
  const [others = ""] = (await readFile(page, "utf8")).split(`\n${heading}\n`);
  await writeFile(page, `${others.trimEnd()}\n\n${await proofsSection()}`);
}
