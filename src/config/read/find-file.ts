import { existsSync } from "node:fs";
import { extname, join } from "node:path";
import { ConfigurationError } from "../configuration-error.ts";

/** The names under which a configuration is found in the working folder. */
export const fileNames = [
  "healthspan.yaml",
  "healthspan.yml",
  "healthspan.config.ts",
  "healthspan.config.js",
  "healthspan.config.mjs",
] as const;

/**
 * Finds the configuration in a folder; undefined when there is none.
 * @throws ConfigurationError when there is more than one
 */
export function findFile(folder: string): string | undefined {
  const [first, second] = fileNames.filter((name) => existsSync(join(folder, name)));
  if (first !== undefined && second !== undefined) {
    const message = `is not the only configuration: ${second} exists too; remove one of them, or name the one to use with --config`;
    throw new ConfigurationError(first, [{ path: [], message, position: undefined }]);
  }
  return first;
}

/** Whether a configuration of this name is code; anything else is YAML, which includes JSON. */
export function isCode(path: string): boolean {
  return [".ts", ".mts", ".js", ".mjs"].includes(extname(path));
}
