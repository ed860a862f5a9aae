import { stat } from "node:fs/promises";
import { noFile, versionOf } from "../config/read/files-read.ts";

/** How often the files are looked at. Their versions count, not their events: these get lost with bind mounts and links. */
const lookMilliseconds = 1000;

/**
 * Notices when files are other ones than before: written in place, replaced by an editor, or behind a link that points
 * elsewhere, as Kubernetes does with its volumes.
 */
export class FileWatch {
  readonly #changed: () => void;
  readonly #timer: NodeJS.Timeout;
  #versions = new Map<string, string>();
  #looking = false;

  constructor(changed: () => void) {
    this.#changed = changed;
    this.#timer = setInterval(() => void this.#look(), lookMilliseconds);
    this.#timer.unref();
  }

  /** From now on looks after these files and no others. */
  follow(versions: ReadonlyMap<string, string>): void {
    this.#versions = new Map(versions);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    if (this.#looking) return; // A file system that takes its time.
    this.#looking = true;
    const versions = this.#versions;
    const changes = await Promise.all([...versions].map(([path, version]) => isChanged(versions, path, version)));
    this.#looking = false;
    // What others are followed by now has been read since.
    if (changes.includes(true) && versions === this.#versions) this.#changed();
  }
}

/** Takes note of a new version, so that one that turns out to be invalid is not tried again. */
async function isChanged(versions: Map<string, string>, path: string, known: string): Promise<boolean> {
  const version = await stat(path, { bigint: true }).then(versionOf, () => noFile);
  // Between two versions there may be none: the next look finds the new one.
  if (version === known || version === noFile) return false;
  versions.set(path, version);
  return true;
}
