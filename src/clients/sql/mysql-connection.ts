import type { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { systemUser } from "../../host/system-user.ts";
import { AnswerGuard } from "../../net/answer-guard.ts";
import type { Login } from "../../net/login-options.ts";
import { closeSocket, openSocket, type SocketAddress, serverNameOf, startTls } from "../../net/open-socket.ts";
import type { QueryRows } from "../../net/query-fields.ts";
import { knownErrors, serverError } from "../../net/server-errors.ts";
import { foreignMysql, mysqlError, tlsDeclinedCode } from "./mysql-error.ts";
import { mysqlPackets } from "./mysql-packets.ts";

/** What is used of the package `mysql2`. */
export type MysqlLibrary = Pick<typeof import("mysql2"), "createConnection">;

/** Where a server is, and how to log in to it. */
export interface MysqlServer extends Pick<Login, "username" | "password" | "tls" | "tlsIsOptional"> {
  readonly address: SocketAddress;
  readonly family?: 4 | 6 | undefined;
  readonly database: string | undefined;
}

/** What a statement gave. */
export interface MysqlAnswer {
  readonly rows: QueryRows;
  /** The names of the columns. */
  readonly columns: readonly string[];
}

/**
 * Runs one statement.
 * @throws HealthCheckError when the server answers with an error, or with too much
 */
export type MysqlQuery = (text: string) => Promise<MysqlAnswer>;

/** A part of the client library that no type of it tells of, and no option can do. */
interface Internals {
  stream: Socket;
  startTLS: (onSecure: () => void) => void;
}

/**
 * Connects to a server and logs in.
 * @param lifetime as described at `OpenConnection`
 */
export async function openMysql(
  library: MysqlLibrary,
  server: MysqlServer,
  lifetime: AbortController,
): Promise<MysqlQuery> {
  const { signal } = lifetime;
  const { address, family } = server;
  const socketLifetime = new AbortController();
  const abandon = (): void => socketLifetime.abort(signal.reason);
  signal.throwIfAborted();
  signal.addEventListener("abort", abandon, { once: true });
  const socket = await openSocket({ address, family }, socketLifetime.signal);
  socket.unref();
  const guard = new AnswerGuard(mysqlPackets);
  const fail = (error: Error): void => socketLifetime.abort(error);
  guard.watch(socket, foreignMysql, fail);
  const client = library.createConnection(clientOptions(server, socket));
  // Of packets in another order. The library would write it to the standard error and go on; the guard takes what is thrown here.
  (client as EventEmitter).on("warn", (warning: Error) => {
    throw foreignMysql(warning);
  });
  const internals = client as unknown as Internals;
  internals.startTLS = (onSecure) => {
    internals.stream = secured(socket, server, guard, { onSecure, fail });
  };
  try {
    await new Promise<void>((resolve, reject) => {
      socketLifetime.signal.addEventListener("abort", () => reject(socketLifetime.signal.reason));
      client.on("error", reject);
      client.on("connect", () => resolve());
    });
  } catch (error) {
    signal.removeEventListener("abort", abandon);
    socketLifetime.abort(error);
    signal.throwIfAborted();
    const declined = (error as NodeJS.ErrnoException).code === tlsDeclinedCode;
    if (!declined || !server.tlsIsOptional) throw mysqlError(error);
    return openMysql(library, { ...server, tls: undefined }, lifetime);
  }
  const lose = (error: unknown): void => lifetime.abort(mysqlError(error));
  client.on("error", lose);
  socketLifetime.signal.addEventListener("abort", () => lose(socketLifetime.signal.reason));
  let waiting = 0;
  signal.removeEventListener("abort", abandon);
  signal.addEventListener("abort", () => {
    if (waiting > 0 || socket.destroyed) return abandon();
    client.end(); // Else the server counts and logs a connection that was not closed properly.
    closeSocket(internals.stream);
  });
  return async (text) => {
    guard.begin();
    waiting += 1;
    try {
      return await ask(client, text);
    } catch (error) {
      throw mysqlError(error);
    } finally {
      waiting -= 1;
    }
  };
}

function ask(client: ReturnType<MysqlLibrary["createConnection"]>, text: string): Promise<MysqlAnswer> {
  return new Promise((resolve, reject) => {
    client.query({ sql: text, rowsAsArray: true, typeCast: (field) => field.string() }, (error, rows, fields) => {
      if (error !== null) reject(error);
      else if (!Array.isArray(rows)) resolve({ rows: [], columns: [] });
      // What rowsAsArray and typeCast ask for, which no type can say.
      else resolve({ rows: rows as unknown as QueryRows, columns: fields.map(({ name }) => name) });
    });
  });
}

function clientOptions({ username = systemUser(), password, database, tls }: MysqlServer, socket: Socket) {
  return {
    ...(username !== undefined && { user: username }),
    ...(password !== undefined && { password: password.reveal() }),
    ...(database !== undefined && { database }),
    ...(tls !== undefined && { ssl: {} }), // How is said where it begins.
    stream: () => socket,
    connectTimeout: 0, // The run has a time-out of its own.
    connectAttributes: { program_name: "healthspan" },
    flags: ["-LOCAL_FILES"], // No server may ask for a file.
  };
}

/** Speaks TLS over the socket: as the login says, which the library would not. It also forgets why a certificate is refused. */
function secured(
  socket: Socket,
  { address, tls }: MysqlServer,
  guard: AnswerGuard,
  { onSecure, fail }: { readonly onSecure: () => void; readonly fail: (error: Error) => void },
): Socket {
  const host = "host" in address ? address.host : undefined;
  const servername = host === undefined ? undefined : serverNameOf(host);
  const options: ConnectionOptions = { ...tls, ...(host !== undefined && { host }), ...(servername && { servername }) };
  const readers = socket.listeners("data") as ((data: Buffer) => void)[]; // Node.js types all listeners alike.
  socket.removeAllListeners("data");
  const upper = startTls(socket, options);
  guard.watch(upper, foreignMysql, fail);
  for (const read of readers) upper.on("data", read);
  upper.on("secureConnect", onSecure);
  upper.on("error", fail);
  upper.on("end", () => fail(serverError(knownErrors.closedByServer)));
  return upper;
}
