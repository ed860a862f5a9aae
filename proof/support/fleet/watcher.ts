import { Agent, get } from "node:http";
import { setTimeout as wait } from "node:timers/promises";

/** How often each replica is asked, in milliseconds. */
const sampleMilliseconds = 150;

/** A replica that has not answered by then is stopped or cut off, and says nothing. */
const answerMilliseconds = 1000;

/** What a replica said of all checks at a moment, in milliseconds since the epoch. */
export interface Sample {
  readonly at: number;
  readonly unknown: ReadonlySet<string>;
  readonly count: number;
}

/** What one replica has said since the last time that its watcher forgot. */
export class Watcher {
  readonly #url: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  #samples: Sample[] = [];
  #down = new Map<string, string>();
  #isClosed = false;
  readonly #watching: Promise<void>;

  /** @param url of the replica, without a path */
  constructor(url: string) {
    this.#url = url;
    this.#watching = this.#watch();
  }

  /** The checks that it said were down, each with what it last said. */
  get down(): ReadonlyMap<string, string> {
    return this.#down;
  }

  get latest(): Sample | undefined {
    return this.#samples.at(-1);
  }

  forget(): void {
    this.#samples = [];
    this.#down = new Map();
  }

  /** The checks of which it said that they are unknown, since a moment; without those that are left out. */
  unknownSince(at: number, except: ReadonlySet<string> = new Set()): ReadonlySet<string> {
    const names = this.#samples.flatMap((sample) => (sample.at < at ? [] : [...sample.unknown]));
    return new Set(names.filter((name) => !except.has(name)));
  }

  /** The longest that it said so of any one check, in seconds. */
  longestUnknownSeconds(except: ReadonlySet<string> = new Set()): number {
    let longest = 0;
    const since = new Map<string, number>();
    for (const { at, unknown } of this.#samples) {
      for (const name of since.keys()) if (!unknown.has(name)) since.delete(name);
      for (const name of unknown) {
        if (except.has(name)) continue;
        const began = since.get(name) ?? at;
        since.set(name, began);
        longest = Math.max(longest, at - began);
      }
    }
    return longest / 1000;
  }

  /** The largest number of checks that were unknown at once. */
  get maxUnknown(): number {
    return this.#samples.reduce((most, { unknown }) => Math.max(most, unknown.size), 0);
  }

  /** How long after a moment something was last unknown, in seconds; infinite when it still is. */
  knownAfterSeconds(at: number): number {
    const after = this.#samples.filter((sample) => sample.at >= at);
    const last = after.findLastIndex(({ unknown }) => unknown.size > 0);
    if (last < 0) return 0;
    return ((after[last + 1]?.at ?? Number.POSITIVE_INFINITY) - at) / 1000;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#agent.destroy();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    while (!this.#isClosed) {
      const text = await this.#ask();
      if (text !== undefined) this.#take(text);
      await wait(sampleMilliseconds);
    }
  }

  #take(text: string): void {
    const checks = JSON.parse(text) as Record<string, string>; // As that format has it.
    const unknown = new Set<string>();
    for (const [name, said] of Object.entries(checks)) {
      if (said === "working") continue;
      if (said.startsWith("Unknown: ")) unknown.add(name);
      else this.#down.set(name, said);
    }
    this.#samples.push({ at: Date.now(), unknown, count: Object.keys(checks).length });
  }

  /** @returns undefined when there is no answer, or none in time */
  #ask(): Promise<string | undefined> {
    return new Promise((resolve) => {
      const signal = AbortSignal.timeout(answerMilliseconds);
      const request = get(`${this.#url}/health/?format=json`, { agent: this.#agent, signal }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.once("error", () => resolve(undefined));
        response.once("end", () => resolve(Buffer.concat(chunks).toString()));
      });
      request.once("error", () => resolve(undefined)); // It has ended, or hangs.
    });
  }
}
