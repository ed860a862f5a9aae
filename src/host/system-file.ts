import { readdirSync, readFileSync } from "node:fs";

/** Reads a file that the kernel makes on the fly. @returns undefined when there is none, or it may not be read */
export type ReadSystemFile = (path: string) => string | undefined;

/** Reads synchronously: what lies under /proc and /sys is memory, no disk is waited for. */
export const readSystemFile: ReadSystemFile = (path) => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined; // Another system, or a container that hides it: the caller has another source.
  }
};

/** Names the entries of a folder that the kernel makes on the fly. @returns none when there is no such folder */
export type ListSystemFolder = (path: string) => readonly string[];

export const listSystemFolder: ListSystemFolder = (path) => {
  try {
    return readdirSync(path).sort();
  } catch {
    return []; // Another system, or a container that hides it.
  }
};
