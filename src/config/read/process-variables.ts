import { resolve } from "node:path";
import { readTextFile } from "./read-text-file.ts";
import type { VariableSource } from "./substitute.ts";

/** The environment variables of this process, and files relative to a folder. */
export function processVariables(folder: string): VariableSource {
  return {
    variable: (name) => process.env[name],
    file: (path) => readTextFile(resolve(folder, path)),
  };
}
