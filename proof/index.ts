import { readdir } from "node:fs/promises";
import { basename } from "node:path";
import { inspect } from "node:util";
import { broken } from "./support/finding.ts";
import { type Results, writeResults } from "./support/write-results.ts";

/** What every other file of this folder exports. */
interface ProofModule {
  /** Runs the whole proof, which may take many minutes. */
  readonly prove: () => Promise<Results>;
}

const known = (await readdir(import.meta.dirname))
  .filter((file) => file.endsWith(".ts") && file !== "index.ts")
  .map((file) => basename(file, ".ts"))
  .toSorted();
const chosen = process.argv.slice(2);
const unknown = chosen.find((name) => !known.includes(name));

if (unknown === undefined) {
  for (const name of chosen.length > 0 ? chosen : known) await proveOne(name);
} else {
  process.stderr.write(`unknown proof "${unknown}". Proofs: ${known.join(", ")}\n`);
  process.exitCode = 2;
}

/** Runs one proof, and writes its findings to `bench/proof/NAME.md`. Never rejects, so that the other proofs follow. */
async function proveOne(name: string): Promise<void> {
  process.stdout.write(`proving ${name} …\n`);
  const results = await resultsOf(name);
  process.stdout.write(`\n${await writeResults(results)}\n`);
  if (broken(results.sections.flatMap(({ findings }) => findings)).length > 0) process.exitCode = 1;
}

async function resultsOf(name: string): Promise<Results> {
  try {
    const { prove }: ProofModule = await import(`./${name}.ts`);
    return await prove();
  } catch (error) {
    const title = `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
    return {
      name,
      title,
      description: "The proof failed before it had findings.",
      sections: [{ title: "The proof", findings: [{ name: "finished", value: 0, unit: "", bound: { exactly: 1 } }] }],
      more: `\`\`\`\n${inspect(error)}\n\`\`\``,
    };
  }
}
