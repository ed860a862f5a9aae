import { Socket } from "node:net";
import { userInfo } from "node:os";
import type { Duplex } from "node:stream";
import type { ConnectionOptions } from "node:tls";
import type { Client } from "pg";
import { HealthCheckError, ServiceUnavailable } from "../../health/errors.ts";
import { tlsOptions } from "../../net/tls-options.ts";
import { unixSocketError } from "../../net/unix-socket-error.ts";
import { clientError, foreignProtocol, sqlStateError, tlsRefusal } from "./postgres-error.ts";
import { MessageFrames } from "./postgres-frames.ts";
import type { PostgresServer } from "./postgres-options.ts";

/** What is used of the package `pg`. */
export type PostgresLibrary = Pick<typeof import("pg"), "Client" | "DatabaseError">;

/** A value as PostgreSQL prints it; null is NULL. */
export type PostgresValue = string | null;

/** A connection to a server that has let us in. */
export class PostgresConnection {
  readonly #client: Client;
  readonly #library: PostgresLibrary;
  readonly #frames: MessageFrames;

  constructor(client: Client, library: PostgresLibrary, frames: MessageFrames) {
    this.#client = client;
    this.#library = library;
    this.#frames = frames;
  }

  /**
   * Runs statements, separated by semicolons, as one transaction.
   * @returns the rows of the last one
   * @throws HealthCheckError when the server answers with an error, or with too much
   */
  async query(text: string): Promise<readonly (readonly PostgresValue[])[]> {
    this.#frames.begin();
    try {
      const types = { getTypeParser: () => (value: string) => value };
      const results: unknown = await this.#client.query({ text, rowMode: "array", types });
      const result: unknown = Array.isArray(results) ? results.at(-1) : results;
      return (result as { rows: PostgresValue[][] }).rows; // What rowMode and types ask for, which no type can say.
    } catch (error) {
      throw meaningOf(error, this.#library);
    }
  }
}

/**
 * Connects to a server and logs in.
 * @param lifetime as `OpenConnection` tells
 */
export async function openPostgres(
  library: PostgresLibrary,
  server: PostgresServer,
  lifetime: AbortController,
): Promise<PostgresConnection> {
  const tls = server.host.startsWith("/") ? false : tlsOf(server);
  try {
    return await open(library, server, tls, lifetime);
  } catch (error) {
    const declined = error instanceof Error && error.message === tlsRefusal;
    if (declined && server.sslmode === "prefer") {
      return await openPostgres(library, { ...server, sslmode: "disable" }, lifetime);
    }
    throw meaningOf(error, library);
  }
}

async function open(
  library: PostgresLibrary,
  server: PostgresServer,
  tls: ConnectionOptions | false,
  lifetime: AbortController,
): Promise<PostgresConnection> {
  lifetime.signal.throwIfAborted();
  const socket = new Socket({ signal: lifetime.signal });
  socket.unref();
  const frames = new MessageFrames();
  if (tls === false) guard(socket, startReplies, frames);
  else guard(socket, tlsReplies); // What follows is either encrypted or begins with an error.
  const client = new library.Client({
    ...clientOptions(server),
    ssl: tls,
    stream: () => socket,
  });
  client.connection.on("sslconnect", () => guard(client.connection.stream, startReplies, frames));
  try {
    await new Promise<void>((resolve, reject) => {
      client.on("error", reject);
      client.connect().then(() => resolve(), reject);
    });
  } catch (error) {
    socket.destroy();
    throw error;
  }
  client.on("error", (error) => lifetime.abort(meaningOf(error, library)));
  return new PostgresConnection(client, library, frames);
}

function clientOptions({ host, port, database, user, password, applicationName, serverOptions }: PostgresServer) {
  const login = user ?? systemUser();
  return {
    host,
    port,
    ...(database !== undefined && { database }),
    ...(login !== undefined && { user: login }),
    password: () => {
      if (password !== undefined) return password.reveal();
      throw new ServiceUnavailable("the server asks for a password", { reason: "authentication" });
    },
    application_name: applicationName,
    ...(serverOptions !== undefined && { options: serverOptions }),
    keepAlive: true,
  };
}

/** The name of who runs this process, as libpq takes it for that of a user who is not named. */
function systemUser(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined; // In a container, a user may have a number only.
  }
}

/** What TLS demands in each of libpq's modes. */
function tlsOf({ sslmode, ca, clientCertificate, clientKey }: PostgresServer): ConnectionOptions | false {
  if (sslmode === "disable") return false;
  // libpq: require is verify-ca when there is an authority to verify with.
  const verifyCertificate = sslmode.startsWith("verify-") || (sslmode === "require" && ca !== undefined);
  const options = tlsOptions({ ca, clientCertificate, clientKey, verifyCertificate });
  return sslmode === "verify-full" ? options : { ...options, checkServerIdentity: () => undefined };
}

/** The first byte of a server's reply to the request for TLS: yes, no, or an error. */
const tlsReplies = "SNE";
/** The type of a server's first message: authentication, error, notice, or the version of the protocol. */
const startReplies = "RENv";

/**
 * Ends a stream on which something else than PostgreSQL talks, at its beginning or later. The client library waits for
 * ever for the rest of what it takes for a message, and throws from within the stream, where nobody could catch it, when
 * it does not know one.
 * @param firstBytes what a server of PostgreSQL may begin with
 * @param frames what its messages are followed with, unless they are encrypted
 */
function guard(stream: Duplex, firstBytes: string, frames?: MessageFrames): void {
  let begun = false;
  const emit = stream.emit.bind(stream);
  stream.emit = (event: string | symbol, ...values: unknown[]): boolean => {
    if (event !== "data") return emit(event, ...values);
    const [chunk] = values;
    try {
      if (Buffer.isBuffer(chunk)) {
        if (!begun && !firstBytes.includes(String.fromCharCode(chunk[0] ?? 0))) throw foreignProtocol();
        frames?.take(chunk);
      }
      begun = true;
      return emit(event, ...values);
    } catch (error) {
      stream.destroy(error instanceof HealthCheckError ? error : foreignProtocol(error));
      return true;
    }
  };
}

function meaningOf(error: unknown, library: PostgresLibrary): unknown {
  if (error instanceof HealthCheckError) return error;
  if (error instanceof library.DatabaseError) return sqlStateError(error.code, error);
  return unixSocketError(error) ?? clientError(error);
}
