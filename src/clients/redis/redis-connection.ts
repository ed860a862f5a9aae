import { checkServerIdentity, type PeerCertificate } from "node:tls";
import type { Attributes } from "@opentelemetry/api";
import { HealthCheckError } from "../../health/errors.ts";
import { AnswerGuard } from "../../net/answer-guard.ts";
import type { TakeFacts } from "../../net/kept-connection.ts";
import type { Login } from "../../net/login-options.ts";
import { openFirst } from "../../net/open-first.ts";
import { serverNameOf } from "../../net/open-socket.ts";
import { lookupReachable } from "../../net/reachable-address.ts";
import { knownErrors, serverError } from "../../net/server-errors.ts";
import type { ServerAddress } from "../../net/server-list.ts";
import { inConversation } from "../../net/spans/conversation-span.ts";
import { certificateFacts, factNames, peerFacts, peerOfError, tellSpan } from "../../net/spans/span-facts.ts";
import { unixSocketError } from "../../net/unix-socket-error.ts";
import { foreignRedis, replyError } from "./redis-error.ts";
import { redisReplies } from "./redis-replies.ts";

/** What is used of the package `redis`. */
export type RedisLibrary = Pick<typeof import("redis"), "RedisClient" | "ErrorReply" | "SocketClosedUnexpectedlyError">;

/** Where a server listens. */
export type RedisAddress = ServerAddress | { readonly path: string };

/** How a check logs in, and which database it selects, on each connection. */
export interface RedisSession extends Pick<Login, "username" | "password" | "tls"> {
  readonly database?: number;
  /** Whether the run has several conversations, so that each command has a span of its own. */
  readonly isOneOfSeveral: boolean;
  /** How long the answers to what is asked at once may be. Default: 1 MiB. */
  readonly maxAnswerMebibytes?: number | undefined;
}

/**
 * Sends a command and waits for its reply.
 * @throws HealthCheckError when the reply is an error
 */
export type RedisCommand = (...words: readonly [string, ...string[]]) => Promise<unknown>;

/**
 * Connects to the first of the servers that has answered a `PING`.
 * @param lifetime and takeFacts as described at `OpenConnection`
 */
export function openRedis(
  library: RedisLibrary,
  servers: readonly RedisAddress[],
  session: RedisSession,
  lifetime: AbortController,
  takeFacts: TakeFacts,
): Promise<RedisCommand> {
  return openFirst(servers, (server, own) => open(library, server, session, own, takeFacts), lifetime);
}

async function open(
  library: RedisLibrary,
  server: RedisAddress,
  session: RedisSession,
  lifetime: AbortController,
  takeRunFacts: TakeFacts,
) {
  const { signal } = lifetime;
  signal.throwIfAborted();
  const facts: Attributes = {};
  const takeFacts: TakeFacts = (more) => {
    Object.assign(facts, more);
    if (!session.isOneOfSeveral) takeRunFacts(more);
  };
  // Not createClient(): it builds a class of all commands and modules, which takes as long as a hundred PINGs.
  const client = new library.RedisClient(clientOptions(server, session, signal, takeFacts));
  client.on("error", (error: unknown) => {
    takeFacts(peerOfError(error));
    lifetime.abort(meaningOf(error, library));
  });
  // The signal among its options ends the client's socket; this ends what else it has, such as its place in telemetry.
  signal.addEventListener("abort", () => client.destroy(), { once: true });
  client.unref();
  const guard = new AnswerGuard(redisReplies, session.maxAnswerMebibytes);
  // The only way to see decrypted answers before the client does; internal, but there since version 5.
  const socket = client._ejectSocket();
  guard.watch(socket, foreignRedis, (error) => lifetime.abort(error));
  const path = "path" in server ? server.path : undefined;
  socket.on("connect", () => takeFacts(peerFacts(socket.host ?? path, socket.port)));
  client._insertSocket(socket);
  const fail = (error: unknown): never => {
    throw signal.aborted ? signal.reason : meaningOf(error, library);
  };
  const send: RedisCommand = async (...words) => {
    guard.begin();
    return client.sendCommand(words).catch(fail);
  };
  const command: RedisCommand = async (...words) => {
    const [name] = words;
    if (session.isOneOfSeveral && "host" in server) {
      const told = () => ({ ...commandFacts(name, server), ...facts });
      return inConversation(`${name} ${server.host}:${server.port}`, told, signal, () => send(...words));
    }
    tellSpan({ [factNames.dbOperationName]: name });
    return send(...words);
  };
  try {
    const connected = client.connect();
    // The PING is on its way before the server can say that it has no connection left: the client does not understand an
    // answer to no question.
    const answered = expectPong(command);
    answered.catch(() => {}); // What went wrong with connecting comes first.
    await connected;
    await answered;
    return command;
  } catch (error) {
    return fail(error);
  }
}

function commandFacts(name: string, { host, port }: ServerAddress): Attributes {
  return {
    [factNames.dbSystemName]: "redis",
    [factNames.dbOperationName]: name,
    [factNames.serverAddress]: host,
    [factNames.serverPort]: port,
  };
}

/** @throws HealthCheckError when the reply is not that of a healthy server */
export async function expectPong(command: RedisCommand): Promise<void> {
  if ((await command("PING")) !== "PONG") throw foreignRedis();
}

function clientOptions(address: RedisAddress, session: RedisSession, signal: AbortSignal, takeFacts: TakeFacts) {
  const { username, password, database, tls } = session;
  // The check itself decides when to reconnect, and its time-out when to give up.
  const own = { reconnectStrategy: false, connectTimeout: 0, signal } as const;
  const servername = "host" in address ? serverNameOf(address.host) : undefined;
  // The library hands these on to Node.js.
  const ofName = "host" in address && { lookup: lookupReachable(address.port, signal), autoSelectFamily: false };
  return {
    // The older protocol needs no greeting, so that old servers, sentinels and users who may only PING get along.
    RESP: 2,
    disableClientInfo: true,
    maintNotifications: "disabled",
    commandOptions: { timeout: 0 },
    socket:
      tls === undefined || "path" in address
        ? { ...own, ...address, ...ofName, tls: false as const }
        : {
            ...own,
            ...tls,
            checkServerIdentity: (name: string, certificate: PeerCertificate) => {
              takeFacts(certificateFacts(certificate.raw));
              return (tls.checkServerIdentity ?? checkServerIdentity)(name, certificate);
            },
            ...address,
            ...ofName,
            ...(servername !== undefined && { servername }),
            tls: true as const,
          },
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password: password.reveal() }),
    ...(database !== undefined && { database }),
  } as const;
}

/** What an event `error` of the client says: its socket failed, or what came could not be understood. */
function meaningOf(error: unknown, library: RedisLibrary): unknown {
  if (error instanceof library.SocketClosedUnexpectedlyError) return serverError(knownErrors.closedByServer, error);
  if (error instanceof library.ErrorReply) return replyError(error.message, error);
  const ofSystem = error instanceof HealthCheckError || (error instanceof Error && "code" in error);
  return ofSystem ? (unixSocketError(error) ?? error) : foreignRedis(error);
}
