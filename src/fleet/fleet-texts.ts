import type { RedisLink } from "./redis-link.ts";
import type { RedisRecords } from "./redis-records.ts";
import { SharedTexts } from "./shared-texts.ts";

/** What the replicas of a fleet tell each other besides what their checks find. */
export class FleetTexts {
  /** What jobs have told their heartbeats last: `NAME/start` and `NAME/end`. */
  readonly beats: SharedTexts;
  /** Maintenance that was begun or ended by hand. */
  readonly maintenance: SharedTexts;
  /** What channels were told of checks that are not well: `told/CHANNEL/CHECK`. */
  readonly told: SharedTexts;
  /** Notices that a replica which has stopped could not send. */
  readonly unsent: SharedTexts;

  readonly #link: RedisLink;
  #lastLoad: Promise<void> = Promise.resolve();
  #nextLoad: Promise<void> | undefined;

  constructor(records: RedisRecords, link: RedisLink) {
    this.#link = link;
    this.beats = new SharedTexts(records, "beats");
    this.maintenance = new SharedTexts(records, "maintenance");
    this.told = new SharedTexts(records, "told");
    this.unsent = new SharedTexts(records, "unsent");
  }

  /** How long ago something was that has a moment by the clock of Redis, in milliseconds. */
  ago(at: number): number {
    return Math.max(0, this.#link.redisNow - at);
  }

  /** Reads what Redis holds now: once for all that ask at the same time. @throws Error when there is no answer */
  refresh(): Promise<void> {
    this.#nextLoad ??= this.#lastLoad.then(() => {
      this.#nextLoad = undefined;
      const loading = this.load();
      this.#lastLoad = loading.catch(() => {}); // Who asked is told.
      return loading;
    });
    return this.#nextLoad;
  }

  /** Takes an entry of the news. */
  hear(fields: Readonly<Record<string, string>>): void {
    this.#all.find(({ kind }) => kind === fields.of)?.hear(fields);
  }

  /** Reads what Redis holds, and writes again what it has lost. @throws Error when there is no answer */
  async load(): Promise<void> {
    await Promise.all(this.#all.map((texts) => texts.load()));
  }

  async flush(): Promise<void> {
    await Promise.all(this.#all.map((texts) => texts.flush()));
  }

  get #all(): readonly SharedTexts[] {
    return [this.beats, this.maintenance, this.told, this.unsent];
  }
}
