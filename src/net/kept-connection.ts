import { setTimeout as setTimeoutPromise } from "node:timers/promises";
import { type Attributes, context } from "@opentelemetry/api";
import { HealthCheckError, ServiceUnavailable } from "../health/errors.ts";
import { failureOf } from "../health/failure.ts";
import { duration } from "../health/fields.ts";
import type { Duration } from "../health/time/duration.ts";
import { unlessAborted } from "../health/time/unless-aborted.ts";
import { type PhaseFailure, recordPhase } from "./phase.ts";
import { peerIn, takeFactsOf, tellSpan } from "./spans/span-facts.ts";

/** Takes what spans say of a connection, as it becomes known while the connection is opened: the peer, TLS. */
export type TakeFacts = (facts: Attributes) => void;

/**
 * Opens a connection. It ends with its lifetime: when the signal fires, everything that was opened must be let go at
 * once, however far the connection has come; when the connection is lost, `lifetime.abort(why)` reports it.
 * @param takeFacts each run that uses the connection says these on its span
 * @throws NoConnectionLeftForUser when the check's own previous connection may be the one too many
 */
export type OpenConnection<Connection> = (lifetime: AbortController, takeFacts: TakeFacts) => Promise<Connection>;

/** The server limits the connections of this user or database, and not of everyone. */
export class NoConnectionLeftForUser extends ServiceUnavailable {}

/** Setting of every check that keeps a connection between its runs. */
export const keptConnectionFields = {
  maxConnectionAge: duration()
    .refine((value) => value.milliseconds <= 86_400_000, "must be at most 1d")
    .prefault("5m")
    .describe(
      "The connection is kept between runs. Once it is this old, or up to a fifth younger, the next run opens a new one, and so notices a changed password or address. 0s: every run opens a new one.",
    ),
};

/** When a connection must not be used any longer, as a check is configured, and where time and chance come from. */
export interface KeptConnectionOptions {
  /** Of a run. */
  readonly timeout: Duration;
  /** At a greater age, the next run opens another connection. */
  readonly maxConnectionAge: Duration;
  /** Milliseconds on a monotonic clock. */
  readonly now?: () => number;
  /** From 0 to 1. */
  readonly random?: () => number;
}

/** What is to be done with a connection, and for how many milliseconds it is waited for. */
export type Action<Connection, Result> = (connection: Connection, patience: number) => Promise<Result>;

/** The share of the longest age by which a connection may end earlier, so that many checks do not log in at the same time. */
const jitter = 0.2;

/** A use that took a larger share of the time-out might not end within half of it: the next one gets all of it. */
const quickShare = 0.25;

/** How long a server may still count a connection that was closed. */
const noticeMilliseconds = 100;

interface Kept<Connection> {
  readonly connection: Promise<Connection>;
  readonly lifetime: AbortController;
  readonly endsAt: number;
  /** What is known of it, for the span of each run that uses it. */
  readonly facts: Attributes;
  /** False once a use of it failed, or was slow. */
  reusable: boolean;
}

/**
 * The one connection that a check keeps between its runs. It is opened by the first run, and closed when a run is aborted or
 * fails by anything but a {@link HealthCheckError}.
 *
 * Because it was opened earlier, it may lead to a server that is no longer the one behind the name, belong to a user who may
 * no longer log in, or be forgotten by a firewall on the way. So a failure counts only over a connection of the same run: when
 * the kept one fails, or no answer comes over it for half of the time-out, the run opens another and does the same over that.
 * After a failure, after a slow use, and beyond its longest age, the kept one is replaced in any case.
 */
export class KeptConnection<Connection> {
  readonly #open: OpenConnection<Connection>;
  readonly #timeout: number;
  readonly #maxAge: number;
  readonly #now: () => number;
  readonly #random: () => number;
  #kept: Kept<Connection> | undefined;

  constructor(open: OpenConnection<Connection>, options: KeptConnectionOptions) {
    const { timeout, maxConnectionAge, now = () => performance.now(), random = Math.random } = options;
    this.#open = open;
    this.#timeout = timeout.milliseconds;
    this.#maxAge = maxConnectionAge.milliseconds;
    this.#now = now;
    this.#random = random;
  }

  /**
   * Does something with the connection.
   * @param signal closes the connection, even one that is not open yet
   * @param left how many milliseconds are left of the run's time-out. Default: all of them
   */
  async use<Result>(signal: AbortSignal, action: Action<Connection, Result>, left = this.#timeout): Promise<Result> {
    signal.throwIfAborted();
    try {
      return await this.#useKeptOrNew(signal, action, left);
    } catch (error) {
      tellSpan(takeFactsOf(error)); // Not before: what went wrong with the kept connection is no failure of the run.
      throw error;
    }
  }

  /** Closes the connection, if there is one. */
  close(): void {
    this.#kept?.lifetime.abort(new Error("the connection was closed"));
    this.#kept = undefined;
  }

  async #useKeptOrNew<Result>(signal: AbortSignal, action: Action<Connection, Result>, left: number): Promise<Result> {
    const timeout = Math.max(0, left); // On a busy machine, what came before may have taken more than there was.
    const old = this.#kept;
    if (old !== undefined && this.#isReusable(old)) {
      const impatience = setTimeout(() => old.lifetime.abort(new Error("no answer in time")), timeout / 2);
      try {
        tellSpan(old.facts);
        return await this.#useOne(old, signal, action, timeout / 2);
      } catch (error) {
        if (signal.aborted || this.#kept !== old) throw error;
      } finally {
        clearTimeout(impatience);
      }
    }
    try {
      return await this.#useOne(this.#openNew(old), signal, action, timeout);
    } catch (error) {
      if (old === undefined || !(error instanceof NoConnectionLeftForUser)) throw error;
      await setTimeoutPromise(noticeMilliseconds, undefined, { signal });
      return await this.#useOne(this.#openNew(), signal, action, timeout);
    }
  }

  #isReusable({ reusable, lifetime, endsAt }: Kept<Connection>): boolean {
    return reusable && !lifetime.signal.aborted && this.#now() < endsAt;
  }

  /** @param previous stays open until the new connection is, or cannot be: its place must not hide that the server is full */
  #openNew(previous?: Kept<Connection>): Kept<Connection> {
    const lifetime = new AbortController();
    const endPrevious = (): void => {
      lifetime.signal.removeEventListener("abort", endPrevious);
      previous?.lifetime.abort(new Error("the connection was replaced"));
    };
    lifetime.signal.addEventListener("abort", endPrevious);
    const run = context.active();
    const startedAt = Date.now();
    const startedMonotonic = performance.now();
    const facts: Attributes = {};
    const takeFacts = (more: Attributes): void => {
      Object.assign(facts, more);
      tellSpan(more, run);
    };
    const record = (failure?: PhaseFailure): void => {
      const endedAt = startedAt + performance.now() - startedMonotonic;
      recordPhase("connect", startedAt, endedAt, failure, { facts: peerIn(facts) });
    };
    const connection = this.#open(lifetime, takeFacts);
    connection.then(
      () => {
        record();
        endPrevious();
      },
      (error: unknown) => {
        record(failureOf(error, (text) => text));
        lifetime.abort(error);
      },
    );
    this.#kept = {
      connection,
      lifetime,
      endsAt: this.#now() + this.#maxAge * (1 - jitter * this.#random()),
      facts,
      reusable: true,
    };
    return this.#kept;
  }

  async #useOne<Result>(
    kept: Kept<Connection>,
    signal: AbortSignal,
    action: Action<Connection, Result>,
    patience: number,
  ): Promise<Result> {
    const { connection, lifetime } = kept;
    const end = (): void => lifetime.abort(signal.reason);
    signal.addEventListener("abort", end, { once: true });
    try {
      // A client that loses its connection does not always reject what waits for an answer.
      const opened = await unlessAborted(lifetime.signal, connection);
      const startedAt = this.#now();
      const result = await unlessAborted(lifetime.signal, action(opened, patience));
      kept.reusable = this.#now() - startedAt <= quickShare * this.#timeout;
      return result;
    } catch (error) {
      kept.reusable = false;
      if (!(error instanceof HealthCheckError)) lifetime.abort(error);
      throw error;
    } finally {
      signal.removeEventListener("abort", end);
    }
  }
}
