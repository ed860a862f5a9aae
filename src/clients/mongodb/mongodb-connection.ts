import type { Socket } from "node:net";
import type { MongoClientOptions, TopologyDescription } from "mongodb";
import { ServiceReturnedUnexpectedResult, ServiceUnavailable } from "../../health/errors.ts";
import { AnswerGuard } from "../../net/answer-guard.ts";
import type { TakeFacts } from "../../net/kept-connection.ts";
import type { Login } from "../../net/login-options.ts";
import { lookupReachable } from "../../net/reachable-address.ts";
import { knownErrors, serverError } from "../../net/server-errors.ts";
import type { ServerAddress } from "../../net/server-list.ts";
import { connectionFacts, factNames, peerOfError, tellSpan } from "../../net/spans/span-facts.ts";
import { foreignMongodb, mongodbError, serviceError } from "./mongodb-error.ts";
import { readHello } from "./mongodb-hello.ts";
import type { LibraryConnection, LibraryConnectionOptions, MongodbLibrary } from "./mongodb-library.ts";
import { mongodbMessages } from "./mongodb-messages.ts";
import { defaultPort } from "./mongodb-url.ts";

/** Where servers are, and how to log in to them. */
export interface MongodbServers extends Pick<Login, "username" | "password" | "tls"> {
  readonly protocol: "mongodb:" | "mongodb+srv:";
  readonly hosts: readonly ServerAddress[];
  /** To be asked itself, whatever replica set it is in. */
  readonly isDirect: boolean;
  /** Whether the primary is wanted. Default: whoever is nearest. */
  readonly isPrimaryWanted: boolean;
  readonly family?: 4 | 6 | undefined;
  readonly database: string | undefined;
  readonly authSource: string | undefined;
  readonly replicaSet: string | undefined;
  readonly authMechanism: string | undefined;
}

/**
 * Runs a command that takes no arguments.
 * @throws HealthCheckError when the server answers with an error
 */
export type MongodbCommand = (name: "ping" | "hello") => Promise<unknown>;

/** Parts of the client library that no type of it tells of, and no option can do without. */
interface Internals {
  readonly topology?: {
    readonly s: { readonly servers: ReadonlyMap<string, { readonly monitor?: { close(): void } }> };
  };
}

/**
 * Finds a server, connects to it and logs in. It leaves one connection: nothing watches the servers any longer, as the next
 * command finds out by itself whether that is still good.
 * @param lifetime and takeFacts as described at `OpenConnection`
 */
export async function openMongodb(
  library: MongodbLibrary,
  servers: MongodbServers,
  lifetime: AbortController,
  takeFacts: TakeFacts,
): Promise<MongodbCommand> {
  const { signal } = lifetime;
  signal.throwIfAborted();
  let opened: { readonly socket: Socket; readonly connection: LibraryConnection } | undefined;
  const watching = new AbortController();
  const connectionType = guardedConnection(library, (socket, { id, hostAddress }, connection) => {
    const end = id === "<monitor>" ? AbortSignal.any([signal, watching.signal]) : signal;
    if (end.aborted) socket.destroy();
    end.addEventListener("abort", () => socket.destroy()); // The client library forgets those that are only being greeted.
    if (id === "<monitor>") return;
    opened = { socket, connection };
    const { host, port } = hostAddress.toHostPort();
    takeFacts({ [factNames.serverAddress]: host, [factNames.serverPort]: port, ...connectionFacts(socket) });
  });
  const ownOptions = { connectionType }; // An option that no type tells of.
  const client = new library.MongoClient(addressOf(servers), { ...clientOptions(servers, signal), ...ownOptions });
  const close = (): void => void client.close().catch(() => {}); // It is closed all the same.
  signal.addEventListener("abort", close, { once: true });
  let areServersKnown = servers.protocol === "mongodb:";
  client.on("topologyOpening", () => {
    areServersKnown = true;
    if (signal.aborted) queueMicrotask(close); // While the service was looked up.
  });
  const hopeless = Promise.withResolvers<never>();
  client.on("topologyDescriptionChanged", ({ newDescription }) => {
    const error = signal.aborted ? undefined : hopelessness(newDescription, servers);
    if (error !== undefined) hopeless.reject(error);
  });
  try {
    await Promise.race([client.connect(), hopeless.promise]);
  } catch (error) {
    close();
    signal.throwIfAborted();
    const meaning = areServersKnown ? mongodbError(error, library) : serviceError(error);
    takeFacts(peerOfError(meaning));
    throw meaning;
  }
  // What the client library has told its types to hide.
  for (const { monitor } of (client as unknown as Internals).topology?.s.servers.values() ?? []) monitor?.close();
  watching.abort();
  if (opened === undefined) throw foreignMongodb();
  const { socket, connection } = opened;
  const lose = (): void => lifetime.abort(socket.errored ?? serverError(knownErrors.closedByServer));
  if (socket.destroyed) lose();
  socket.once("close", lose);
  const db = servers.database ?? "admin";
  return async (name) => {
    tellSpan({ [factNames.dbOperationName]: name });
    try {
      return await connection.command({ db }, { [name]: 1 });
    } catch (error) {
      signal.throwIfAborted();
      throw mongodbError(error, library);
    }
  };
}

/** Connections whose answers are read before the client library does. */
function guardedConnection(
  { Connection }: MongodbLibrary,
  take: (socket: Socket, options: LibraryConnectionOptions, connection: LibraryConnection) => void,
) {
  return class GuardedConnection extends Connection {
    readonly #guard = new AnswerGuard(mongodbMessages);

    constructor(socket: Socket, options: LibraryConnectionOptions) {
      super(socket, options);
      socket.unref();
      this.#guard.watch(socket, foreignMongodb, (error) => socket.destroy(error));
      take(socket, options, this);
    }

    override async command(...[namespace, command, ...others]: Parameters<LibraryConnection["command"]>) {
      this.#guard.begin();
      const answer = await super.command(namespace, command, ...others);
      return "hello" in command || "ismaster" in command ? readHello(answer) : answer;
    }
  };
}

function addressOf({ protocol, hosts, database, replicaSet, authMechanism }: MongodbServers): string {
  const list = hosts.map(({ host, port }) => {
    const name = host.includes(":") ? `[${host}]` : host;
    return protocol === "mongodb:" ? `${name}:${port}` : name;
  });
  const path = database === undefined ? "" : encodeURIComponent(database);
  const parameters = new URLSearchParams({
    ...(replicaSet !== undefined && { replicaSet }),
    ...(authMechanism !== undefined && { authMechanism }),
  });
  return `${protocol}//${list.join(",")}/${path}?${parameters}`;
}

function clientOptions(servers: MongodbServers, signal: AbortSignal): MongoClientOptions {
  const { hosts, username, password, tls, authSource, family, isDirect, isPrimaryWanted } = servers;
  return {
    appName: "healthspan",
    ...(isDirect && { directConnection: true }), // In an address of a service it may not even be false.
    readPreference: isPrimaryWanted ? "primary" : "nearest",
    maxPoolSize: 1,
    serverMonitoringMode: "poll",
    // The check itself decides when to reconnect, and its time-out when to give up.
    heartbeatFrequencyMS: 86_400_000,
    serverSelectionTimeoutMS: 0,
    connectTimeoutMS: 0,
    retryReads: false,
    lookup: (host, options, callback) => {
      const { port = defaultPort } = hosts.find((server) => server.host === host) ?? hosts[0] ?? {};
      lookupReachable(port, signal, family)(host, options, callback);
    },
    autoSelectFamily: false,
    ...(username !== undefined && { auth: { username, password: password?.reveal() ?? "" } }),
    ...(authSource !== undefined && { authSource }),
    tls: tls !== undefined,
    ...tls,
  } as MongoClientOptions; // The options of TLS are those of Node.js, which types them a little differently.
}

/**
 * Why no server can be chosen, as soon as each has been heard of; undefined as long as one may still be. The client library itself
 * would go on trying.
 */
function hopelessness(
  { servers }: TopologyDescription,
  { isDirect, isPrimaryWanted }: MongodbServers,
): Error | undefined {
  const all = [...servers.values()];
  const reached = all.filter(({ type }) => type !== "Unknown" && type !== "PossiblePrimary");
  if (reached.length + all.filter(({ error }) => error !== null).length < all.length) return undefined;
  const usable: readonly string[] = ["RSPrimary", "Mongos", "Standalone", ...(isPrimaryWanted ? [] : ["RSSecondary"])];
  if (reached.some(({ type }) => isDirect || usable.includes(type))) return undefined;
  if (all.length === 0) {
    const message =
      "the servers are not of that replica set: check replicaSet, or name a server alone to ask it itself";
    return new ServiceReturnedUnexpectedResult(message, { reason: "assertion" });
  }
  const [error] = all.flatMap((server) => server.error ?? []);
  if (reached.length === 0) return error;
  if (!isPrimaryWanted) return new ServiceUnavailable("no server of the replica set has data that can be read");
  const message = "the replica set has no primary and accepts no writes";
  return new ServiceReturnedUnexpectedResult(message, { reason: "assertion" });
}
