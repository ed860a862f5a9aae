import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** A file's path in the repository and its text; undefined for one that should not be there. */
export type GeneratedFiles = ReadonlyMap<string, string | undefined>;

const root = join(import.meta.dirname, "..");

/** Those of the files that are not as they should be. */
export async function staleFiles(files: GeneratedFiles): Promise<readonly string[]> {
  const stale: string[] = [];
  for (const [path, text] of files) {
    const found = await readFile(join(root, path), "utf8").catch(() => undefined); // Missing, it is stale.
    if (found !== text) stale.push(path);
  }
  return stale;
}

/** Writes what is not as it should be; with `--check` it writes nothing, and makes the process exit with 1. */
export async function writeOrCheck(files: GeneratedFiles, script: string): Promise<void> {
  const stale = await staleFiles(files);
  if (!process.argv.includes("--check")) {
    for (const path of stale) await writeFileAt(join(root, path), files.get(path));
  } else if (stale.length > 0) {
    console.error(`Not as scripts/${script} writes them:\n${stale.map((path) => `  ${path}`).join("\n")}`);
    process.exitCode = 1;
  }
}

async function writeFileAt(file: string, text: string | undefined): Promise<void> {
  if (text === undefined) return rm(file);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}
