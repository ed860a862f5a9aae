import { randomUUID } from "node:crypto";
import { escapeUnprintable } from "../../formats/printable.ts";
import type { Logger } from "../../health/logger.ts";
import type { NoticeOutcome } from "../../telemetry/metrics/notice-instruments.ts";
import type { Channel } from "../channel.ts";
import { documentIds, type KeptChannel } from "../documents.ts";
import { isClosing, type Message, type Notice } from "../notice.ts";
import type { Outbox } from "../outbox.ts";
import { backOff, giveUpMilliseconds } from "./back-off.ts";

/** What a queue works with. */
export interface QueueOptions {
  /** What is monitored. */
  readonly service: string;
  readonly outbox: Outbox;
  readonly logger: Logger;
  /** Is told what became of messages. */
  readonly record: (channel: string, outcome: NoticeOutcome, count: number) => void;
  /** A number from 0 to 1. */
  readonly chance: () => number;
}

/** A channel that cannot be reached is logged this often. */
const logMilliseconds = 60_000;

/**
 * Sends what a channel is to be told, one message after the other, so that a recovery never comes before its failure. While one
 * cannot be sent, others gather behind it, of each check only the newest: a channel that is dead for a day costs no more memory
 * than a channel that is not.
 */
export class ChannelQueue {
  readonly #options: QueueOptions;
  #channel: Channel;
  /** What is being sent, or will be sent again. */
  #message: Message | undefined;
  /** By the name of the check, the oldest first. */
  readonly #waiting: Map<string, Notice>;
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  readonly #abort = new AbortController();
  #loggedAt = Number.NEGATIVE_INFINITY;
  #isClosed = false;
  #isFinishing = false;

  constructor(channel: Channel, options: QueueOptions, kept?: KeptChannel) {
    this.#channel = channel;
    this.#options = options;
    this.#message = kept?.message;
    this.#waiting = kept?.waiting ?? new Map();
    this.#next();
  }

  /** How many notices are still to be sent. */
  get size(): number {
    return this.#waiting.size + (this.#message?.notices.length ?? 0);
  }

  /** From now on sends with other options, and tries at once what could not be sent. */
  use(channel: Channel): void {
    this.#channel = channel;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#next();
  }

  /** Takes notices to be sent. A notice of the same check that waits is superseded. */
  put(notices: readonly Notice[]): void {
    const { outbox, record } = this.#options;
    for (const notice of notices) {
      const before = this.#waiting.get(notice.check);
      if (before !== undefined && notice.cause !== "lasts") record(this.#channel.name, "dropped", 1);
      // At the end of the queue, with the outage that was never told.
      this.#waiting.delete(notice.check);
      const merged = before === undefined ? notice : superseding(notice, before);
      this.#waiting.set(notice.check, merged);
      outbox.put(documentIds.waiting(this.#channel.name, notice.check), JSON.stringify(merged));
    }
    this.#next();
  }

  /** Takes what another replica could not send. */
  adopt(notice: Notice): void {
    const waiting = this.#waiting.get(notice.check);
    if (waiting === undefined || waiting.at < notice.at) this.put([notice]);
  }

  /** Gives away what could not be sent, after it has been closed. @param give says whether somebody else has it now */
  async giveAway(give: (notice: Notice) => Promise<boolean>): Promise<void> {
    const { outbox } = this.#options;
    const { name } = this.#channel;
    const message = this.#message;
    const given = await Promise.all((message?.notices ?? []).map(give));
    if (message !== undefined && given.every((one) => one)) {
      this.#message = undefined;
      outbox.delete(documentIds.message(name));
    }
    await Promise.all(
      [...this.#waiting].map(async ([check, notice]) => {
        if (!(await give(notice))) return;
        this.#waiting.delete(check);
        outbox.delete(documentIds.waiting(name, check));
      }),
    );
  }

  /** The channel is gone: only what closes something at the service is still sent, and that only once. */
  finish(): void {
    const { outbox, record } = this.#options;
    const { name, type } = this.#channel;
    this.#isFinishing = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const [check, notice] of this.#waiting) {
      if (type.closes && isClosing(notice)) continue;
      this.#waiting.delete(check);
      outbox.delete(documentIds.waiting(name, check));
      record(name, "dropped", 1);
    }
    this.#next();
  }

  /** Resolves when all has been sent that can be sent now. */
  async settled(): Promise<void> {
    while (this.#sending !== undefined) await this.#sending;
  }

  /** Ends what is being sent. What was not sent stays in the outbox. */
  async close(): Promise<void> {
    this.#end();
    await this.#sending;
  }

  #end(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#abort.abort();
  }

  #next(): void {
    if (this.#isClosed || this.#sending !== undefined || this.#timer !== undefined) return;
    this.#message ??= this.#form();
    if (this.#message === undefined) return;
    this.#sending = this.#attempt(this.#message).finally(() => {
      this.#sending = undefined;
      this.#next();
    });
  }

  #form(): Message | undefined {
    const { outbox, service } = this.#options;
    const { name, maxNotices } = this.#channel;
    const notices = [...this.#waiting.values()].slice(0, maxNotices);
    if (notices.length === 0) return undefined;
    const message: Message = { id: randomUUID(), service, createdAt: Date.now(), attempts: 0, notices };
    outbox.put(documentIds.message(name), JSON.stringify(message));
    for (const { check } of notices) {
      this.#waiting.delete(check);
      outbox.delete(documentIds.waiting(name, check));
    }
    return message;
  }

  async #attempt(before: Message): Promise<void> {
    const { outbox, logger, record, chance } = this.#options;
    const message = { ...before, attempts: before.attempts + 1 };
    const { name } = this.#channel;
    const {
      outcome,
      words,
      waitMilliseconds = 0,
    } = await this.#channel.send(message, { at: Date.now() }, this.#abort.signal);
    if (this.#isClosed && outcome === "again") return; // The next start sends it again.
    if (this.#isFinishing && outcome === "again") {
      this.#message = undefined;
      outbox.delete(documentIds.message(name));
      record(name, "dropped", message.notices.length);
      return;
    }
    const isGivenUp = outcome === "again" && Date.now() - message.createdAt >= giveUpMilliseconds;
    if (outcome === "again" && !isGivenUp) {
      this.#message = message;
      outbox.put(documentIds.message(name), JSON.stringify(message));
      record(name, "retried", 1);
      const wait = Math.max(waitMilliseconds, backOff(message.attempts, chance()));
      this.#warn(words, wait);
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        this.#next();
      }, wait).unref();
      return;
    }
    this.#message = undefined;
    outbox.delete(documentIds.message(name));
    record(name, outcome === "sent" ? "sent" : "failed", 1);
    if (outcome === "sent") {
      this.#loggedAt = Number.NEGATIVE_INFINITY;
      return;
    }
    const why = isGivenUp ? "could not be sent for a day, and is given up" : "was refused, and is not sent again";
    const checks = message.notices.map(({ check }) => check).slice(0, 20);
    logger.error({ channel: name, checks }, `a message to the channel "${name}" ${why}: ${escapeUnprintable(words)}`);
  }

  #warn(words: string, wait: number): void {
    const now = performance.now();
    if (now - this.#loggedAt < logMilliseconds) return;
    this.#loggedAt = now;
    const { name } = this.#channel;
    const seconds = Math.max(1, Math.round(wait / 1000));
    this.#options.logger.warn(
      { channel: name, waiting: this.size },
      `the channel "${name}" did not take a message, which is sent again in ${seconds} s: ${escapeUnprintable(words)}`,
    );
  }
}

/** The newer notice of a check, with the changes of both: nobody was told of the older one. */
function superseding(notice: Notice, before: Notice): Notice {
  const count = (before.changes?.count ?? 1) + (notice.changes?.count ?? 1);
  const startedAt = Math.min(before.at - (before.changes?.withinMilliseconds ?? 0), notice.at);
  const isRenewal = notice.cause === "lasts";
  return {
    ...notice,
    // A failure of which nobody was told does not "last", it is news.
    ...(isRenewal && before.cause === "failed" && { cause: "failed" as const }),
    ...(!isRenewal && { changes: { count, withinMilliseconds: notice.at - startedAt } }),
    ...(before.formerState !== undefined && notice.cause !== "recovered" && { formerState: before.formerState }),
  };
}
