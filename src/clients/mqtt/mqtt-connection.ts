import { HealthCheckError } from "../../health/errors.ts";
import type { Secret } from "../../health/secret.ts";
import { systemError } from "../../health/system-error.ts";
import { FramedConversation } from "../../net/framed-conversation.ts";
import type { TakeFacts } from "../../net/kept-connection.ts";
import type { SocketOptions } from "../../net/open-socket.ts";
import { serverError } from "../../net/server-errors.ts";
import { openToldSocket } from "../../net/spans/open-told-socket.ts";
import { factNames } from "../../net/spans/span-facts.ts";
import { expectConnected, expectSubscribed } from "./mqtt-answers.ts";
import {
  connectPacket,
  disconnectPacket,
  packetTypes,
  pingPacket,
  readPackets,
  subscribePacket,
} from "./mqtt-packets.ts";

/** Where a broker is, how to log in to it, and what to listen to. */
export interface MqttBroker extends Pick<SocketOptions, "address" | "family" | "tls"> {
  readonly username?: string | undefined;
  readonly password?: Secret | undefined;
  readonly clientId: string;
  readonly subscription?: Subscription | undefined;
}

/** What a connection listens to, until it ends. */
export interface Subscription {
  readonly topic: string;
  /** A message has come, which may be from before the broker has said that it took the subscription. */
  readonly hear: () => void;
}

/** A broker that has not heard from us for half as long again ends the connection. */
const keepAliveSeconds = 60;

/** How often the broker hears from us while nothing runs. */
const idlePingMilliseconds = (keepAliveSeconds / 2) * 1000;

/** How many bytes may wait to be read. Messages of any length are passed over as they come. */
const maxWaitingBytes = 1024 ** 2;

/**
 * Connects to a broker, which has to let us in, and subscribes.
 * @param lifetime and takeFacts as described at `OpenConnection`
 */
export async function openMqtt(
  broker: MqttBroker,
  lifetime: AbortController,
  takeFacts: TakeFacts,
): Promise<MqttConnection> {
  const { username, password, clientId, subscription } = broker;
  let leave = (): void => {};
  // Before the one that destroys the socket: a broker that is left without a word logs that as an error.
  lifetime.signal.addEventListener("abort", () => leave(), { once: true });
  const socket = await openToldSocket(broker, lifetime.signal, takeFacts);
  let isAdmitted = false;
  const conversation = new FramedConversation(socket, {
    protocol: "MQTT",
    maxAnswerBytes: maxWaitingBytes,
    onEnd: (why) => lifetime.abort(isAdmitted ? why : beforeAnswer(why)),
  });
  conversation.unref();
  const connection = new MqttConnection(conversation, lifetime.signal, subscription?.hear);
  const login = { username, password: password?.reveal() };
  const answer = await connection.ask(
    connectPacket({ clientId, keepAliveSeconds, ...login }),
    packetTypes.connectAcknowledgement,
  );
  isAdmitted = true;
  expectConnected(answer, username !== undefined, conversation);
  takeFacts({ [factNames.networkProtocolName]: "mqtt", [factNames.networkProtocolVersion]: "3.1.1" });
  leave = () => conversation.send(disconnectPacket);
  if (subscription !== undefined) {
    const packet = subscribePacket(subscription.topic);
    expectSubscribed(await connection.ask(packet, packetTypes.subscribeAcknowledgement), conversation);
  }
  lifetime.signal.throwIfAborted(); // Nothing would end the timer.
  const idlePings = setInterval(() => {
    if (!connection.pingWhileIdle()) lifetime.abort(serverError(["timeout", "the broker no longer answers"]));
  }, idlePingMilliseconds).unref();
  lifetime.signal.addEventListener("abort", () => clearInterval(idlePings), { once: true });
  return connection;
}

/** Brokers end the connection of a client that they do not want before it is known why, as when they are full. */
function beforeAnswer(why: Error): Error {
  const known = why instanceof HealthCheckError ? why : systemError(why);
  if (known?.reason !== "connection_reset") return why;
  const message = "the broker closed the connection without an answer: it may be full, or not take this client";
  return serverError([known.reason, message], why);
}

/** A connection to a broker, which is read all the time. */
export class MqttConnection {
  /** Is aborted when the conversation has ended. */
  readonly ended: AbortSignal;
  readonly #conversation: FramedConversation;
  readonly #hear: (() => void) | undefined;
  /** What the broker is to send next, besides messages. */
  #awaited: (Pick<PromiseWithResolvers<Buffer>, "resolve" | "reject"> & { readonly type: number }) | undefined;
  #pingsWithoutAnswer = 0;

  constructor(conversation: FramedConversation, ended: AbortSignal, hear?: () => void) {
    this.ended = ended;
    this.#conversation = conversation;
    this.#hear = hear;
    const listener = {
      message: (retained: boolean) => this.#listen(retained),
      answer: (type: number, body: Buffer) => this.#answered(type, body),
      foreign: () => conversation.foreign(),
    };
    conversation
      .readAll((received) => readPackets(received, listener))
      .catch(() => this.#awaited?.reject(ended.reason));
  }

  /**
   * Sends a packet, and waits for its answer.
   * @returns the answer without its header
   * @throws what the connection ended with
   */
  ask(packet: Buffer, answerType: number): Promise<Buffer> {
    this.ended.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    this.#awaited = { type: answerType, resolve, reject };
    this.#conversation.send(packet);
    return promise;
  }

  /** Asks whether the broker still answers. What it has sent before, such as messages, was read when this is done. */
  async ping(): Promise<void> {
    this.#pingsWithoutAnswer += 1;
    await this.ask(pingPacket, packetTypes.pingResponse);
  }

  /**
   * Lets the broker hear from us.
   * @returns whether it has answered the last time
   */
  pingWhileIdle(): boolean {
    if (this.#awaited !== undefined) return true; // A run is under way, which notices by itself.
    if (this.#pingsWithoutAnswer > 0) return false;
    this.#pingsWithoutAnswer += 1;
    this.#conversation.send(pingPacket);
    return true;
  }

  #listen(retained: boolean): void {
    if (this.#hear === undefined) throw this.#conversation.foreign();
    if (!retained) this.#hear();
  }

  #answered(type: number, body: Buffer): void {
    if (type === packetTypes.pingResponse) {
      if (this.#pingsWithoutAnswer === 0 || body.length > 0) throw this.#conversation.foreign();
      this.#pingsWithoutAnswer -= 1;
      if (this.#pingsWithoutAnswer > 0 || this.#awaited === undefined) return; // That was for one of before.
    }
    const awaited = this.#awaited;
    if (awaited?.type !== type) throw this.#conversation.foreign();
    this.#awaited = undefined;
    awaited.resolve(body);
  }
}
