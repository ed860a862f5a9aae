import { answerOf } from "./answer-of.ts";
import type { WrittenRecord } from "./record.ts";
import type { RedisClient, RedisLink } from "./redis-link.ts";

/** How many news are kept: more than a minute of a hundred thousand checks. */
export const keptNews = 30_000;

/** How many news are read at once. */
const newsAtATime = 500;

/** How long a read waits for news, in milliseconds: then Redis says that there are none. */
const newsMilliseconds = 1000;

/**
 * Writes the records of a shard, if this replica holds its lock and the moment has not passed until which it may: what was sent
 * before a connection broke must not count when it arrives late.
 * KEYS: lock, records, news. ARGV: token, latest moment, replica, shard, records for the news, then check and record by turns.
 */
const commitScript = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if now > tonumber(ARGV[2]) then return -1 end
for i = 6, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[i], string.format('%.0f ', now) .. ARGV[i + 1]) end
redis.call('XADD', KEYS[3], 'MAXLEN', '~', ${keptNews}, '*', 'by', ARGV[3], 'shard', ARGV[4], 'records', ARGV[5])
return now
`;

/** What became of a commit. */
export type Committed = { readonly at: number } | "refused" | "late";

/** One record of a commit. */
export interface CommittedRecord extends WrittenRecord {
  readonly name: string;
  /** Whether the readers have its past already. */
  readonly isPastKnown: boolean;
}

/** A record as Redis keeps it: when it was written, by the clock of Redis, and its JSON. */
export interface KeptRecord {
  readonly at: number;
  readonly json: string;
}

/** One entry of the news. */
export interface NewsEntry {
  /** When it was written, by the clock of Redis, in milliseconds since the epoch. */
  readonly at: number;
  readonly fields: Readonly<Record<string, string>>;
}

/** What Redis holds of a fleet besides its leases. */
export class RedisRecords {
  /** Of all keys, the same hash slot for each. */
  readonly prefix: string;
  /** The identifier of this replica. */
  readonly replica: string;
  readonly #link: RedisLink;
  readonly #client: RedisClient;
  readonly #reader: RedisClient;
  #lastId: string | undefined;
  #readAt = 0;

  constructor(link: RedisLink, prefix: string, replica: string) {
    this.#link = link;
    this.#client = link.open();
    this.#reader = link.open();
    this.prefix = prefix;
    this.replica = replica;
  }

  get isReady(): boolean {
    return this.#client.isReady && this.#reader.isReady;
  }

  /** For what else is written. Commands fail at once while it is not connected. */
  get client(): RedisClient {
    return this.#client;
  }

  /** Writes records into a shard, if the lock with this key still has this token. */
  async commit(
    shard: number,
    lock: { readonly key: string; readonly token: string },
    records: readonly CommittedRecord[],
    latest: number,
  ): Promise<Committed> {
    const news = `[${records.map(({ head, past, isPastKnown }) => (isPastKnown ? `[${head}]` : `[${head},${past}]`)).join()}]`;
    const askedAt = performance.now();
    const answer = await this.#client.eval(commitScript, {
      keys: [lock.key, this.#recordsKey(shard), this.newsKey],
      arguments: [
        lock.token,
        String(Math.round(latest)),
        this.replica,
        String(shard),
        news,
        ...records.flatMap(({ name, head, past }) => [name, `[${head},${past}]`]),
      ],
    });
    const at = Number(answer);
    if (at === 0) return "refused";
    if (at === -1) return "late";
    this.#link.answered(at, askedAt);
    return { at };
  }

  /** Tells all replicas something. */
  async tell(fields: Readonly<Record<string, string>>): Promise<void> {
    const trim = { strategy: "MAXLEN", strategyModifier: "~", threshold: keptNews } as const;
    const askedAt = performance.now();
    const id = await this.#client.xAdd(this.newsKey, "*", { by: this.replica, ...fields }, { TRIM: trim });
    this.#link.answered(momentOf(String(id)), askedAt);
  }

  /** All records of a shard, by the name of the check. */
  async recordsOf(shard: number): Promise<ReadonlyMap<string, KeptRecord>> {
    const all = await answerOf(this.#client.hGetAll(this.#recordsKey(shard)));
    return new Map(
      Object.entries(all).map(([name, value]) => {
        const [at = ""] = value.split(" ", 1);
        return [name, { at: Number(at), json: value.slice(at.length + 1) }];
      }),
    );
  }

  async forget(shard: number, names: readonly string[]): Promise<void> {
    if (names.length > 0) await this.#client.hDel(this.#recordsKey(shard), [...names]);
  }

  /**
   * The news since the last ones, or, for the first time, from now on. Waits for some for a second.
   * @returns undefined when some are missing, because Redis has kept none so old, or was emptied: what was written must be read
   *   anew. The next call goes on from now
   */
  async news(): Promise<readonly NewsEntry[] | undefined> {
    if (this.#lastId === undefined || (await this.#isGap(this.#lastId))) {
      this.#lastId = (await this.#newest())?.id ?? "0-0";
      this.#readAt = performance.now();
      return undefined;
    }
    const [stream] = ((await this.#reader.xRead([{ key: this.newsKey, id: this.#lastId }], {
      BLOCK: newsMilliseconds,
      COUNT: newsAtATime,
    })) ?? []) as readonly {
      readonly messages: readonly { readonly id: string; readonly message: Record<string, string> }[];
    }[];
    const messages = stream?.messages ?? [];
    this.#lastId = messages.at(-1)?.id ?? this.#lastId;
    this.#readAt = performance.now();
    return messages.map(({ id, message }) => ({ at: momentOf(id), fields: message }));
  }

  /** Whether news after this one may have been lost. Only asked after a while without reading. */
  async #isGap(lastId: string): Promise<boolean> {
    if (performance.now() - this.#readAt < 2 * newsMilliseconds) return false;
    const [oldest, newest] = await Promise.all([
      this.#reader.xRange(this.newsKey, "-", "+", { COUNT: 1 }),
      this.#newest(),
    ]);
    const first = oldest?.[0];
    return first === undefined || newest === undefined || isAfter(first.id, lastId) || isAfter(lastId, newest.id);
  }

  async #newest() {
    return (await this.#reader.xRevRange(this.newsKey, "+", "-", { COUNT: 1 }))?.[0];
  }

  get newsKey(): string {
    return `${this.prefix}:news`;
  }

  #recordsKey(shard: number): string {
    return `${this.prefix}:records:${shard}`;
  }
}

function momentOf(id: string): number {
  return Number(id.split("-", 1)[0]);
}

function isAfter(one: string, other: string): boolean {
  const [at = 0, index = 0] = one.split("-").map(Number);
  const [otherAt = 0, otherIndex = 0] = other.split("-").map(Number);
  return at > otherAt || (at === otherAt && index > otherIndex);
}
