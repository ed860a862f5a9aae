import { mkdir, readdir, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { type ProofModule, proofPage } from "./support/proof.ts";

/** `node proof/index.ts [name …]`: proves what is named, or everything, and writes what was found to bench/proof/NAME.md. */
const here = new URL("./", import.meta.url);
const results = new URL("../bench/proof/", import.meta.url);

const known = (await readdir(here))
  .filter((file) => file.endsWith(".ts") && file !== "index.ts")
  .map((file) => basename(file, ".ts"))
  .toSorted();
const chosen = process.argv.slice(2);
const unknown = chosen.find((name) => !known.includes(name));

if (unknown === undefined) {
  await mkdir(results, { recursive: true });
  for (const name of chosen.length > 0 ? chosen : known) await proveOne(name);
} else {
  process.stderr.write(`there is no proof called ${unknown}. There is: ${known.join(", ")}\n`);
  process.exitCode = 2;
}

async function proveOne(name: string): Promise<void> {
  process.stdout.write(`proving ${name} …\n`);
  const startedAt = new Date();
  const { prove }: ProofModule = await import(`./${name}.ts`);
  const proof = await prove();
  const page = proofPage(name, proof, startedAt);
  await writeFile(new URL(`${name}.md`, results), page);
  process.stdout.write(`\n${page}\n`);
  if (proof.figures.some(({ kept }) => !kept)) process.exitCode = 1;
}
