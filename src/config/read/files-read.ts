import { type BigIntStats, statSync } from "node:fs";

/** The version of a missing file. */
export const noFile = "none";

/** Identifies a version of a file: which file it is behind all links, its size, and when it changed. */
export function versionOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(" ");
}

/** The files that a configuration was read from and their versions, so that a change to one of them can be noticed. */
export class FilesRead {
  readonly #versions = new Map<string, string>();

  /** Versions by absolute path. */
  get versions(): ReadonlyMap<string, string> {
    return this.#versions;
  }

  /** Call it before reading the file, so that a change during the read counts as one. */
  note(path: string): void {
    this.#versions.set(path, currentVersion(path));
  }

  /** Whether one of the files has changed since it was read. */
  haveChanged(): boolean {
    return [...this.#versions].some(([path, version]) => currentVersion(path) !== version);
  }
}

function currentVersion(path: string): string {
  try {
    return versionOf(statSync(path, { bigint: true }));
  } catch {
    return noFile; // Reading the file reports why.
  }
}
