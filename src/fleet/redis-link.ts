import { isIP } from "node:net";
import type { SecureContextOptions } from "node:tls";
import type { createClient } from "redis";
import type { ConnectionUrl } from "../health/secret.ts";

/** A connection to Redis. */
export type RedisClient = ReturnType<typeof createClient>;

/** How long Redis may give no answer before a failure that is found meanwhile counts for nothing, in milliseconds. */
export const aloneMilliseconds = 1500;

/** A connection over which nothing has come for so long is given up, although something has been asked all the time. */
const deadMilliseconds = 5000;
const pingMilliseconds = 2000;
const connectMilliseconds = 2000;
const longestWaitMilliseconds = 500;

/** Only an answer that came this soon after its question says what the clock of Redis is. */
const clockMilliseconds = 500;

/** A time in which Redis gave no answer, on the monotonic clock. */
export interface Silence {
  readonly from: number;
  readonly to: number;
}

/** Connects, again and again, until it is closed. Commands fail at once while there is no connection. */
export class RedisLink {
  readonly #create: typeof createClient;
  readonly #url: ConnectionUrl;
  readonly #failed: (error: Error) => void;
  readonly #trust: SecureContextOptions;
  readonly #clients = new Set<RedisClient>();
  #answeredAt: number | undefined;
  #silence: Silence | undefined;
  #answeredRedisAt = Number.NEGATIVE_INFINITY;
  #hasClock = false;
  /** What the clock of Redis says more than the monotonic clock, in milliseconds. */
  #ahead = 0;

  /**
   * @param failed is told why there is no connection, each time
   * @param trust for TLS
   */
  constructor(
    create: typeof createClient,
    url: ConnectionUrl,
    failed: (error: Error) => void,
    trust: SecureContextOptions = {},
  ) {
    this.#create = create;
    this.#url = url;
    this.#failed = failed;
    this.#trust = trust;
  }

  /** Opens one more connection; it is there once {@link RedisClient.isReady}. */
  open(): RedisClient {
    const url = this.#url.reveal();
    const client = this.#create({
      url,
      disableOfflineQueue: true,
      pingInterval: pingMilliseconds,
      socket: {
        ...(url.startsWith("rediss:") && { tls: true, servername: serverNameOf(new URL(url)), ...this.#trust }),
        connectTimeout: connectMilliseconds,
        socketTimeout: deadMilliseconds,
        reconnectStrategy: (retries) => Math.min(50 * 2 ** Math.min(retries, 10), longestWaitMilliseconds),
      },
    }) as RedisClient;
    client.on("error", this.#failed);
    client.connect().catch(this.#failed); // It goes on trying; only what can never succeed ends it.
    this.#clients.add(client);
    return client;
  }

  /**
   * Takes that Redis has answered a request.
   * @param redisMilliseconds when it did so by its own clock, in milliseconds since the epoch
   * @param askedAt when it was asked, on the monotonic clock: an answer that was long on its way, or waited for this process, does
   *   not say how late it is
   */
  answered(redisMilliseconds: number, askedAt: number): void {
    const now = performance.now();
    const before = this.#answeredAt;
    if (before !== undefined && now - before > aloneMilliseconds) this.#silence = { from: before, to: now };
    this.#answeredAt = now;
    this.#answeredRedisAt = redisMilliseconds;
    if (this.#hasClock && now - askedAt > clockMilliseconds) return;
    this.#hasClock = true;
    this.#ahead = redisMilliseconds - (askedAt + now) / 2;
  }

  /** Whether Redis has answered lately. */
  get isConnected(): boolean {
    return this.#answeredAt !== undefined && performance.now() - this.#answeredAt <= aloneMilliseconds;
  }

  /** The last time in which it gave no answer and that has ended. */
  get silence(): Silence | undefined {
    return this.#silence;
  }

  /**
   * Until when, by the clock of Redis, what was sent before may count: what arrives later was cut off for so long that a failure in it may
   * be this replica's own.
   */
  get latestMoment(): number {
    return this.#answeredRedisAt + aloneMilliseconds;
  }

  /** What the clock of Redis says now, in milliseconds since the epoch, as of its last answer that came at once. */
  get redisNow(): number {
    return performance.now() + this.#ahead;
  }

  close(): void {
    for (const client of this.#clients) {
      // A request that is under way fails now. BullMQ has closed its part, and would throw the error again.
      client.removeAllListeners("error").on("error", () => {});
      if (client.isOpen) client.destroy();
    }
    this.#clients.clear();
  }
}

/** What servers behind one address tell their certificates apart by; an IP address is no name. */
function serverNameOf({ hostname }: URL): string {
  return isIP(hostname.replaceAll(/^\[|\]$/g, "")) === 0 ? hostname : "";
}
