import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { SharedFinding, SharedMonitor, Sharing } from "../engine/sharing/sharing.ts";
import type { HealthCheck } from "../health/health-check.ts";
import { packageVersion } from "../health/instrumentation/version.ts";
import { requirePackage } from "../health/optional-import.ts";
import { within } from "../health/time/within.ts";
import { BullmqLeases } from "./bullmq-leases.ts";
import { Commits } from "./commits.ts";
import { ConfigurationWatch, digestOf } from "./configuration-watch.ts";
import { Exposure } from "./exposure.ts";
import { shardOf } from "./fixed-shards.ts";
import type { FleetStatus } from "./fleet-status.ts";
import { FleetTexts } from "./fleet-texts.ts";
import type { FleetOptions } from "./joined-fleet.ts";
import { shardCount } from "./leases.ts";
import { Mirror } from "./mirror.ts";
import { News } from "./news.ts";
import { RedisLink } from "./redis-link.ts";
import { RedisRecords } from "./redis-records.ts";
import { type HeardReplica, type Replica, Replicas, writeReplica } from "./replicas.ts";
import { ShardHolder } from "./shard-holder.ts";
import { Trouble } from "./trouble.ts";

/** How often a replica says that it is there, and writes what it has found, in milliseconds. */
const beatMilliseconds = 500;

/** How often leases are looked at that may have expired, in milliseconds. */
const expiryMilliseconds = 100;

/** How long the start waits until it is known what the others know, in milliseconds. */
const loadMilliseconds = 10_000;

/** After how long a record is deleted of which no configuration knows the check, in milliseconds. */
const forgottenMilliseconds = 86_400_000;

/** One of the replicas that share the checks of a configuration. */
export class Fleet implements Sharing {
  readonly texts: FleetTexts;
  /** Is called after a check that is held here has been given its memory. */
  recalled: (check: HealthCheck) => void = () => {};
  readonly #options: FleetOptions;
  readonly #id = randomUUID();
  readonly #since = Date.now();
  readonly #link: RedisLink;
  readonly #records: RedisRecords;
  readonly #leases: BullmqLeases;
  readonly #mirror: Mirror;
  readonly #replicas: Replicas;
  readonly #commits: Commits;
  readonly #holder: ShardHolder;
  readonly #news: News;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #exposure = new Exposure();
  readonly #trouble: Trouble;
  readonly #configurations: ConfigurationWatch;
  #monitor: SharedMonitor | undefined;
  #namesByShard: ReadonlyMap<number, readonly string[]> = new Map();
  #configuration = "";
  #commitsRefused = 0;
  #isLeaving = false;
  #isClosed = false;

  /** @throws MissingPackageError when one of the packages `redis` and `bullmq` is not installed */
  static async open(options: FleetOptions): Promise<Fleet> {
    for (const name of ["redis", "bullmq"]) requirePackage("The fleet", name);
    const { createClient } = await import("redis");
    const trouble = new Trouble(options, options.logger);
    const link = new RedisLink(createClient, options.redis, trouble.failed, options.trust);
    const prefix = `{healthspan:${options.name}}`;
    const { leaseMilliseconds } = options;
    const leases = await BullmqLeases.open(link, { prefix, leaseMilliseconds, failed: trouble.failed });
    return new Fleet(options, { link, leases, prefix, trouble });
  }

  private constructor(
    options: FleetOptions,
    parts: {
      readonly link: RedisLink;
      readonly leases: BullmqLeases;
      readonly prefix: string;
      readonly trouble: Trouble;
    },
  ) {
    const { link, leases, prefix, trouble } = parts;
    this.#options = options;
    this.#trouble = trouble;
    this.#configurations = new ConfigurationWatch(options);
    this.#link = link;
    this.#leases = leases;
    this.#records = new RedisRecords(link, prefix, this.#id);
    this.texts = new FleetTexts(this.#records, link);
    this.#replicas = new Replicas(options.leaseMilliseconds, () => link.silence);
    this.#mirror = new Mirror(this.#id, (...took) => this.#monitor?.took(...took));
    this.#news = new News({
      link,
      records: this.#records,
      mirror: this.#mirror,
      texts: this.texts,
      replicas: this.#replicas,
      trouble,
      left: () => void this.#beat(),
    });
    this.#commits = new Commits({
      replica: this.#id,
      link,
      records: this.#records,
      leases,
      mirror: this.#mirror,
      isHeld: (shard) => this.#holder.holds(shard),
      refused: (shard) => {
        this.#commitsRefused += 1;
        this.#holder.refused(shard);
      },
      discarded: (name) => this.#monitor?.revert(name),
    });
    this.#holder = new ShardHolder({
      replica: this.#id,
      leases,
      replicas: this.#replicas,
      leaseMilliseconds: options.leaseMilliseconds,
      logger: options.logger,
      isConnected: () => link.isConnected,
      begin: (shard) => this.#begin(shard),
      end: (shard) => this.#end(shard),
      lost: (shard) => this.#lost(shard),
    });
  }

  get name(): string {
    return this.#options.name;
  }

  get status(): FleetStatus {
    return {
      name: this.#options.name,
      isConnected: this.#link.isConnected,
      replica: this.#id,
      replicas: this.#replicas.present,
      held: this.#holder.held,
      leasesLost: this.#holder.lostCount,
      commitsRefused: this.#commitsRefused,
      configurations: this.#replicas.configurations,
      newsAgeMilliseconds: this.#news.ageMilliseconds,
    };
  }

  /** The replica that runs a check, as far as it is known. */
  holderOf(name: string): HeardReplica | undefined {
    const shard = shardOf(name, shardCount);
    return this.#replicas.present.find(({ shards }) => shards.includes(shard));
  }

  recordOf(name: string) {
    return this.#mirror.find(name);
  }

  /** The lock that proves that this replica runs a check; undefined while it does not. */
  lockOf(name: string) {
    const shard = shardOf(name, shardCount);
    return this.#holder.holds(shard) ? this.#leases.lockOf(shard) : undefined;
  }

  whyUnknown(name: string): string | undefined {
    return this.#configurations.whyUnknown(shardOf(name, shardCount), this.#configuration);
  }

  begin(monitor: SharedMonitor): void {
    this.#monitor = monitor;
    this.#learn();
  }

  replaced(): void {
    this.#learn();
    for (const shard of this.#holder.held) this.#monitor?.hold(this.#namesByShard.get(shard) ?? []);
  }

  found(finding: SharedFinding): void {
    this.#commits.take(finding);
  }

  mayRun(name: string): boolean {
    return this.#holder.holds(shardOf(name, shardCount));
  }

  wasAloneSince(startedMonotonic: number): boolean {
    const { silence, isConnected } = this.#link;
    return !isConnected || (silence !== undefined && silence.to >= startedMonotonic);
  }

  isExposed(name: string): boolean {
    const shard = shardOf(name, shardCount);
    return this.#holder.holds(shard) || this.#exposure.shows(shard, performance.now());
  }

  /** Resolves when it is known what the other replicas know, or after ten seconds. */
  async start(): Promise<void> {
    void this.#news.read();
    this.#timers.push(
      setInterval(() => this.#expire(), expiryMilliseconds),
      setInterval(() => void this.#beat(), beatMilliseconds),
    );
    void this.#beat();
    await within(loadMilliseconds, this.#news.loaded, () => {
      this.#options.logger.warn(
        {},
        `Redis has not said what the fleet "${this.#options.name}" knows; going on without it`,
      );
    });
  }

  /** Gives all shards back, so that others run them at once, and says goodbye. Goes on knowing what the others find. */
  async leave(): Promise<void> {
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    await this.#holder.leave();
    await this.#records.tell({ kind: "bye" }).catch(() => {}); // Then it is gone when it has been silent for a lease.
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    await this.leave();
    this.#isClosed = true;
    this.#trouble.close();
    this.#news.close();
    for (const timer of this.#timers) clearInterval(timer);
    await this.#leases.close();
    this.#link.close();
  }

  #expire(): void {
    this.#holder.expire();
    if (!this.#link.isConnected) this.#exposure.keep(performance.now());
  }

  /** Says that it is there, writes what was found, and looks after its share. */
  async #beat(): Promise<void> {
    if (this.#isClosed || !this.#records.isReady) return;
    const self: Replica = {
      id: this.#id,
      host: hostname(),
      version: packageVersion(),
      since: this.#since,
      configuration: this.#configuration,
      shards: this.#holder.held,
    };
    if (!this.#isLeaving) {
      await this.#records.tell({ kind: "hello", replica: writeReplica(self) }).catch(this.#trouble.failed);
    }
    this.#configurations.look(this.#replicas.present);
    await this.#commits.flush();
    if (this.#news.isLoaded) void this.texts.flush();
    if (this.#link.isConnected) this.#monitor?.retry();
    if (this.#news.isLoaded) await this.#holder.turn();
  }

  async #begin(shard: number): Promise<void> {
    const [{ kept, missing }] = await Promise.all([this.#news.loadShard(shard), this.texts.refresh()]);
    if (!this.#holder.holds(shard)) return;
    const names = this.#namesByShard.get(shard) ?? [];
    this.#monitor?.hold(names);
    const earliest = this.#link.redisNow - forgottenMilliseconds;
    const forgotten = [...kept].filter(([name, { at }]) => at < earliest && !names.includes(name));
    await this.#records.forget(
      shard,
      forgotten.map(([name]) => name),
    );
    this.#mirror.forgetOld(shard, names, earliest);
    for (const name of missing) this.#commits.repeat(name);
    this.#exposure.begin(shard);
  }

  async #end(shard: number): Promise<void> {
    this.#release(shard);
    await this.#commits.flush([shard]);
  }

  #lost(shard: number): void {
    this.#release(shard);
    this.#commits.drop(shard);
  }

  #release(shard: number): void {
    this.#monitor?.release(this.#namesByShard.get(shard) ?? []);
    this.#exposure.end(shard, performance.now());
  }

  /** Learns which checks there are. */
  #learn(): void {
    const shared = this.#monitor?.shared ?? [];
    this.#namesByShard = Map.groupBy(
      shared.map(({ name }) => name),
      (name) => shardOf(name, shardCount),
    );
    this.#configuration = digestOf(shared);
  }
}
