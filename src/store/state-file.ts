import { randomBytes } from "node:crypto";
import { readdir, readFile, readlink, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { RememberedCheck } from "../engine/remembered-check.ts";
import type { Logger } from "../health/logger.ts";
import { maxBytes, readContent, writeContent } from "./state-content.ts";

/** The minimum time between two writes. */
const minWriteIntervalMilliseconds = 1000;

/** No write takes this long: an older temporary file was left behind by a process that was killed. */
const leftoverMilliseconds = 60_000;

/**
 * Keeps what the monitor remembers in a file, so that since when each state holds, the last transitions, the feeds' identifiers
 * and what checks remember survive a restart. The whole file is written beside the old one and then replaces it, so that two
 * servers with the same file overwrite each other's memory but never damage it. A damaged file is set aside; what is not a
 * regular file, or cannot be read, is left alone and nothing is kept. Neither keeps the server from serving.
 */
export class StateFile {
  #path: string;
  readonly #logger: Logger;
  #remember: (() => readonly RememberedCheck[]) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #wroteAt = Number.NEGATIVE_INFINITY;
  #failing = false;
  /** Whether the file may be written. */
  #isOurs = true;

  constructor(path: string, logger: Logger) {
    this.#path = path;
    this.#logger = logger;
  }

  /** What was remembered; nothing when there is no readable file. */
  async load(): Promise<readonly RememberedCheck[]> {
    const remembered = await this.#read();
    if (this.#isOurs) await this.#removeLeftovers();
    return remembered;
  }

  /** From now on writes what `remember` returns, after each {@link changed}. */
  keep(remember: () => readonly RememberedCheck[]): void {
    if (this.#isOurs) this.#remember = remember;
  }

  /** Something has changed. It is written soon, together with what else changes until then. */
  changed(): void {
    if (this.#timer !== undefined || this.#remember === undefined) return;
    const wait = Math.max(0, this.#wroteAt + minWriteIntervalMilliseconds - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#write();
    }, wait);
    this.#timer.unref();
  }

  /** Writes what is known now, and nothing after that. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#write();
    this.#remember = undefined;
  }

  async #read(): Promise<readonly RememberedCheck[]> {
    let content: string;
    try {
      const found = await stat(this.#path);
      if (!found.isFile()) {
        this.#leaveAlone("is no regular file", "Name one in stateFile; it need not exist.");
        return [];
      }
      // A link stays a link: its target is replaced.
      this.#path = await realpath(this.#path);
      if (found.size > maxBytes) {
        await this.#setAside(`has more than ${maxBytes / 1024 / 1024} MiB`);
        return [];
      }
      content = await readFile(this.#path, "utf8");
    } catch (error) {
      if (codeOf(error) === "ENOENT") {
        this.#path = await whereLinkLeads(this.#path); // The first start.
        return [];
      }
      this.#leaveAlone("cannot be read", "Let the user that Healthspan runs as read and write it.", error);
      return [];
    }
    try {
      return readContent(content, Date.now());
    } catch {
      // The details of the damage help nobody, and the file is still there to look at.
      await this.#setAside("is damaged, or of another version");
      return [];
    }
  }

  #write(): Promise<void> {
    this.#writing = this.#writing.then(async () => {
      if (this.#remember === undefined) return;
      this.#wroteAt = performance.now();
      try {
        await this.#replace(writeContent(this.#remember()));
        this.#failing = false;
      } catch (error) {
        if (!this.#failing)
          this.#warn(`${this.#path} cannot be written: after a restart the past will be unknown`, { error });
        this.#failing = true;
      }
    });
    return this.#writing;
  }

  async #replace(content: string): Promise<void> {
    const temporary = `${this.#path}.${process.pid}.${randomBytes(4).toString("hex")}.tmp`;
    try {
      await writeFile(temporary, content, { mode: 0o600, flag: "wx", flush: true });
      await rename(temporary, this.#path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  async #setAside(why: string): Promise<void> {
    const aside = `${this.#path}.damaged`;
    try {
      await rename(this.#path, aside);
      this.#warn(`${this.#path} ${why}, and was set aside as ${aside}: the past is unknown`, { aside });
    } catch (error) {
      this.#leaveAlone(why, "It could not be set aside: move it away, and start again.", error);
    }
  }

  #leaveAlone(why: string, advice: string, error?: unknown): void {
    this.#isOurs = false;
    this.#warn(`${this.#path} ${why}: it is left alone, and nothing is kept for the next start. ${advice}`, { error });
  }

  /** Removes what processes that were killed while writing left behind. */
  async #removeLeftovers(): Promise<void> {
    const folder = dirname(this.#path);
    const start = `${basename(this.#path)}.`;
    try {
      for (const name of await readdir(folder)) {
        if (!name.startsWith(start) || !/^\d+\.[0-9a-f]{8}\.tmp$/.test(name.slice(start.length))) continue;
        const { mtimeMs } = await stat(join(folder, name));
        if (Date.now() - mtimeMs > leftoverMilliseconds) await rm(join(folder, name));
      }
    } catch {
      // The next start finds them, or another server was faster. A folder that cannot be written is reported at the first write.
    }
  }

  #warn(message: string, { error, ...details }: Readonly<Record<string, unknown>>): void {
    const why = error instanceof Error ? { error: error.message } : {};
    this.#logger.warn({ ...why, ...details }, message);
  }
}

/** Where a file that does not exist yet will be: the target of a link is created, and the link stays a link. */
async function whereLinkLeads(path: string): Promise<string> {
  try {
    return resolve(dirname(path), await readlink(path));
  } catch {
    return path; // It is not a link.
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
