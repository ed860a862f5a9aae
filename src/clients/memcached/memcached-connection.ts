import type { Secret } from "../../health/secret.ts";
import type { TakeFacts } from "../../net/kept-connection.ts";
import { LineConversation } from "../../net/line-conversation.ts";
import type { SocketOptions } from "../../net/open-socket.ts";
import { type KnownError, knownErrors, serverError } from "../../net/server-errors.ts";
import { openToldSocket } from "../../net/spans/open-told-socket.ts";
import { factNames, tellSpan, withFacts } from "../../net/spans/span-facts.ts";

/** Where a server is, and how to log in to it. */
export interface MemcachedServer extends Pick<SocketOptions, "address" | "family" | "tls"> {
  readonly username?: string | undefined;
  readonly password?: Secret | undefined;
}

/** What a server answers when something is wrong (protocol.txt of memcached, "Error strings" and "Authentication"). */
const knownAnswers: readonly (readonly [RegExp, KnownError])[] = [
  [/^CLIENT_ERROR unauthenticated/, knownErrors.passwordRequired],
  [/^CLIENT_ERROR authentication failure/, knownErrors.loginRefused],
  [/^ERROR Too many open connections/, knownErrors.noConnectionLeft],
  [/^SERVER_ERROR\b/, ["unavailable", "the server answered with SERVER_ERROR"]],
];

/** A connection to a server of memcached that has let us in. */
export class MemcachedConnection {
  readonly #conversation: LineConversation;

  constructor(conversation: LineConversation) {
    this.#conversation = conversation;
  }

  /** @throws HealthCheckError when the server does not say which version it is */
  async expectVersion(): Promise<void> {
    // What nobody asked for is an error, or else no answer to the next question either.
    if (this.#conversation.hasUnread) throw meaningOf(await this.#conversation.readLine(), this.#conversation);
    await expectAnswer(this.#conversation, "version\r\n", /^VERSION \S/);
  }
}

/**
 * Connects to a server and logs in, if there is a user to log in as.
 * @param lifetime and takeFacts as `OpenConnection` tells
 */
export async function openMemcached(
  server: MemcachedServer,
  lifetime: AbortController,
  takeFacts: TakeFacts,
): Promise<MemcachedConnection> {
  const socket = await openToldSocket(server, lifetime.signal, takeFacts);
  const conversation = new LineConversation(socket, {
    protocol: "memcached",
    onEnd: (why) => lifetime.abort(why),
  });
  conversation.unref();
  const { username, password } = server;
  if (username !== undefined && password !== undefined) await logIn(conversation, username, password);
  return new MemcachedConnection(conversation);
}

/**
 * Logs in, which looks like the storage of a value. A server that asks for no login would store it, where everyone can read
 * it: it is asked first.
 */
async function logIn(conversation: LineConversation, username: string, password: Secret): Promise<void> {
  const answer = await ask(conversation, "version\r\n");
  if (answer.startsWith("VERSION ")) {
    throw serverError(["authentication", "the server has no password, the check has one"]);
  }
  if (!answer.startsWith("CLIENT_ERROR unauthenticated")) throw meaningOf(answer, conversation);
  const login = `${username} ${password.reveal()}`;
  await expectAnswer(conversation, `set healthspan 0 0 ${Buffer.byteLength(login)}\r\n${login}\r\n`, /^STORED$/);
}

async function expectAnswer(conversation: LineConversation, question: string, expected: RegExp): Promise<void> {
  const answer = await ask(conversation, question);
  if (!expected.test(answer)) throw meaningOf(answer, conversation);
}

function ask(conversation: LineConversation, question: string): Promise<string> {
  tellSpan({ [factNames.dbOperationName]: /^[a-z]+/.exec(question)?.[0] });
  conversation.send(question);
  return conversation.readLine();
}

function meaningOf(answer: string, conversation: LineConversation): Error {
  const known = knownAnswers.find(([pattern]) => pattern.test(answer));
  if (known === undefined) return conversation.foreign();
  return withFacts(serverError(known[1]), { [factNames.dbResponseStatusCode]: /^[A-Z_]+/.exec(answer)?.[0] });
}
