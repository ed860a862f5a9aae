import { statfs } from "node:fs/promises";
import { NotKnownYet } from "../health/errors.ts";
import { within } from "../health/time/within.ts";
import type { FileSystemCounts } from "./file-system-use.ts";

/** Asks a file system how full it is. */
export type AskFileSystem = (path: string) => Promise<FileSystemCounts>;

/** How many questions to file systems may be under way. */
export interface FileSystemLimits {
  /** Since less than {@link slowMilliseconds}. */
  readonly maxRecent: number;
  /** For longer than that, so that another may begin. */
  readonly maxSlow: number;
  /** The same for one about a path whose file system answered quickly the last time. */
  readonly maxSlowForKnown: number;
  /** One that has waited for so long in milliseconds is given up. */
  readonly maxWaitMilliseconds: number;
}

/**
 * A question to a mount whose server is gone holds a thread of the pool that Node shares between files, compression and names,
 * perhaps for ever, and nothing ends it. With the limits of names, these are below the 128 threads that `bin/healthspan.js`
 * asks for.
 */
const defaultLimits: FileSystemLimits = {
  maxRecent: 16,
  maxSlow: 32,
  maxSlowForKnown: 40,
  maxWaitMilliseconds: 1000,
};

const slowMilliseconds = 500;

/** As many paths are remembered; the one that was asked about longest ago is forgotten first. */
const maxRemembered = 10_000;

/**
 * Asks file systems, so that those that hang hold up neither the others nor names and files: a path is asked about once at a
 * time, and not again before it has answered.
 */
export class FileSystemReads {
  readonly #ask: AskFileSystem;
  readonly #limits: FileSystemLimits;
  readonly #underWay = new Map<string, Promise<FileSystemCounts>>();
  readonly #known = new Set<string>();
  /** What waits for a place is tried again whenever one may be free. */
  readonly #waiting = new Set<() => void>();
  #recent = 0;
  #slow = 0;

  constructor(ask: AskFileSystem = (path) => statfs(path), limits: Partial<FileSystemLimits> = {}) {
    this.#ask = ask;
    this.#limits = { ...defaultLimits, ...limits };
  }

  /**
   * @throws NotKnownYet when too many other file systems do not answer
   * @throws what the system says
   */
  read(path: string): Promise<FileSystemCounts> {
    let reading = this.#underWay.get(path);
    if (reading === undefined) {
      reading = this.#readAlone(path).finally(() => this.#underWay.delete(path));
      this.#underWay.set(path, reading);
    }
    return reading;
  }

  async #readAlone(path: string): Promise<FileSystemCounts> {
    if (!this.#enter(path)) await this.#wait(path);
    let isSlow = false;
    const slow = setTimeout(() => {
      isSlow = true;
      this.#recent -= 1;
      this.#slow += 1;
      this.#letIn();
    }, slowMilliseconds);
    try {
      return await this.#ask(path);
    } finally {
      clearTimeout(slow);
      if (isSlow) this.#slow -= 1;
      else this.#recent -= 1;
      this.#remember(path, !isSlow);
      this.#letIn();
    }
  }

  /** Takes a place. @returns false when there is none */
  #enter(path: string): boolean {
    const { maxRecent, maxSlow, maxSlowForKnown } = this.#limits;
    const isFree = this.#recent < maxRecent && this.#slow < (this.#known.has(path) ? maxSlowForKnown : maxSlow);
    if (isFree) this.#recent += 1;
    return isFree;
  }

  async #wait(path: string): Promise<void> {
    const { promise: free, resolve } = Promise.withResolvers<void>();
    const enter = (): void => {
      if (!this.#enter(path)) return;
      this.#waiting.delete(enter);
      resolve();
    };
    this.#waiting.add(enter);
    await within(this.#limits.maxWaitMilliseconds, free, () => {
      this.#waiting.delete(enter);
      throw new NotKnownYet(`${path} could not be read: too many other file systems do not answer`);
    });
  }

  #letIn(): void {
    for (const enter of this.#waiting) enter();
  }

  #remember(path: string, isKnown: boolean): void {
    this.#known.delete(path);
    if (isKnown) this.#known.add(path);
    const [oldest] = this.#known;
    if (this.#known.size > maxRemembered && oldest !== undefined) this.#known.delete(oldest);
  }
}

/** Those of this process: they share its threads. */
export const fileSystemReads = new FileSystemReads();
