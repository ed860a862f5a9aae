import { readdir } from "node:fs/promises";
import { basename } from "node:path";
import { inspect, parseArgs } from "node:util";
import { broken } from "./support/finding.ts";
import { type ProofOptions, type Results, resultsText, writeResults } from "./support/write-results.ts";

/** What every other file of this folder exports. */
interface ProofModule {
  /** Runs the whole proof, which may take many minutes. */
  readonly prove: (options?: ProofOptions) => Promise<Results>;
  /** Whether it takes the option `seconds`. */
  readonly hasShortForm?: boolean;
}

const known = (await readdir(import.meta.dirname))
  .filter((file) => file.endsWith(".ts") && file !== "index.ts")
  .map((file) => basename(file, ".ts"))
  .toSorted();
const { positionals: chosen, values } = parseArgs({ allowPositionals: true, options: { seconds: { type: "string" } } });
/** A short form is for looking: its findings are printed, and not written. */
const seconds = values.seconds === undefined ? undefined : Number(values.seconds);
const unknown = chosen.find((name) => !known.includes(name));

if (seconds !== undefined && !(seconds > 0)) {
  process.stderr.write(`--seconds must be a number above 0, not ${JSON.stringify(values.seconds)}\n`);
  process.exitCode = 2;
} else if (unknown === undefined) {
  for (const name of chosen.length > 0 ? chosen : known) await proveOne(name);
} else {
  process.stderr.write(`unknown proof "${unknown}". Proofs: ${known.join(", ")}\n`);
  process.exitCode = 2;
}

/** Runs one proof, and writes its findings to `bench/proof/NAME.md`. Never rejects, so that the other proofs follow. */
async function proveOne(name: string): Promise<void> {
  process.stdout.write(`proving ${name} …\n`);
  const results = await resultsOf(name);
  const text = seconds === undefined ? await writeResults(results) : await resultsText(results);
  process.stdout.write(`\n${text}\n`);
  if (broken(results.sections.flatMap(({ findings }) => findings)).length > 0) process.exitCode = 1;
}

async function resultsOf(name: string): Promise<Results> {
  try {
    const { prove, hasShortForm = false }: ProofModule = await import(`./${name}.ts`);
    if (seconds !== undefined && !hasShortForm)
      throw new Error(`the proof ${name} has no short form: leave --seconds out`);
    return await prove({ seconds });
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
