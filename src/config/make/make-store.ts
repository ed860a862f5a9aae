import { extname } from "node:path";
import type { Configuration } from "../configuration.ts";

/** Where history is kept, and what to write instead of the option that said so in earlier versions. */
export function makeStore({
  store,
  stateFile,
}: {
  readonly store?: string | undefined;
  readonly stateFile?: string | undefined;
}): { readonly store: Configuration["store"]; readonly warnings: readonly string[] } {
  if (stateFile === undefined) return { store: { path: store, stateFile }, warnings: [] };
  const path = store ?? databaseBeside(stateFile);
  const instead =
    store === undefined ? `write store: ${path} instead` : "remove it once its content has been taken over";
  return {
    store: { path, stateFile },
    warnings: [`stateFile is the former name of store: ${instead}. What ${stateFile} keeps is taken over`],
  };
}

/** The database that takes the place of a state file: its name with another ending. */
function databaseBeside(stateFile: string): string {
  const end = extname(stateFile);
  return `${end === "" || end === ".db" ? stateFile : stateFile.slice(0, -end.length)}.db`;
}
