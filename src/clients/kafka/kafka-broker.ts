import type { ConnectionOptions } from "node:tls";
import type { Attributes } from "@opentelemetry/api";
import { HealthCheckError } from "../../health/errors.ts";
import { FramedConversation } from "../../net/framed-conversation.ts";
import { openSocket, serverNameOf } from "../../net/open-socket.ts";
import { PhaseClock } from "../../net/phase-clock.ts";
import { foreignProtocol, named, naming, serverError } from "../../net/server-errors.ts";
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
  readonly #lifetime: AbortController;
  readonly #facts: Attributes;
  #conversation: FramedConversation | undefined;
  #versions: ReadonlyMap<number, VersionRange> = new Map();
  #asked = 0;
  /** Whether it has answered more than what everybody may ask. */
  #isProven = false;

  /** @param lifetime ends the connection, and is told when the connection ends by itself */
  constructor(address: ServerAddress, lifetime: AbortController) {
    this.address = address;
    this.#lifetime = lifetime;
    this.#facts = {
      [factNames.messagingSystem]: "kafka",
      [factNames.serverAddress]: address.host,
      [factNames.serverPort]: address.port,
    };
  }

  get #name(): string {
    const { host, port } = this.address;
    return `${host.includes(":") ? `[${host}]` : host}:${port}`;
  }

  /**
   * Connects, asks for the versions that the broker speaks, and logs in if there is somebody to log in as.
   * @throws what the connection failed with, or a HealthCheckError
   */
  open(session: KafkaSession): Promise<void> {
    return naming(this.#name, this.#open(session));
  }

  /**
   * Asks the broker something. One thing is asked at a time.
   * @throws HealthCheckError when the broker does not know the question, or what comes is no answer to it
   */
  ask<Answer>(request: KafkaRequest<Answer>): Promise<Answer> {
    return naming(this.#name, this.#ask(request));
  }

  async #open({ family, tls, login }: KafkaSession): Promise<void> {
    const { host } = this.address;
    const servername = serverNameOf(host);
    const options = { address: this.address, family, tls: tls && { ...tls, ...(servername && { servername }) } };
    await this.#tell(apiVersions.name, async () => {
      const clock = new PhaseClock();
      await clock.during(this.#lifetime.signal, async () => {
        const socket = await openSocket({ ...options, clock }, this.#lifetime.signal);
        Object.assign(this.#facts, connectionFacts(socket));
        this.#conversation = new FramedConversation(socket, {
          protocol: "Kafka",
          maxAnswerBytes,
          clock,
          onEnd: (why) => this.#lifetime.abort(named(this.#name, this.#meaningOf(why, login))),
        });
        this.#conversation.unref();
        const { error, ranges } = await this.#exchange(this.#conversation, apiVersions);
        expectNoError(error);
        this.#versions = ranges;
      });
    });
    if (login === undefined) return;
    const ask = <Answer>(request: KafkaRequest<Answer>) => this.#ask(request);
    await logIn({ ask, foreign: () => this.#openConversation.foreign() }, login);
  }

  async #ask<Answer>(request: KafkaRequest<Answer>): Promise<Answer> {
    const answer = await this.#tell(request.name, async () => {
      return await this.#exchange(this.#openConversation, this.#spoken(request));
    });
    this.#isProven = true;
    return answer;
  }

  get #openConversation(): FramedConversation {
    if (this.#conversation === undefined) throw new Error("the connection to the broker is not open");
    return this.#conversation;
  }

  #tell<Result>(operation: string, talk: () => Promise<Result>): Promise<Result> {
    const facts = () => ({ ...this.#facts, [factNames.messagingOperationName]: operation });
    return inConversation(`${operation} ${this.#name}`, facts, this.#lifetime.signal, talk);
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

  async #exchange<Answer>(conversation: FramedConversation, request: KafkaRequest<Answer>): Promise<Answer> {
    const { key, version, body, read } = request;
    this.#asked += 1;
    const question = Buffer.concat([int16(key), int16(version), int32(this.#asked), string("healthspan"), body]);
    conversation.send(Buffer.concat([int32(question.length), question]));
    const frame = await conversation.readFrame((received) => this.#frameLength(received, conversation));
    const reader = new KafkaReader(frame.subarray(4), () => conversation.foreign());
    if (reader.int32() !== this.#asked) throw conversation.foreign();
    const answer = read(reader);
    reader.expectEnd();
    return answer;
  }

  #frameLength(received: Buffer, conversation: FramedConversation): number | undefined {
    if (received.length < 4) return undefined;
    const size = received.readInt32BE();
    const isFirst = this.#asked === 1;
    if (isFirst && received.subarray(0, 2).equals(tlsAlert)) {
      throw serverError(["tls", "the broker speaks TLS on this port: give tls: true"]);
    }
    if (size < 4 || (isFirst && size > maxFirstBytes)) throw conversation.foreign();
    return 4 + size;
  }

  /** A broker that wants a login ends the connection at the first question without one, and says nothing. */
  #meaningOf(why: Error, login: KafkaLogin | undefined): Error {
    const mayWantLogin = login === undefined && this.#versions.size > 0 && !this.#isProven;
    if (!mayWantLogin || !(why instanceof HealthCheckError) || why.reason !== "connection_reset") return why;
    return serverError(["connection_reset", "connection closed by the broker: it may ask for a login"], why);
  }
}

/** What came is not an answer of Kafka. */
export const foreignKafka = (): HealthCheckError => foreignProtocol("Kafka");

/**
 * Connects to a broker.
 * @param lifetime as described at `OpenConnection`
 */
export async function openBroker(
  address: ServerAddress,
  session: KafkaSession,
  lifetime: AbortController,
): Promise<KafkaBroker> {
  const broker = new KafkaBroker(address, lifetime);
  try {
    await broker.open(session);
    return broker;
  } catch (error) {
    lifetime.abort(error);
    throw error;
  }
}
