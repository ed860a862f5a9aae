import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import type { HealthMonitor } from "../engine/monitor.ts";
import type { HealthCheck } from "../health/health-check.ts";
import type { Observation } from "../health/history/observation.ts";
import type { Logger } from "../health/logger.ts";
import type { CheckReport } from "../health/report.ts";
import { within } from "../health/time/within.ts";
import { NoticeInstruments } from "../telemetry/metrics/notice-instruments.ts";
import type { Channel } from "./channel.ts";
import { ChannelWatch, type Describe, type Look } from "./channel-watch.ts";
import { ChannelQueue } from "./delivery/channel-queue.ts";
import { documentIds, type KeptChannel, readDocuments } from "./documents.ts";
import { makeNotice } from "./make-notice.ts";
import { MemoryOutbox, type Outbox } from "./outbox.ts";
import { pageAddress } from "./page-address.ts";
import { channelsOf } from "./routing.ts";
import type { SharedTelling } from "./shared-telling.ts";

/** What a {@link Notifier} is made with. */
export interface NotifierOptions {
  /** Who is told. Their names must differ. */
  readonly channels: readonly Channel[];
  /** Keeps what is to be sent and what was told over a restart. Default: nothing is kept. */
  readonly outbox?: Outbox | undefined;
  /** Tells together with other replicas. Default: nobody else tells. */
  readonly sharing?: SharedTelling | undefined;
  /** Where the server is reached from outside, for links to the pages of checks. Default: no such links. */
  readonly publicUrl?: string | undefined;
  /** Whether the page of an endpoint is below a secret, and cannot be linked to. Default: none is. */
  readonly hasSecretPath?: ((path: string) => boolean) | undefined;
  /** For how long changes gather before they are told as one message, in milliseconds. Default: 10,000. */
  readonly gatherMilliseconds?: number | undefined;
  /** Default: that of the monitor. */
  readonly logger?: Logger | undefined;
}

/** How often it is looked whether something is due, while something is. */
const tickMilliseconds = 1000;
/** How often it is looked for results that have become too old, where somebody is told of that. */
const staleTicks = 10;
const defaultGatherMilliseconds = 10_000;

/**
 * Tells channels of changes. Give its {@link observed} to the monitor, and the monitor to {@link watch}:
 *
 * ```ts
 * const notifier = await Notifier.open({ channels: [await openChannel("ops", { type: "slack", url })] });
 * const monitor = new HealthMonitor(checks, { observed: notifier.observed });
 * notifier.watch(monitor);
 * ```
 */
export class Notifier {
  readonly #options: NotifierOptions;
  readonly #outbox: Outbox;
  readonly #instruments = new NoticeInstruments();
  readonly #kept: ReadonlyMap<string, KeptChannel>;
  readonly #watches = new Map<string, ChannelWatch>();
  /** The channels of each check, by its name. */
  #routes: ReadonlyMap<string, readonly ChannelWatch[]> = new Map();
  /** The checks of which a state is known since the start. */
  readonly #seen = new Set<string>();
  /** Those of them whose last result has become too old. */
  readonly #stale = new Set<string>();
  #channels: readonly Channel[];
  #publicUrl: string | undefined;
  #monitor: HealthMonitor | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ticks = 0;

  /** Reads what the outbox has kept, and goes on sending it once there is a monitor. */
  static async open(options: NotifierOptions): Promise<Notifier> {
    const outbox = options.outbox ?? new MemoryOutbox();
    const { channels, unreadable } = readDocuments(await outbox.all());
    for (const id of unreadable) outbox.delete(id);
    return new Notifier(options, outbox, channels);
  }

  private constructor(options: NotifierOptions, outbox: Outbox, kept: ReadonlyMap<string, KeptChannel>) {
    this.#options = options;
    this.#outbox = outbox;
    this.#kept = kept;
    this.#channels = options.channels;
    this.#publicUrl = options.publicUrl;
  }

  /**
   * From now on tells of the checks of this monitor, and sends what a former process could not.
   * @param checks say by their `notify` who is told. Default: those of the monitor
   */
  watch(monitor: HealthMonitor, checks: readonly HealthCheck[] = monitor.checks): void {
    this.#monitor = monitor;
    for (const [name, kept] of this.#kept) {
      if (!this.#channels.some((channel) => channel.name === name)) this.#forget(name, kept);
    }
    this.replace(this.#channels, checks, this.#publicUrl);
    this.#options.sharing?.listen({
      told: (channel, check, told) => {
        this.#watches.get(channel)?.hear(check, told, Date.now());
        this.#keepTicking();
      },
      adopted: (channel, notice) => this.#watches.get(channel)?.adopt(notice),
    });
  }

  /**
   * Takes other channels and checks, as after a reload. What was told of a check that is gone is closed where a service has it open;
   * what a channel that is gone was to be told is dropped.
   */
  replace(channels: readonly Channel[], checks: readonly HealthCheck[], publicUrl = this.#publicUrl): void {
    this.#channels = channels;
    this.#publicUrl = publicUrl;
    const names = new Set(channels.map(({ name }) => name));
    for (const [name, watch] of this.#watches) {
      if (names.has(name)) continue;
      watch.release(() => false, this.#service, Date.now(), 0);
      watch.queue.finish();
      this.#watches.delete(name);
    }
    for (const channel of channels) this.#watchFor(channel);
    const before = this.#routes;
    this.#routes = new Map(
      checks.map((check) => {
        const told = channelsOf(check, channels).flatMap(({ name }) => this.#watches.get(name) ?? []);
        return [check.name, told];
      }),
    );
    for (const name of this.#seen) if (!this.#routes.has(name)) this.#seen.delete(name);
    this.#noteForNew(before);
    this.#release();
    this.#keepTicking();
  }

  #release(): void {
    for (const watch of this.#watches.values()) {
      watch.release((check) => this.#routes.get(check)?.includes(watch) === true, this.#service, Date.now());
    }
  }

  /** Takes what the monitor has learnt of a check: for its option `observed`. Returns at once. */
  readonly observed = ({ check: { name }, state, at, transition }: Observation): void => {
    const isKnown = this.#seen.has(name);
    if (transition === undefined && isKnown && !this.#stale.has(name)) return;
    // What is not known yet is no news, and what is skipped says nothing of the check.
    if (!isKnown && state === "unknown") return;
    this.#seen.add(name);
    this.#stale.delete(name);
    this.#note(name, state, transition?.at ?? this.#reportOf(name)?.since ?? at, at);
  };

  /**
   * Sends what has gathered, as far as that is possible in time, and nothing after that. The outbox has the rest.
   * @param milliseconds how long it may take
   */
  async close(milliseconds: number): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    const watches = [...this.#watches.values()];
    if (this.#monitor !== undefined) for (const watch of watches) this.#tickOne(watch, 0);
    const startedAt = performance.now();
    await within(milliseconds * 0.8, Promise.all(watches.map((watch) => watch.settled())), () => {});
    const left = Math.max(0, milliseconds - (performance.now() - startedAt));
    await within(left, Promise.all(watches.map((watch) => watch.close())), () => {});
    const unsent = watches.filter(({ queue }) => queue.size > 0).map(({ channel }) => channel.name);
    if (unsent.length === 0) return;
    const rest =
      this.#options.outbox === undefined ? "it is lost, because nothing is stored" : "it is sent at the next start";
    const message = `not everything could be sent to ${unsent.join(", ")} before the stop: ${rest}`;
    this.#logger?.warn({ channels: unsent }, message);
  }

  get #service(): string {
    return this.#monitor?.title ?? "Health";
  }

  get #logger(): Logger | undefined {
    return this.#options.logger ?? this.#monitor?.logger;
  }

  #watchFor(channel: Channel): void {
    const known = this.#watches.get(channel.name);
    if (known !== undefined) {
      if (known.channel !== channel) known.use(channel);
      return;
    }
    this.#instruments.begin(channel.name);
    const kept = this.#kept.get(channel.name);
    const silent: Logger = { info: () => {}, warn: () => {}, error: () => {} };
    const queue = new ChannelQueue(
      channel,
      {
        service: this.#service,
        outbox: this.#outbox,
        logger: this.#logger ?? silent,
        record: (name, outcome, count) => this.#instruments.record(name, outcome, count),
        chance: Math.random,
      },
      kept,
    );
    this.#watches.set(channel.name, new ChannelWatch(channel, queue, this.#outbox, kept?.told, this.#options.sharing));
  }

  /** A channel that has not been told of a check before is told when it fails now. */
  #noteForNew(before: ReadonlyMap<string, readonly ChannelWatch[]>): void {
    for (const name of this.#seen) {
      const added = this.#routes.get(name)?.filter((watch) => before.get(name)?.includes(watch) !== true) ?? [];
      const report = added.length === 0 ? undefined : this.#reportOf(name);
      if (report === undefined) continue;
      for (const watch of added) watch.note(name, { state: report.state, since: report.since, at: Date.now() });
    }
  }

  /** Nobody can be told what was kept for a channel that is gone. */
  #forget(name: string, { told, waiting }: KeptChannel): void {
    for (const check of told.keys()) this.#outbox.delete(documentIds.told(name, check));
    for (const check of waiting.keys()) this.#outbox.delete(documentIds.waiting(name, check));
    this.#outbox.delete(documentIds.message(name));
  }

  #note(name: string, state: CheckReport["state"], since: number, at: number): void {
    for (const watch of this.#routes.get(name) ?? []) watch.note(name, { state, since, at });
    this.#keepTicking();
  }

  #reportOf(name: string): CheckReport | undefined {
    if (this.#monitor === undefined || !this.#routes.has(name)) return undefined;
    return this.#monitor.reports([name])[0];
  }

  /** Ticks only while there is something to be told. */
  #keepTicking(): void {
    const watches = [...this.#watches.values()];
    const isNeeded = watches.some(({ isIdle }) => !isIdle) || this.#tellsOfUnknown;
    if (isNeeded && this.#timer === undefined && this.#monitor !== undefined) {
      // The timer must not keep the span of the run that led here.
      this.#timer = context.with(ROOT_CONTEXT, () => setInterval(() => this.#tick(), tickMilliseconds).unref());
    } else if (!isNeeded) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }

  get #tellsOfUnknown(): boolean {
    return this.#channels.some(({ options }) => options.on.includes("unknown"));
  }

  #tick(): void {
    this.#ticks += 1;
    if (this.#ticks % staleTicks === 0) {
      if (this.#tellsOfUnknown) this.#lookForStale();
      if (this.#options.sharing !== undefined) this.#release();
    }
    for (const watch of this.#watches.values()) {
      this.#tickOne(watch, this.#options.gatherMilliseconds ?? defaultGatherMilliseconds);
    }
    this.#keepTicking();
  }

  #tickOne(watch: ChannelWatch, gatherMilliseconds: number): void {
    watch.tick(this.#look, this.#describe, Date.now(), performance.now(), gatherMilliseconds);
  }

  /** A result becomes too old by itself: nobody observes it. */
  #lookForStale(): void {
    const names = [...this.#seen].filter((name) => this.#routes.has(name) && !this.#stale.has(name));
    for (const { check, state, since } of this.#monitor?.reports(names) ?? []) {
      if (state !== "unknown") continue;
      this.#stale.add(check.name);
      this.#note(check.name, state, since, Date.now());
    }
  }

  readonly #look: Look = (name) => {
    const report = this.#reportOf(name);
    if (report === undefined) return undefined;
    const { state, since, maintenance } = report;
    // After a restart nothing is known of a check until it has run.
    return { state, since, at: Date.now(), isQuiet: maintenance !== undefined || !this.#seen.has(name) };
  };

  readonly #describe: Describe = (name, facts) => {
    const monitor = this.#monitor;
    const report = this.#reportOf(name);
    if (monitor === undefined || report === undefined) throw new Error(`there is no check "${name}"`);
    return makeNotice(report, facts, {
      service: monitor.title,
      traceUrl: monitor.traceUrl,
      past: monitor.history,
      page:
        this.#publicUrl === undefined
          ? undefined
          : pageAddress(name, this.#publicUrl, monitor.endpoints, this.#options.hasSecretPath ?? (() => false)),
    });
  };
}
