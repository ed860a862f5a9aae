import type { Socket } from "node:net";
import type { ConnectionOptions } from "node:tls";
import type { Attributes } from "@opentelemetry/api";
import { HealthCheckError } from "../../health/errors.ts";
import { FramedConversation } from "../../net/framed-conversation.ts";
import { openSocket, serverNameOf } from "../../net/open-socket.ts";
import { PhaseClock } from "../../net/phase-clock.ts";
import { named, naming, serverError } from "../../net/server-errors.ts";
import type { ServerAddress } from "../../net/server-list.ts";
import { inConversation } from "../../net/spans/conversation-span.ts";
import { connectionFacts, factNames } from "../../net/spans/span-facts.ts";
import { int16, int32, KafkaReader, string } from "./kafka-bytes.ts";
import { expectNoError } from "./kafka-error.ts";
import { type KafkaLogin, logIn } from "./kafka-login.ts";
import { apiVersions, type KafkaRequest, type VersionRange } from "./kafka-requests.ts";

/** How to speak with each broker of a cluster. */
export interface KafkaSession {
  readonly family: 4 | 6 | undefined;
  /** Undefined: without TLS. */
  readonly tls: ConnectionOptions | undefined;
  /** Undefined: without a login. */
  readonly login: KafkaLogin | undefined;
}

/** What the partitions of ten thousand topics need, and more than a run has time for. */
const maxAnswerBytes = 4 * 1024 * 1024;

/** The first answer is a list of some dozens of small numbers. */
const maxFirstBytes = 64 * 1024;

/** How an alert of TLS begins, which comes instead of an answer. */
const tlsAlert = Buffer.from([0x15, 0x03]);

/** A connection to one broker. Whatever goes wrong with it names the broker. */
export class KafkaBroker {
  readonly address: ServerAddress;
  readonly #facts: Attributes;
  readonly #signal: AbortSignal;
  readonly #conversation: FramedConversation;
  #versions: ReadonlyMap<number, VersionRange> = new Map();
  #asked = 0;
  /** Whether the broker may yet want a login: before it, it answers what everybody may ask. */
  #mayWantLogin = true;

  /**
   * @param socket that is open
   * @param lifetime ends the connection, and is told when the connection ends by itself
   * @param facts of the connection, for the span of each question
   */
  constructor(address: ServerAddress, socket: Socket, lifetime: AbortController, facts: Attributes, clock: PhaseClock) {
    this.address = address;
    this.#facts = facts;
    this.#signal = lifetime.signal;
    this.#conversation = new FramedConversation(socket, {
      protocol: "Kafka",
      maxAnswerBytes,
      clock,
      onEnd: (why) => lifetime.abort(named(nameOf(address), this.#meaningOf(why))),
    });
    this.#conversation.unref();
  }

  /**
   * Asks the broker something. One thing is asked at a time.
   * @throws HealthCheckError when the broker does not know the question, or what comes is no answer to it
   */
  ask<Answer>(request: KafkaRequest<Answer>): Promise<Answer> {
    return naming(nameOf(this.address), this.#ask(request));
  }

  /** Asks for the versions that the broker knows, which is the first question. */
  async learnVersions(): Promise<void> {
    const { error, ranges } = await this.#exchange(apiVersions);
    expectNoError(error);
    this.#versions = ranges;
  }

  /** @throws HealthCheckError when the broker refuses the login */
  async logIn(login: KafkaLogin): Promise<void> {
    this.#mayWantLogin = false;
    const ask = <Answer>(request: KafkaRequest<Answer>) => this.#ask(request);
    await logIn({ ask, foreign: () => this.#conversation.foreign() }, login);
  }

  #ask<Answer>(request: KafkaRequest<Answer>): Promise<Answer> {
    return inQuestion(request.name, this.address, this.#facts, this.#signal, async () => {
      const answer = await this.#exchange(this.#spoken(request));
      this.#mayWantLogin = false;
      return answer;
    });
  }

  /** The request in a version that the broker knows. */
  #spoken<Answer>({ older, ...request }: KafkaRequest<Answer>): KafkaRequest<Answer> {
    const { name, key, version } = request;
    const range = this.#versions.get(key);
    if (range !== undefined && range.min <= version && version <= range.max) return request;
    if (range !== undefined && range.min > version) {
      throw serverError(["unexpected_result", `the broker no longer knows ${name} ${version}: a newer Healthspan may`]);
    }
    if (older !== undefined) return this.#spoken(older);
    throw serverError(["unexpected_result", `the broker is older than Kafka 1.0: it does not know ${name} ${version}`]);
  }

  async #exchange<Answer>({ key, version, body, read }: KafkaRequest<Answer>): Promise<Answer> {
    const conversation = this.#conversation;
    this.#asked += 1;
    const question = Buffer.concat([int16(key), int16(version), int32(this.#asked), string("healthspan"), body]);
    conversation.send(Buffer.concat([int32(question.length), question]));
    const frame = await conversation.readFrame((received) => this.#frameLength(received));
    const reader = new KafkaReader(frame.subarray(4), () => conversation.foreign());
    if (reader.int32() !== this.#asked) throw conversation.foreign();
    const answer = read(reader);
    reader.expectEnd();
    return answer;
  }

  #frameLength(received: Buffer): number | undefined {
    if (received.length < 4) return undefined;
    const size = received.readInt32BE();
    const isFirst = this.#asked === 1;
    if (isFirst && received.subarray(0, 2).equals(tlsAlert)) {
      throw serverError(["tls", "the broker speaks TLS on this port: give tls: true"]);
    }
    if (size < 4 || (isFirst && size > maxFirstBytes)) throw this.#conversation.foreign();
    return 4 + size;
  }

  /** A broker that wants a login ends the connection at the first question without one, and says nothing. */
  #meaningOf(why: Error): Error {
    const isEnd = why instanceof HealthCheckError && why.reason === "connection_reset";
    if (!isEnd || !this.#mayWantLogin || this.#versions.size === 0) return why;
    return serverError(["connection_reset", "connection closed by the broker: it may ask for a login"], why);
  }
}

/**
 * Connects to a broker, asks for the versions that it knows, and logs in if there is somebody to log in as.
 * @param lifetime as described at `OpenConnection`
 * @throws HealthCheckError that names the broker
 */
export async function openBroker(
  address: ServerAddress,
  session: KafkaSession,
  lifetime: AbortController,
): Promise<KafkaBroker> {
  try {
    return await naming(nameOf(address), open(address, session, lifetime));
  } catch (error) {
    lifetime.abort(error);
    throw error;
  }
}

async function open(
  address: ServerAddress,
  { family, tls, login }: KafkaSession,
  lifetime: AbortController,
): Promise<KafkaBroker> {
  const { signal } = lifetime;
  const servername = serverNameOf(address.host);
  const options = { address, family, tls: tls && { ...tls, ...(servername !== undefined && { servername }) } };
  const facts: Attributes = {};
  const broker = await inQuestion(apiVersions.name, address, facts, signal, () => {
    const clock = new PhaseClock();
    return clock.during(signal, async () => {
      const socket = await openSocket({ ...options, clock }, signal);
      Object.assign(facts, connectionFacts(socket));
      const opened = new KafkaBroker(address, socket, lifetime, facts, clock);
      await opened.learnVersions();
      return opened;
    });
  });
  if (login !== undefined) await broker.logIn(login);
  return broker;
}

/** Asks something in a span of its own. */
function inQuestion<Result>(
  operation: string,
  address: ServerAddress,
  facts: Attributes,
  signal: AbortSignal,
  ask: () => Promise<Result>,
): Promise<Result> {
  const told = (): Attributes => ({
    [factNames.messagingSystem]: "kafka",
    [factNames.messagingOperationName]: operation,
    [factNames.serverAddress]: address.host,
    [factNames.serverPort]: address.port,
    ...facts,
  });
  return inConversation(`${operation} ${nameOf(address)}`, told, signal, ask);
}

function nameOf({ host, port }: ServerAddress): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
