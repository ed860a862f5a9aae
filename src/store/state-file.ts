import { randomBytes } from "node:crypto";
import { readdir, readFile, readlink, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { RememberedCheck } from "../engine/remembered-check.ts";
import type { Logger } from "../health/logger.ts";
import { maxBytes, readContent, writeContent } from "./state-content.ts";

/** Between two writes there is at least so much time. */
const leastMilliseconds = 1000;

/** No write takes so long: a temporary file that is older was left behind by a process that was killed. */
const leftoverMilliseconds = 60_000;

/**
 * Keeps what the monitor remembers in a file, so that since-when, the last changes, the feeds' identifiers and what checks
 * remember survive a restart. The file is written whole beside itself and then put in its place, so that two servers with one
 * file lose each other's memory, but never damage it. One whose content is damaged is set aside; what is no file, or
 * cannot be read, is left alone and nothing is kept. Neither keeps the server from serving.
 */
export class StateFile {
  #path: string;
  readonly #logger: Logger;
  #remember: (() => readonly RememberedCheck[]) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #wroteAt = Number.NEGATIVE_INFINITY;
  #failing = false;
  /** Whether it may be written. */
  #isOurs = true;

  constructor(path: string, logger: Logger) {
    this.#path = path;
    this.#logger = logger;
  }

  /** What was remembered; nothing when there is no file, or none that can be read. */
  async load(): Promise<readonly RememberedCheck[]> {
    const remembered = await this.#read();
    if (this.#isOurs) await this.#removeLeftovers();
    return remembered;
  }

  /** Writes from now on what `remember` tells, after each {@link changed}. */
  keep(remember: () => readonly RememberedCheck[]): void {
    if (this.#isOurs) this.#remember = remember;
  }

  /** Something has changed: it will be written soon, together with what changes until then. */
  changed(): void {
    if (this.#timer !== undefined || this.#remember === undefined) return;
    const wait = Math.max(0, this.#wroteAt + leastMilliseconds - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#write();
    }, wait);
    this.#timer.unref();
  }

  /** Writes what is known now, and no more after that. */
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
      // A link stays one: what it leads to is replaced.
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
      // What is wrong with it in detail helps nobody, and it is still there to be looked at.
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

  /** Removes what processes left behind that were killed while they wrote. */
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
      // Another start finds them, or another server was faster. What cannot be written is told of when it is written.
    }
  }

  #warn(message: string, { error, ...details }: Readonly<Record<string, unknown>>): void {
    const why = error instanceof Error ? { error: error.message } : {};
    this.#logger.warn({ ...why, ...details }, message);
  }
}

/** Where a file would be that does not exist yet: what a link leads to is made, and the link stays one. */
async function whereLinkLeads(path: string): Promise<string> {
  try {
    return resolve(dirname(path), await readlink(path));
  } catch {
    return path; // It is no link.
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
