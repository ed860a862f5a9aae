import { randomUUID } from "node:crypto";
import type { ConnectionOptions } from "node:tls";
import { scope } from "../../health/instrumentation/scope.ts";
import { unlessAborted } from "../../health/time/unless-aborted.ts";
import type { TakeFacts } from "../../net/kept-connection.ts";
import { LineConversation } from "../../net/line-conversation.ts";
import type { Login } from "../../net/login-options.ts";
import { serverNameOf } from "../../net/open-socket.ts";
import { knownErrors, serverError } from "../../net/server-errors.ts";
import type { ServerAddress } from "../../net/server-list.ts";
import { openToldSocket } from "../../net/spans/open-told-socket.ts";
import { foreignNats, natsError, protocol } from "./nats-error.ts";
import { errorIn, type NatsGreeting, readGreeting } from "./nats-greeting.ts";

/** Where a server is, and how to log in to it. */
export interface NatsServer extends Pick<Login, "username" | "password" | "tls"> {
  readonly address: ServerAddress;
  readonly family?: 4 | 6 | undefined;
  /** Whether TLS begins with the first byte, rather than after the server has greeted. */
  readonly tlsFirst: boolean;
  readonly token: Login["password"];
  /** With which the subjects of answers begin. */
  readonly inboxPrefix: string;
}

/** The state of a stream with many subjects is long. */
const maxAnswerBytes = 1024 ** 2;

/** More than any server has to say between two questions. */
const maxUnaskedMessages = 1000;

/** A question that waits for its answer. */
interface Waiting extends Pick<PromiseWithResolvers<Buffer>, "resolve" | "reject"> {
  /** The subject of the answer; undefined when it is a PONG. */
  readonly inbox: string | undefined;
  /** What the user may lack the permission for. */
  readonly subject: string;
}

/**
 * Connects to a server and logs in.
 * @param lifetime and takeFacts as `OpenConnection` tells
 */
export async function openNats(
  server: NatsServer,
  lifetime: AbortController,
  takeFacts: TakeFacts,
): Promise<NatsConnection> {
  const { address, family, tlsFirst } = server;
  const { signal } = lifetime;
  const tls = server.tls && { ...server.tls, host: address.host, servername: serverNameOf(address.host) };
  const socket = await openToldSocket({ address, family, tls: tlsFirst ? tls : undefined }, signal, takeFacts);
  const conversation = new LineConversation(socket, {
    protocol,
    maxAnswerBytes,
    onEnd: (why) => lifetime.abort(why),
  });
  conversation.unref();
  const greeting = readGreeting(await conversation.readLine());
  if (!tlsFirst) await secure(conversation, greeting, tls);
  takeFacts(conversation.facts);
  const connection = new NatsConnection(conversation, server, (why) => lifetime.abort(why));
  await unlessAborted(signal, connection.logIn(greeting));
  return connection;
}

/** Speaks TLS from now on, if it is wanted. No server is given a login in the clear that asks for TLS. */
async function secure(
  conversation: LineConversation,
  { tls_required: isRequired, tls_available: isAvailable }: NatsGreeting,
  tls: ConnectionOptions | undefined,
): Promise<void> {
  if (tls === undefined && isRequired) throw natsError("TLS required", true);
  if (tls === undefined) return;
  if (!isRequired && !isAvailable) throw serverError(knownErrors.tlsDeclined);
  // A server that is full greets, says so and leaves.
  if (conversation.hasUnread) throw errorIn(await conversation.readLine());
  await conversation.startTls(tls);
}

/** A connection to a server. It listens between the runs too: a server asks now and then whether its clients are there. */
export class NatsConnection {
  readonly #conversation: LineConversation;
  readonly #server: NatsServer;
  /** Nobody can guess where answers are sent. */
  readonly #inbox: string;
  #inboxes = 0;
  #unasked = 0;
  #waiting: Waiting | undefined;
  #failure: unknown;

  /** @param onEnd is told once that the connection is over */
  constructor(conversation: LineConversation, server: NatsServer, onEnd: (why: unknown) => void) {
    this.#conversation = conversation;
    this.#server = server;
    this.#inbox = `${server.inboxPrefix}.${randomUUID()}`;
    void this.#listen().then(onEnd);
  }

  /** @throws HealthCheckError when the server refuses the login */
  async logIn({ headers = false }: NatsGreeting): Promise<void> {
    const { username, password, token, tls } = this.#server;
    const options = {
      ...{
        verbose: false,
        pedantic: false,
        lang: "node",
        version: scope.version,
        name: "healthspan",
        protocol: 0,
        echo: false,
      },
      ...{ tls_required: tls !== undefined, headers, no_responders: headers },
      ...(username !== undefined && { user: username, pass: password?.reveal() ?? "" }),
      ...(token !== undefined && { auth_token: token.reveal() }),
    };
    // In one packet: to send another to a server that has refused the first one loses what it said.
    await this.#ask(`CONNECT ${JSON.stringify(options)}\r\nPING`, undefined, "PING");
  }

  /** @throws HealthCheckError when the server answers with an error */
  async expectPong(): Promise<void> {
    await this.#ask("PING", undefined, "PING");
  }

  /**
   * Asks whoever answers at a subject.
   * @returns the answer; undefined when nobody is there
   * @throws HealthCheckError when the user may not ask, or not hear the answer
   */
  async request(subject: string): Promise<string | undefined> {
    const hearing = this.#inboxes === 0 ? `SUB ${this.#inbox}.* 1\r\n` : "";
    this.#inboxes += 1;
    const inbox = `${this.#inbox}.${this.#inboxes}`;
    const answer = await this.#ask(`${hearing}PUB ${subject} ${inbox} 0\r\n`, inbox, subject);
    return answer.toString("latin1", 0, 12) === "NATS/1.0 503" ? undefined : answer.toString();
  }

  async #ask(question: string, inbox: string | undefined, subject: string): Promise<Buffer> {
    if (this.#failure !== undefined) throw this.#failure;
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    this.#waiting = { inbox, subject, resolve, reject };
    this.#unasked = 0;
    this.#conversation.send(`${question}\r\n`);
    return promise;
  }

  /** Reads until the connection is over, and gives why. */
  async #listen(): Promise<unknown> {
    try {
      for (;;) await this.#take(await this.#conversation.readLine());
    } catch (error) {
      this.#failure = error;
      this.#waiting?.reject(error);
      this.#conversation.close();
      return error;
    }
  }

  /** Takes a message (NATS client protocol, "Protocol messages"). */
  async #take(line: string): Promise<void> {
    const [operation = "", ...words] = line.trim().split(/[ \t]+/);
    switch (operation.toUpperCase()) {
      case "PING":
        this.#conversation.sendLine("PONG");
        return this.#takeUnasked();
      case "PONG":
        if (this.#waiting === undefined || this.#waiting.inbox !== undefined) throw foreignNats();
        return this.#answer(Buffer.alloc(0));
      case "MSG":
      case "HMSG":
        return this.#takeMessage(words);
      case "-ERR":
        return this.#takeError(words.join(" "));
      case "INFO":
      case "+OK":
        return this.#takeUnasked();
      default:
        throw foreignNats();
    }
  }

  async #takeMessage(words: readonly string[]): Promise<void> {
    const [subject, length] = [words[0], words.at(-1) ?? ""];
    if (words.length < 3 || !/^\d{1,8}$/.test(length)) throw foreignNats();
    const withEnd = Number(length) + 2;
    const message = await this.#conversation.readFrame(() => withEnd);
    if (this.#waiting?.inbox !== undefined && subject === this.#waiting.inbox) this.#answer(message.subarray(0, -2));
    else this.#takeUnasked(); // The answer to a question that was given up.
  }

  #takeError(text: string): void {
    const { username, token, tls, inboxPrefix } = this.#server;
    const hasLogin = (username ?? token ?? tls?.cert) !== undefined;
    if (!/permissions violation/i.test(text)) throw natsError(text, hasLogin);
    // After these, the connection goes on; whoever may neither ask nor hear the answer gets two of them.
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.#takeUnasked();
    const isHearing = /subscription/i.test(text);
    const what = isHearing ? `subscribing to ${inboxPrefix}.>` : `publishing to ${waiting?.subject}`;
    waiting?.reject(serverError(knownErrors.permissionMissing(what)));
  }

  #takeUnasked(): void {
    this.#unasked += 1;
    if (this.#unasked > maxUnaskedMessages) throw foreignNats();
  }

  #answer(answer: Buffer): void {
    this.#waiting?.resolve(answer);
    this.#waiting = undefined;
  }
}
