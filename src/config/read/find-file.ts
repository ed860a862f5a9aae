import { existsSync } from "node:fs";
import { extname, join } from "node:path";
import { ConfigurationError } from "../configuration-error.ts";

/** What a configuration is called in the working folder. */
export const fileNames = [
  "healthspan.yaml",
  "healthspan.yml",
  "healthspan.config.ts",
  "healthspan.config.js",
  "healthspan.config.mjs",
] as const;

/**
 * The configuration in a folder; undefined when there is none.
 * @throws ConfigurationError when there are two, of which nobody can tell which is meant
 */
export function findFile(folder: string): string | undefined {
  const [first, second] = fileNames.filter((name) => existsSync(join(folder, name)));
  if (first !== undefined && second !== undefined) {
    const message = `stands beside ${second}; remove one of them, or name the one that is meant`;
    throw new ConfigurationError(first, [{ path: [], message, position: undefined }]);
  }
  return first;
}

/** Whether a configuration of this name is code; anything else is YAML, of which JSON is a part. */
export function isCode(path: string): boolean {
  return [".ts", ".mts", ".js", ".mjs"].includes(extname(path));
}
