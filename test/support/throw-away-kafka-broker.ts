import { createServer as createTcpServer, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import { array, bytes, int8, int16, int32, int64, KafkaReader, string } from "../../src/clients/kafka/kafka-bytes.ts";
import { scramServer } from "./scram-server.ts";
import { listenOnFreePort } from "./throw-away-server.ts";

// Answers as Apache Kafka 3.9 and 4.0 do, in the versions of its protocol that are named below: their shapes are those of Kafka's
// message definitions (clients/src/main/resources/common/message). The tests let librdkafka talk to it too, which knows better.

/** A partition that is as it should be has one replica, at broker 1. */
export interface PartitionShape {
  readonly leader?: number;
  readonly replicas?: readonly number[];
  readonly inSync?: readonly number[];
  /** Where it ends. Default: 0 */
  readonly end?: number;
  /** What the group "billing" has committed. Default: nothing */
  readonly committed?: number;
}

/** By the API: what is answered in place of no error. */
type Errors = Readonly<Partial<Record<ApiName, number>>>;

export interface KafkaBrokerOptions {
  readonly port?: number;
  readonly tls?: TlsOptions;
  /** Lets in only who logs in by one of these: alice with the password "right", or with the token "right". */
  readonly mechanisms?: readonly string[];
  readonly topics?: Readonly<
    Record<string, { readonly error?: number; readonly partitions?: readonly PartitionShape[] }>
  >;
  /** Others of the cluster, by their identifiers: their ports. */
  readonly others?: Readonly<Record<number, number>>;
  /** Of the broker that has the offsets of groups. Default: this one's */
  readonly coordinatorPort?: number;
  readonly errors?: Errors;
  /** Which versions it claims to know, where they are others. */
  readonly ranges?: Readonly<Partial<Record<ApiName, readonly [min: number, max: number] | undefined>>>;
  /** Changes what is answered, its length included; undefined: nothing is answered. */
  readonly change?: (answer: Buffer, name: ApiName) => Buffer | undefined;
  /** At which question it ends the connection. */
  readonly endsAt?: ApiName;
  /** Of SCRAM. Default: 4096 */
  readonly iterations?: number;
}

/** A broker that lives as long as a test. */
export interface KafkaBroker extends AsyncDisposable {
  readonly port: number;
  /** What it was asked, such as `Metadata 4`. */
  readonly asked: readonly string[];
  /** The topics that a question has created, were there none of that name. */
  readonly created: readonly string[];
  readonly sockets: ReadonlySet<Socket>;
  readonly accepted: () => number;
}

const apis = {
  ListOffsets: 2,
  Metadata: 3,
  OffsetFetch: 9,
  FindCoordinator: 10,
  SaslHandshake: 17,
  ApiVersions: 18,
  SaslAuthenticate: 36,
} as const;

export type ApiName = keyof typeof apis;

/** As Kafka 4.0 has them; but nothing above the last version without compact types, as that is all this one can say. */
const ranges: Readonly<Record<ApiName, readonly [min: number, max: number]>> = {
  ListOffsets: [1, 1],
  Metadata: [0, 4],
  OffsetFetch: [1, 2],
  FindCoordinator: [0, 1],
  SaslHandshake: [0, 1],
  ApiVersions: [0, 0],
  SaslAuthenticate: [0, 0],
};

interface Question {
  readonly name: ApiName;
  readonly version: number;
  readonly reader: KafkaReader;
}

/** Starts a broker on loopback. */
export async function startKafkaBroker(options: KafkaBrokerOptions = {}): Promise<KafkaBroker> {
  const sockets = new Set<Socket>();
  const asked: string[] = [];
  const created: string[] = [];
  let accepted = 0;
  let port = options.port ?? 0;
  const serve = (socket: Socket): void => {
    accepted += 1;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => {}); // The other side may go as it likes.
    const session = new Session(options, () => port, created);
    let received = Buffer.alloc(0);
    socket.on("data", (data) => {
      received = Buffer.concat([received, data]);
      while (received.length >= 4 && received.length >= 4 + received.readInt32BE()) {
        const size = 4 + received.readInt32BE();
        const reader = new KafkaReader(received.subarray(4, size), () => new Error("not Kafka"));
        received = received.subarray(size);
        const key = reader.int16();
        const version = reader.int16();
        const correlation = reader.int32();
        reader.nullableString(); // What the client calls itself.
        const [name] = Object.entries(apis).find(([, number]) => number === key) ?? [];
        asked.push(`${name ?? key} ${version}`);
        const body = name === undefined ? undefined : session.answer({ name: name as ApiName, version, reader });
        if (body === undefined) {
          socket.destroySoon();
          return;
        }
        const frame = Buffer.concat([int32(4 + body.length), int32(correlation), body]);
        const answer = options.change === undefined ? frame : options.change(frame, name as ApiName);
        if (answer !== undefined) socket.write(answer);
      }
    });
  };
  const server = options.tls === undefined ? createTcpServer(serve) : createTlsServer(options.tls, serve);
  server.on("tlsClientError", () => {}); // That is what it is there for.
  if (port === 0) port = await listenOnFreePort(server);
  else await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    port,
    asked,
    created,
    sockets,
    accepted: () => accepted,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** One connection. */
class Session {
  readonly #options: KafkaBrokerOptions;
  readonly #port: () => number;
  readonly #created: string[];
  #isLoggedIn: boolean;
  #mechanism: string | undefined;
  #scram: ReturnType<typeof scramServer> | undefined;

  constructor(options: KafkaBrokerOptions, port: () => number, created: string[]) {
    this.#options = options;
    this.#created = created;
    this.#port = port;
    this.#isLoggedIn = options.mechanisms === undefined;
  }

  /** Undefined: it ends the connection, as brokers do with who asks before the login. */
  answer(question: Question): Buffer | undefined {
    const { name, version, reader } = question;
    const [, max] = ranges[name];
    if (name === "ApiVersions") return this.#apiVersions(version > max ? 35 : 0);
    if (name === "SaslHandshake") return this.#handshake(reader.string());
    if (name === "SaslAuthenticate") return this.#authenticate(reader.bytes().toString());
    if (!this.#isLoggedIn || name === this.#options.endsAt) return undefined;
    if (name === "Metadata") return this.#metadata(question);
    if (name === "FindCoordinator") return this.#findCoordinator(question);
    return name === "OffsetFetch" ? this.#offsetFetch(reader) : this.#listOffsets(reader);
  }

  #error(name: ApiName): number {
    return this.#options.errors?.[name] ?? 0;
  }

  #apiVersions(error: number): Buffer {
    const known = Object.entries({ ...ranges, ...this.#options.ranges }).filter(([, range]) => range !== undefined);
    const write = ([name, [min, max] = [0, 0]]: (typeof known)[number]): Buffer =>
      Buffer.concat([int16(apis[name as ApiName]), int16(min), int16(max)]);
    return Buffer.concat([int16(error || this.#error("ApiVersions")), array(known, write)]);
  }

  #handshake(mechanism: string): Buffer {
    const { mechanisms } = this.#options;
    this.#mechanism = mechanism;
    const error = mechanisms === undefined ? 34 : mechanisms.includes(mechanism) ? 0 : 33;
    return Buffer.concat([int16(error), array(mechanisms ?? [], string)]);
  }

  #authenticate(message: string): Buffer {
    const { token, isDone, isRight } = this.#judge(message);
    if (isDone && isRight) this.#isLoggedIn = true;
    const error = isRight ? this.#error("SaslAuthenticate") : 58;
    const text = error === 0 ? int16(-1) : string("Authentication failed: Invalid username or password");
    return Buffer.concat([int16(error), text, bytes(Buffer.from(token))]);
  }

  #judge(message: string): { readonly token: string; readonly isDone: boolean; readonly isRight: boolean } {
    switch (this.#mechanism) {
      case "PLAIN":
        return { token: "", isDone: true, isRight: message === "\0alice\0right" };
      case "OAUTHBEARER": {
        const isRight = message === "n,,\x01auth=Bearer right\x01\x01";
        if (isRight) return { token: "", isDone: true, isRight };
        // Then the client is to send the byte 1, and is refused (RFC 7628, section 3.2.3).
        return { token: '{"status":"invalid_token"}', isDone: false, isRight: message !== "\x01" };
      }
      default: {
        const hash = this.#mechanism === "SCRAM-SHA-512" ? "sha512" : "sha256";
        this.#scram ??= scramServer(hash, this.#options.iterations ?? 4096);
        return this.#scram(message);
      }
    }
  }

  #metadata({ reader, version }: Question): Buffer {
    const topics = this.#options.topics ?? {};
    const asked = reader.array((from) => from.string());
    const mayCreate = version < 4 || reader.boolean();
    if (mayCreate) this.#created.push(...asked.filter((name) => topics[name] === undefined));
    const names = version < 4 && asked.length === 0 ? Object.keys(topics) : asked;
    const others = Object.entries(this.#options.others ?? {}).map(([id, port]) => ({ id: Number(id), port }));
    const brokers = [{ id: 1, port: this.#port() }, ...others];
    return Buffer.concat([
      ...(version >= 3 ? [int32(0)] : []),
      array(brokers, ({ id, port }) => Buffer.concat([int32(id), string("127.0.0.1"), int32(port), int16(-1)])),
      string("a-cluster"),
      int32(1),
      array(names, (name) => {
        const { error = this.#error("Metadata"), partitions = [] } = topics[name] ?? { error: 3 };
        return Buffer.concat([int16(error), string(name), int8(0), array([...partitions.entries()], writePartition)]);
      }),
    ]);
  }

  #findCoordinator({ reader }: Question): Buffer {
    reader.string();
    const error = this.#error("FindCoordinator");
    const [host, port] = error === 0 ? ["127.0.0.1", this.#options.coordinatorPort ?? this.#port()] : ["", -1];
    return Buffer.concat([int32(0), int16(error), int16(-1), int32(1), string(host), int32(port)]);
  }

  #offsetFetch(reader: KafkaReader): Buffer {
    const group = reader.string();
    const { topics = {} } = this.#options;
    const asked = reader.array((from) => ({ name: from.string(), indexes: from.array((inner) => inner.int32()) }));
    const all = Object.entries(topics).flatMap(([name, { partitions = [] }]) => {
      const indexes = partitions.flatMap(({ committed }, index) => (committed === undefined ? [] : index));
      return group === "billing" && indexes.length > 0 ? { name, indexes } : [];
    });
    return Buffer.concat([
      array(asked.length === 0 ? all : asked, ({ name, indexes }) => {
        const write = (index: number): Buffer => {
          const committed = group === "billing" ? topics[name]?.partitions?.[index]?.committed : undefined;
          return Buffer.concat([int32(index), int64(committed ?? -1), string(""), int16(0)]);
        };
        return Buffer.concat([string(name), array(indexes, write)]);
      }),
      int16(this.#error("OffsetFetch")),
    ]);
  }

  #listOffsets(reader: KafkaReader): Buffer {
    reader.int32(); // The replica.
    const asked = reader.array((from) => {
      const name = from.string();
      const indexes = from.array((inner) => {
        const index = inner.int32();
        inner.int64(); // The time.
        return index;
      });
      return { name, indexes };
    });
    return array(asked, ({ name, indexes }) => {
      const write = (index: number): Buffer => {
        const { end = 0 } = this.#options.topics?.[name]?.partitions?.[index] ?? {};
        return Buffer.concat([int32(index), int16(this.#error("ListOffsets")), int64(-1), int64(end)]);
      };
      return Buffer.concat([string(name), array(indexes, write)]);
    });
  }
}

function writePartition([index, shape]: [number, PartitionShape]): Buffer {
  const { leader = 1, replicas = [1], inSync = replicas } = shape;
  const error = leader === -1 ? 5 : 0;
  return Buffer.concat([int16(error), int32(index), int32(leader), array(replicas, int32), array(inSync, int32)]);
}
