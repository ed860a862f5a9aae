import { unlessAborted } from "../../health/time/unless-aborted.ts";
import { FramedConversation } from "../../net/framed-conversation.ts";
import type { TakeFacts } from "../../net/kept-connection.ts";
import type { Login } from "../../net/login-options.ts";
import { serverNameOf } from "../../net/open-socket.ts";
import { serverError } from "../../net/server-errors.ts";
import type { ServerAddress } from "../../net/server-list.ts";
import { openToldSocket } from "../../net/spans/open-told-socket.ts";
import { type AmqpRefusal, amqpError, foreignRabbitmq, protocol } from "./amqp-error.ts";
import {
  type AmqpMethod,
  frameLength,
  longTextField,
  methodFrame,
  methods,
  numberField,
  protocolHeader,
  readMethod,
  shortTextField,
  tableField,
} from "./amqp-frames.ts";

/** Where a server is, and how to log in to it. */
export interface RabbitmqServer extends Pick<Login, "password" | "tls"> {
  readonly address: ServerAddress;
  readonly family?: 4 | 6 | undefined;
  readonly username: string;
  readonly virtualHost: string;
}

/** What a server says of a queue. */
export interface QueueState {
  /** Those that are ready to be delivered. */
  readonly messages: number;
  readonly consumers: number;
}

/** The channel of a run: there is one at a time. */
const channel = 1;

/** A question that waits for its answer. */
interface Waiting extends Pick<PromiseWithResolvers<AmqpMethod>, "resolve" | "reject"> {
  readonly expected: number;
}

/**
 * Connects to a server, logs in and opens a virtual host.
 * @param lifetime and takeFacts as `OpenConnection` tells
 */
export async function openRabbitmq(
  server: RabbitmqServer,
  lifetime: AbortController,
  takeFacts: TakeFacts,
): Promise<RabbitmqConnection> {
  const { signal } = lifetime;
  signal.throwIfAborted();
  const socketLifetime = new AbortController();
  const abandon = (): void => socketLifetime.abort(signal.reason);
  signal.addEventListener("abort", abandon, { once: true });
  const { address, family } = server;
  const tls = server.tls && { ...server.tls, servername: serverNameOf(address.host) };
  const socket = await openToldSocket({ address, family, tls }, socketLifetime.signal, takeFacts);
  const conversation = new FramedConversation(socket, { protocol });
  conversation.unref();
  const connection = new RabbitmqConnection(conversation, (why) => lifetime.abort(why));
  await unlessAborted(signal, connection.logIn(server));
  signal.removeEventListener("abort", abandon);
  signal.addEventListener("abort", () => (connection.isIdle ? connection.close() : abandon()), { once: true });
  return connection;
}

/**
 * A connection to a server. It listens between the runs too: a server that goes waits for every client to agree.
 */
export class RabbitmqConnection {
  readonly #conversation: FramedConversation;
  #waiting: Waiting | undefined;
  #failure: unknown;

  /**
   * @param conversation from which nothing was read
   * @param onEnd is told once that the connection is over
   */
  constructor(conversation: FramedConversation, onEnd: (why: unknown) => void) {
    this.#conversation = conversation;
    void this.#listen().then(onEnd);
  }

  /** Whether no question waits for its answer. */
  get isIdle(): boolean {
    return this.#waiting === undefined;
  }

  /** @throws HealthCheckError when the server refuses the login, or the virtual host */
  async logIn({ username, password, virtualHost }: RabbitmqServer): Promise<void> {
    const start = await this.#ask(protocolHeader, methods.connectionStart);
    start.fields.number(2); // The version, which the header has asked for.
    start.fields.skipTable();
    if (!start.fields.longText().split(" ").includes("PLAIN")) throw serverError(passwordsDeclined);
    const tune = await this.#ask(startOk(username, password?.reveal() ?? ""), methods.connectionTune);
    const [maxChannel, maxFrame] = [tune.fields.number(2), tune.fields.number(4)];
    // Without heartbeats: each run finds out by itself whether the connection still leads anywhere.
    const tuneOk = [numberField(2, maxChannel), numberField(4, maxFrame), numberField(2, 0)];
    this.#conversation.send(methodFrame(0, methods.connectionTuneOk, ...tuneOk));
    const open = [shortTextField(virtualHost), shortTextField(""), numberField(1, 0)];
    await this.#ask(methodFrame(0, methods.connectionOpen, ...open), methods.connectionOpenOk);
  }

  /**
   * Opens a channel, looks at a queue if it is given one, and closes the channel.
   * @throws HealthCheckError when the server refuses that
   */
  async openChannel(queue: string | undefined): Promise<QueueState | undefined> {
    await this.#ask(methodFrame(channel, methods.channelOpen, shortTextField("")), methods.channelOpenOk);
    const state = queue === undefined ? undefined : await this.#examine(queue);
    const close = [numberField(2, 200), shortTextField(""), numberField(4, 0)];
    await this.#ask(methodFrame(channel, methods.channelClose, ...close), methods.channelCloseOk);
    return state;
  }

  /** Takes leave, so that the server logs no connection that was lost, and closes the connection at once. */
  close(): void {
    const fields = [numberField(2, 200), shortTextField(""), numberField(4, 0)];
    this.#conversation.send(methodFrame(0, methods.connectionClose, ...fields));
    this.#conversation.close();
  }

  async #examine(queue: string): Promise<QueueState> {
    const passive = 1; // It only looks; else the queue would be made.
    const fields = [numberField(2, 0), shortTextField(queue), numberField(1, passive), tableField({})];
    const answer = await this.#ask(methodFrame(channel, methods.queueDeclare, ...fields), methods.queueDeclareOk);
    answer.fields.shortText();
    return { messages: answer.fields.number(4), consumers: answer.fields.number(4) };
  }

  async #ask(question: Buffer, expected: number): Promise<AmqpMethod> {
    if (this.#failure !== undefined) throw this.#failure;
    const { promise, resolve, reject } = Promise.withResolvers<AmqpMethod>();
    this.#waiting = { expected, resolve, reject };
    this.#conversation.send(question);
    return promise;
  }

  /** Reads until the connection is over, and gives why. */
  async #listen(): Promise<unknown> {
    try {
      for (;;) {
        const method = readMethod(await this.#conversation.readFrame(frameLength));
        if (method !== undefined) this.#take(method);
      }
    } catch (error) {
      this.#failure = error;
      this.#waiting?.reject(error);
      this.#conversation.close();
      return error;
    }
  }

  #take(method: AmqpMethod): void {
    const waiting = this.#waiting;
    if (method.number === methods.connectionClose) {
      this.#conversation.send(methodFrame(0, methods.connectionCloseOk));
      throw amqpError(refusalIn(method));
    }
    if (waiting === undefined) throw foreignRabbitmq();
    if (method.number === waiting.expected) {
      this.#waiting = undefined;
      waiting.resolve(method);
      return;
    }
    if (method.number !== methods.channelClose) throw foreignRabbitmq();
    const refusal = amqpError(refusalIn(method));
    this.#waiting = undefined;
    this.#conversation.send(methodFrame(channel, methods.channelCloseOk));
    waiting.reject(refusal);
  }
}

const passwordsDeclined = ["authentication", "the server takes no password: its mechanism PLAIN is off"] as const;

function refusalIn({ fields }: AmqpMethod): AmqpRefusal {
  return { code: fields.number(2), text: fields.shortText() };
}

function startOk(username: string, password: string): Buffer {
  const properties = tableField({
    product: "healthspan",
    connection_name: "healthspan",
    // Else the server ends the connection without a word when it refuses the login.
    capabilities: { authentication_failure_close: true },
  });
  const login = [shortTextField("PLAIN"), longTextField(`\0${username}\0${password}`), shortTextField("en_US")];
  return methodFrame(0, methods.connectionStartOk, properties, ...login);
}
