import { isIP } from "node:net";
import type { SecureContextOptions } from "node:tls";
import type { RedisClient } from "redis";
import { HealthCheckError } from "../../health/errors.ts";
import type { Secret } from "../../health/secret.ts";
import { unixSocketError } from "../../net/unix-socket-error.ts";
import { limitAnswers } from "./answer-limit.ts";
import { closedByServer, foreignProtocol, replyError } from "./redis-error.ts";

/** What is used of the package `redis`. */
export type RedisLibrary = Pick<typeof import("redis"), "RedisClient" | "ErrorReply" | "SocketClosedUnexpectedlyError">;

/** Where a server listens. */
export type RedisAddress = { readonly host: string; readonly port: number } | { readonly path: string };

/** How a check makes itself known, and what it asks for, on each connection. */
export interface RedisSession {
  readonly username?: string | undefined;
  readonly password?: Secret | undefined;
  readonly database?: number | undefined;
  /** How to speak TLS; undefined when it is not spoken. */
  readonly tls?: (SecureContextOptions & { readonly rejectUnauthorized: boolean }) | undefined;
}

/** The client without its methods for each command. */
type Client = Pick<InstanceType<typeof RedisClient>, "sendCommand">;

/** A connection to one server. */
export class RedisConnection {
  readonly #client: Client;
  readonly #library: RedisLibrary;
  readonly #begin: () => void;

  /** @param begin is called before each question */
  constructor(client: Client, library: RedisLibrary, begin: () => void) {
    this.#client = client;
    this.#library = library;
    this.#begin = begin;
  }

  /**
   * Sends a command and waits for its reply.
   * @throws HealthCheckError when the reply is an error
   */
  async command(...words: readonly [string, ...string[]]): Promise<unknown> {
    try {
      this.#begin();
      return await this.#client.sendCommand(words);
    } catch (error) {
      throw error instanceof this.#library.ErrorReply ? replyError(error.message, error) : error;
    }
  }

  /** @throws HealthCheckError when the reply is not that of a healthy server */
  async ping(): Promise<void> {
    if ((await this.command("PING")) !== "PONG") throw foreignProtocol();
  }
}

/**
 * Connects to a server and waits until it has answered a `PING`.
 * @param lifetime as `OpenConnection` tells
 */
export async function openRedis(
  library: RedisLibrary,
  address: RedisAddress,
  session: RedisSession,
  lifetime: AbortController,
): Promise<RedisConnection> {
  const { signal } = lifetime;
  signal.throwIfAborted();
  // Not createClient(): it builds a class of all commands and modules, which takes as long as a hundred PINGs.
  const client = new library.RedisClient(clientOptions(address, session, signal));
  client.on("error", (error: unknown) => lifetime.abort(meaningOf(error, library)));
  // The signal among its options ends the client's socket; this ends what else it has, such as its place in telemetry.
  signal.addEventListener("abort", () => client.destroy(), { once: true });
  client.unref();
  const { connecting: connected, begin } = limitAnswers(() => client.connect());
  const connection = new RedisConnection(client, library, begin);
  try {
    // The PING is on its way before the server can say that it has no connection left: an answer to no question is
    // beyond the client's understanding.
    const answered = connection.ping();
    answered.catch(() => {}); // What went wrong with connecting comes first.
    await connected;
    await answered;
    return connection;
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw error instanceof library.ErrorReply ? replyError(error.message, error) : error;
  }
}

/**
 * Connects to all of the servers, and keeps the first that answers: one that is silent delays nothing.
 * @param lifetime as `OpenConnection` tells
 * @throws what went wrong with the first of them, when all fail
 */
export async function openFirstRedis(
  library: RedisLibrary,
  addresses: readonly RedisAddress[],
  session: RedisSession,
  lifetime: AbortController,
): Promise<RedisConnection> {
  const { signal } = lifetime;
  const attempts = addresses.map((address) => {
    const ownLifetime = new AbortController();
    signal.addEventListener("abort", () => ownLifetime.abort(signal.reason), { once: true });
    return { ownLifetime, connection: openRedis(library, address, session, ownLifetime) };
  });
  try {
    const first = await Promise.any(attempts.map((attempt) => attempt.connection.then(() => attempt)));
    first.ownLifetime.signal.addEventListener("abort", () => lifetime.abort(first.ownLifetime.signal.reason));
    for (const { ownLifetime } of attempts) {
      if (ownLifetime !== first.ownLifetime) ownLifetime.abort(new Error("another server was faster"));
    }
    return await first.connection;
  } catch (error) {
    throw error instanceof AggregateError ? error.errors[0] : error;
  }
}

function clientOptions(address: RedisAddress, session: RedisSession, signal: AbortSignal) {
  const { username, password, database, tls } = session;
  return {
    // The older protocol needs no greeting, so that old servers, sentinels and users who may only PING get along.
    RESP: 2,
    disableClientInfo: true,
    maintNotifications: "disabled",
    commandOptions: { timeout: 0 },
    socket: socketOptions(address, tls, signal),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password: password.reveal() }),
    ...(database !== undefined && { database }),
  } as const;
}

function socketOptions(address: RedisAddress, tls: RedisSession["tls"], signal: AbortSignal) {
  // The check decides itself when to connect anew, and its time-out when to give up.
  const own = { reconnectStrategy: false, connectTimeout: 0, signal } as const;
  if ("path" in address) return { ...own, ...address, tls: false } as const;
  if (tls === undefined) return { ...own, ...address, tls: false } as const;
  return {
    ...own,
    ...tls,
    ...address,
    ...(isIP(address.host) === 0 && { servername: address.host }),
    tls: true,
  } as const;
}

/** What an event `error` of the client says: its socket failed, or what came could not be understood. */
function meaningOf(error: unknown, library: RedisLibrary): unknown {
  if (error instanceof library.SocketClosedUnexpectedlyError) return closedByServer(error);
  if (error instanceof library.ErrorReply) return replyError(error.message, error);
  const ofSystem = error instanceof HealthCheckError || (error instanceof Error && "code" in error);
  return ofSystem ? (unixSocketError(error) ?? error) : foreignProtocol(error);
}
