import { type BigIntStats, statSync } from "node:fs";

/** The version of a file that is not there. */
export const noFile = "none";

/** What tells one version of a file from another: which file it is behind all links, its length, and when it changed. */
export function versionOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(" ");
}

/** Which files a configuration was made of, and in which version, so that a change of one of them can be noticed. */
export class FilesRead {
  readonly #versions = new Map<string, string>();

  /** The versions by the absolute paths. */
  get versions(): ReadonlyMap<string, string> {
    return this.#versions;
  }

  /** To be called before a file is read: what changes while it is read is then a change, too. */
  note(path: string): void {
    this.#versions.set(path, currentVersion(path));
  }
}

function currentVersion(path: string): string {
  try {
    return versionOf(statSync(path, { bigint: true }));
  } catch {
    return noFile; // Whoever reads it says why.
  }
}
