import { setTimeout as pause } from "node:timers/promises";
import type { FleetTexts } from "./fleet-texts.ts";
import { shardCount } from "./leases.ts";
import type { Mirror } from "./mirror.ts";
import type { RedisLink } from "./redis-link.ts";
import type { NewsEntry, RedisRecords } from "./redis-records.ts";
import { type Replicas, readReplica } from "./replicas.ts";
import type { Trouble } from "./trouble.ts";

/** How many shards are read at once. */
const shardsAtATime = 16;

/** How long it takes until Redis is asked again that could not be asked, in milliseconds. */
const retryMilliseconds = 100;

/** What the news are read with. */
export interface NewsOptions {
  readonly link: Pick<RedisLink, "redisNow">;
  readonly records: Pick<RedisRecords, "isReady" | "news" | "recordsOf">;
  readonly mirror: Mirror;
  readonly texts: Pick<FleetTexts, "hear" | "load">;
  readonly replicas: Replicas;
  readonly trouble: Pick<Trouble, "failed" | "warn">;
  /** A replica has left: what it has given back can be taken. */
  readonly left: () => void;
}

/** Keeps up with what the replicas find, and with who they are. */
export class News {
  readonly #options: NewsOptions;
  readonly #loading = Promise.withResolvers<void>();
  #isLoaded = false;
  /** When the newest was written, by the clock of Redis. */
  #newestAt: number | undefined;
  #isClosed = false;

  constructor(options: NewsOptions) {
    this.#options = options;
  }

  /** Resolves when all that Redis holds has been read. */
  get loaded(): Promise<void> {
    return this.#loading.promise;
  }

  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** How long ago the newest was written, in milliseconds: replicas say hello twice a second. Undefined before the first. */
  get ageMilliseconds(): number | undefined {
    return this.#newestAt === undefined ? undefined : Math.max(0, this.#options.link.redisNow - this.#newestAt);
  }

  /** Reads until it is closed. Never fails. */
  async read(): Promise<void> {
    const { records, trouble } = this.#options;
    let mustLoad = false;
    while (!this.#isClosed) {
      if (!records.isReady) {
        await pause(retryMilliseconds);
        continue;
      }
      try {
        const news = await records.news();
        // Until it has been read whole, what came before these news may be missing.
        mustLoad ||= news === undefined;
        if (mustLoad) await this.#load();
        mustLoad = news !== undefined && news.length > 0;
        for (const entry of news ?? []) await this.#take(entry);
        mustLoad = false;
      } catch (error) {
        if (this.#isClosed) return;
        trouble.failed(error);
        await pause(retryMilliseconds);
      }
    }
  }

  close(): void {
    this.#isClosed = true;
  }

  /**
   * Reads what Redis holds of a shard.
   * @returns that, and the names of the checks of which it knows less than this replica
   */
  async loadShard(shard: number) {
    const { records, mirror, link } = this.#options;
    const kept = await records.recordsOf(shard);
    return { kept, ...mirror.takeShard(shard, kept, link.redisNow) };
  }

  async #take({ at, fields }: NewsEntry): Promise<void> {
    const { mirror, texts, replicas, trouble } = this.#options;
    const { kind, by = "", shard, records, replica } = fields;
    this.#newestAt = at;
    if (records !== undefined) {
      const { unreadable, isIncomplete } = mirror.takeNews(records, at, this.#options.link.redisNow);
      if (unreadable > 0) {
        trouble.warn(
          "unreadable",
          `${unreadable} records of the fleet cannot be read: does a replica run another version?`,
        );
      }
      if (isIncomplete) await this.loadShard(Number(shard));
    } else if (kind === "text") {
      texts.hear(fields);
    } else if (kind === "hello") {
      const heard = readReplica(replica ?? "");
      if (heard !== undefined) replicas.hear(heard);
    } else if (kind === "bye") {
      replicas.leave(by);
      this.#options.left();
    }
  }

  /** Reads what Redis holds: first what was told of the checks, then of all shards what was found. */
  async #load(): Promise<void> {
    await this.#options.texts.load();
    for (let first = 0; first < shardCount; first += shardsAtATime) {
      const shards = Array.from({ length: shardsAtATime }, (_, index) => first + index);
      await Promise.all(shards.map((shard) => this.loadShard(shard)));
    }
    this.#isLoaded = true;
    this.#loading.resolve();
  }
}
