import { within } from "../health/time/within.ts";
import { keptNews, type RedisRecords } from "./redis-records.ts";

/** How long a write may take, in milliseconds. */
const answerMilliseconds = 1000;

/**
 * Writes or deletes a text, if this replica holds the lock that is asked for, and tells all replicas.
 * KEYS: texts, news, and the lock if any. ARGV: token or nothing, replica, kind, id, and the text or nothing.
 */
const writeScript = `
if ARGV[1] ~= '' and redis.call('GET', KEYS[3]) ~= ARGV[1] then return 0 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if ARGV[5] == '' then redis.call('HDEL', KEYS[1], ARGV[4])
else redis.call('HSET', KEYS[1], ARGV[4], string.format('%.0f ', now) .. ARGV[5]) end
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ${keptNews}, '*',
  'by', ARGV[2], 'kind', 'text', 'of', ARGV[3], 'id', ARGV[4], 'text', ARGV[5], 'at', string.format('%.0f', now))
return now
`;

/** What the texts are about: the name of their hash. */
export type TextKind = "beats" | "maintenance" | "told" | "unsent";

/** A text that was written or deleted. */
export interface HeardText {
  readonly id: string;
  /** Undefined when it was deleted. */
  readonly text: string | undefined;
  /** When that was, by the clock of Redis, in milliseconds since the epoch. */
  readonly at: number;
  /** Whether this replica has done it. */
  readonly isOwn: boolean;
  /** Whether it has just been done, rather than read when this replica came or after it was cut off. */
  readonly isNews: boolean;
}

/** The lock of a shard. */
export interface TextLock {
  readonly key: string;
  readonly token: string;
}

/** Short texts of one kind that all replicas know: a hash in Redis, and the news of it. */
export class SharedTexts {
  readonly kind: TextKind;
  readonly #records: RedisRecords;
  readonly #known = new Map<string, { readonly text: string | undefined; readonly at: number }>();
  /** What Redis has not taken yet of what is to be kept. */
  readonly #unwritten = new Map<string, string | undefined>();
  #listener: ((heard: HeardText) => void) | undefined;
  #flushing: Promise<void> | undefined;

  constructor(records: RedisRecords, kind: TextKind) {
    this.#records = records;
    this.kind = kind;
  }

  /** Tells what is known, and what is written from now on: each once. */
  listen(listener: (heard: HeardText) => void): void {
    this.#listener = listener;
    for (const [id, { text, at }] of this.#known) listener({ id, text, at, isOwn: false, isNews: false });
  }

  get(id: string): { readonly text: string; readonly at: number } | undefined {
    const { text, at = 0 } = this.#known.get(id) ?? {};
    return text === undefined ? undefined : { text, at };
  }

  /** All texts by their ids. */
  all(): ReadonlyMap<string, string> {
    return new Map([...this.#known].flatMap(([id, { text }]) => (text === undefined ? [] : [[id, text] as const])));
  }

  /**
   * Writes a text, or deletes it.
   * @param lock is needed for it
   * @returns whether it was written: another replica has the lock otherwise
   * @throws Error when Redis does not answer within a second: then it is not known whether it was written
   */
  async write(id: string, text: string | undefined, lock?: TextLock): Promise<boolean> {
    const { client, replica } = this.#records;
    const keys = [this.#key, this.#records.newsKey, ...(lock === undefined ? [] : [lock.key])];
    const words = [lock?.token ?? "", replica, this.kind, id, text ?? ""];
    const answer = await within(answerMilliseconds, client.eval(writeScript, { keys, arguments: words }), () => {
      throw new Error("Redis gave no answer");
    });
    const at = Number(answer);
    if (at === 0) return false;
    this.#take({ id, text, at, isOwn: true, isNews: true });
    return true;
  }

  /**
   * Takes a text away from all replicas.
   * @returns whether it was this replica that has got it
   * @throws Error when Redis does not answer within a second
   */
  async claim(id: string): Promise<boolean> {
    const taken = await within(answerMilliseconds, this.#records.client.hDel(this.#key, id), () => {
      throw new Error("Redis gave no answer");
    });
    this.#known.delete(id);
    return Number(taken) === 1;
  }

  /** Counts here at once, and everywhere as soon as Redis has taken it. */
  keep(id: string, text: string | undefined): void {
    this.#known.set(id, { text, at: this.#known.get(id)?.at ?? 0 });
    this.#unwritten.set(id, text);
    void this.flush();
  }

  /** Writes what Redis has not taken yet. Never fails: what could not be written is tried again the next time. */
  flush(): Promise<void> {
    this.#flushing ??= this.#flush().finally(() => {
      this.#flushing = undefined;
    });
    return this.#flushing;
  }

  /** Takes what a replica has written. */
  hear(fields: Readonly<Record<string, string>>): void {
    const { by, id, text, at } = fields;
    if (id === undefined) return;
    const isOwn = by === this.#records.replica;
    this.#take({ id, text: text === "" ? undefined : text, at: Number(at), isOwn, isNews: true });
  }

  /** Reads what Redis holds. What it has lost is written again. */
  async load(): Promise<void> {
    const kept = await this.#records.client.hGetAll(this.#key);
    for (const [id, value] of Object.entries(kept)) {
      if (this.#unwritten.has(id)) continue;
      const [at = ""] = value.split(" ", 1);
      const text = value.slice(at.length + 1);
      if (Number(at) < (this.#known.get(id)?.at ?? 0)) this.#unwritten.set(id, this.#known.get(id)?.text);
      else this.#take({ id, text, at: Number(at), isOwn: false, isNews: false });
    }
    for (const [id, { text }] of this.#known) {
      if (text !== undefined && !(id in kept)) this.#unwritten.set(id, text);
    }
    void this.flush();
  }

  async #flush(): Promise<void> {
    for (const [id, text] of this.#unwritten) {
      try {
        await this.write(id, text);
      } catch {
        return; // There is no connection; who watches over it has said so.
      }
      if (this.#unwritten.get(id) === text) this.#unwritten.delete(id);
    }
  }

  /** Each write counts once, whether its answer or its news comes first. */
  #take(heard: HeardText): void {
    const { id, text, at } = heard;
    const known = this.#known.get(id);
    if (known !== undefined && known.at === at && known.text === text) return;
    this.#known.set(id, { text, at });
    this.#listener?.(heard);
  }

  get #key(): string {
    return `${this.#records.prefix}:${this.kind}`;
  }
}
