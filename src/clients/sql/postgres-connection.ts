import { Socket } from "node:net";
import { HealthCheckError } from "../../health/errors.ts";
import { systemUser } from "../../host/system-user.ts";
import { AnswerGuard } from "../../net/answer-guard.ts";
import type { TakeFacts } from "../../net/kept-connection.ts";
import type { Login } from "../../net/login-options.ts";
import type { QueryRows } from "../../net/query-fields.ts";
import { lookupReachable } from "../../net/reachable-address.ts";
import { knownErrors, serverError } from "../../net/server-errors.ts";
import { peerFacts, peerOfError, tlsFacts } from "../../net/spans/span-facts.ts";
import { unixSocketError } from "../../net/unix-socket-error.ts";
import { clientError, foreignPostgres, sqlStateError, tlsRefusal } from "./postgres-error.ts";
import { postgresMessages, tlsReply } from "./postgres-messages.ts";

/** What is used of the package `pg`. */
export type PostgresLibrary = Pick<typeof import("pg"), "Client" | "DatabaseError">;

/**
 * Runs statements, separated by semicolons, as one transaction.
 * @returns the rows of the last one
 * @throws HealthCheckError when the server answers with an error, or with too much
 */
export type PostgresQuery = (text: string) => Promise<QueryRows>;

/**
 * Connects to a server and logs in.
 * @param lifetime and takeFacts as described at `OpenConnection`
 */
export async function openPostgres(
  library: PostgresLibrary,
  login: Login,
  lifetime: AbortController,
  takeFacts: TakeFacts,
): Promise<PostgresQuery> {
  const { signal } = lifetime;
  signal.throwIfAborted();
  const socket = socketFor(login.server?.host, signal, takeFacts);
  socket.unref();
  const guard = new AnswerGuard(postgresMessages);
  const destroy = (error: Error): void => void client.connection.stream.destroy(error);
  (login.tls === undefined ? guard : new AnswerGuard(tlsReply)).watch(socket, foreignPostgres, destroy);
  const client = new library.Client(clientOptions(login, socket));
  client.connection.on("sslconnect", () => {
    const { stream } = client.connection;
    guard.watch(stream, foreignPostgres, destroy);
    // Before Node.js looks at the certificate, as in open-socket.ts.
    stream.prependListener("secure", () => takeFacts(tlsFacts(stream)));
  });
  try {
    await new Promise<void>((resolve, reject) => {
      client.on("error", reject);
      client.connect().then(() => resolve(), reject);
    });
  } catch (error) {
    takeFacts(peerOfError(error));
    socket.destroy();
    const declined = error instanceof Error && error.message === tlsRefusal;
    if (!declined || !login.tlsIsOptional) throw meaningOf(error, library);
    return openPostgres(library, { ...login, tls: undefined }, lifetime, takeFacts);
  }
  client.on("error", (error) => lifetime.abort(meaningOf(error, library)));
  return async (text) => {
    guard.begin();
    try {
      const types = { getTypeParser: () => (value: string) => value };
      const results: unknown = await client.query({ text, rowMode: "array", types });
      const result: unknown = Array.isArray(results) ? results.at(-1) : results;
      return (result as { rows: QueryRows }).rows; // What rowMode and types ask for, which no type can say.
    } catch (error) {
      throw meaningOf(error, library);
    }
  };
}

/** A socket that does not leave it to Node.js which address of a name it connects to. The library calls its `connect`. */
function socketFor(name: string | undefined, signal: AbortSignal, takeFacts: TakeFacts): Socket {
  const socket = new Socket({ signal });
  const connect = socket.connect.bind(socket);
  const connectTo = (portOrPath: number | string, host?: string): Socket => {
    const path = typeof portOrPath === "string" ? portOrPath : undefined;
    socket.once("connect", () => takeFacts(peerFacts(socket.remoteAddress ?? path, socket.remotePort)));
    if (typeof portOrPath === "string") return connect(portOrPath);
    const lookup = lookupReachable(portOrPath, signal);
    return connect({ port: portOrPath, host: name ?? host ?? "localhost", lookup, autoSelectFamily: false });
  };
  return Object.assign(socket, { connect: connectTo });
}

function clientOptions(
  { server, username: user = systemUser(), password, tls, path, parameters }: Login,
  socket: Socket,
) {
  return {
    ...server,
    // The library asks for this name in TLS (RFC 6066, section 3: without a final dot).
    ...(server !== undefined && { host: server.host.replace(/(?<=.)\.$/, "") }),
    user,
    database: path ?? user,
    password: () => {
      if (password !== undefined) return password.reveal();
      throw serverError(knownErrors.passwordRequired);
    },
    ssl: tls ?? false,
    sslnegotiation: "postgres", // Whatever the environment says.
    stream: () => socket,
    application_name: parameters.get("application_name") ?? "healthspan",
    options: parameters.get("options"),
    keepAlive: true,
  } as const;
}

function meaningOf(error: unknown, library: PostgresLibrary): unknown {
  if (error instanceof HealthCheckError) return error;
  if (error instanceof library.DatabaseError) return sqlStateError(error);
  return unixSocketError(error) ?? clientError(error);
}
