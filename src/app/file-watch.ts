import { stat } from "node:fs/promises";
import { noFile, versionOf } from "../config/read/files-read.ts";

/** How often file versions are compared. File system events are not used: they get lost with bind mounts and links. */
const pollMilliseconds = 1000;

/**
 * Notices when files change: written in place, replaced by an editor, or behind a link that now points elsewhere, as in
 * volumes of Kubernetes.
 */
export class FileWatch {
  readonly #changed: () => void;
  readonly #timer: NodeJS.Timeout;
  #versions = new Map<string, string>();
  #isPolling = false;

  constructor(changed: () => void) {
    this.#changed = changed;
    this.#timer = setInterval(() => void this.#poll(), pollMilliseconds);
    this.#timer.unref();
  }

  /** Watches these files from now on, and no others. */
  follow(versions: ReadonlyMap<string, string>): void {
    this.#versions = new Map(versions);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #poll(): Promise<void> {
    if (this.#isPolling) return; // The file system is slow.
    this.#isPolling = true;
    const versions = this.#versions;
    const changes = await Promise.all([...versions].map(([path, version]) => isChanged(versions, path, version)));
    this.#isPolling = false;
    // When other files are followed by now, the configuration has been read since.
    if (changes.includes(true) && versions === this.#versions) this.#changed();
  }
}

/** Records a new version, so that an invalid one is not loaded again. */
async function isChanged(versions: Map<string, string>, path: string, known: string): Promise<boolean> {
  const version = await stat(path, { bigint: true }).then(versionOf, () => noFile);
  // A file may be missing for a moment while it is replaced; the next poll finds the new version.
  if (version === known || version === noFile) return false;
  versions.set(path, version);
  return true;
}
