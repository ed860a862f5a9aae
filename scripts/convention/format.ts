import { execFileSync } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");
const formatter = join(root, "node_modules/.bin/biome");

/** A module as the formatter writes it. */
export function formatted(path: string, text: string): string {
  return execFileSync(formatter, ["format", `--stdin-file-path=${path}`], { cwd: root, input: text, encoding: "utf8" });
}
