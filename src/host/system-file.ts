import { readdirSync, readFileSync } from "node:fs";
import { ownShortage } from "../health/system-error.ts";

/** Reads a file that the kernel makes on the fly. @returns undefined when there is none, or it may not be read */
export type ReadSystemFile = (path: string) => string | undefined;

/** Reads synchronously: what lies under /proc and /sys is memory, no disk is waited for. */
export const readSystemFile: ReadSystemFile = (path) => {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throwOwnShortage(error);
    return undefined; // Another system, or a container that hides it: the caller has another source.
  }
};

/** Names the entries of a folder that the kernel makes on the fly. @returns none when there is no such folder */
export type ListSystemFolder = (path: string) => readonly string[];

export const listSystemFolder: ListSystemFolder = (path) => {
  try {
    return readdirSync(path).sort();
  } catch (error) {
    throwOwnShortage(error);
    return []; // Another system, or a container that hides it.
  }
};

/** A file that could not be opened because too many others are is there all the same. */
function throwOwnShortage(error: unknown): void {
  const shortage = ownShortage(error);
  if (shortage !== undefined) throw shortage;
}
