import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type GeneratedFiles, writeOrCheck } from "./generated-files.ts";

// Takes out of package-lock.json which Node.js each package wants. A checkout runs on the Node.js that is installed with it, but npm
// would hold that against the Node.js which it runs on itself, and warn of nearly a hundred packages under Node.js 20. With
// --check it writes nothing, and exits 1 when there is something to take out.

const lockFile = "package-lock.json";

/** A lock file without the `engines` of its packages; those of this one stay. */
export function withoutEngines(lock: string): string {
  const { packages, ...others } = JSON.parse(lock) as { readonly packages: Readonly<Record<string, object>> };
  const kept = Object.entries(packages).map(([path, entry]) => {
    if (path === "") return [path, entry];
    const { engines: _, ...rest } = entry as { readonly engines?: unknown };
    return [path, rest];
  });
  return `${JSON.stringify({ ...others, packages: Object.fromEntries(kept) }, undefined, 2)}\n`;
}

/** The lock file as it should be. */
export function lockFiles(): GeneratedFiles {
  return new Map([[lockFile, withoutEngines(readFileSync(join(import.meta.dirname, "..", lockFile), "utf8"))]]);
}

if (import.meta.main) await writeOrCheck(lockFiles(), "lock-engines.ts");
