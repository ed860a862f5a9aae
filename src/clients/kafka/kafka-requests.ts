import type { ServerAddress } from "../../net/server-list.ts";
import { array, bytes, int8, int32, int64, type KafkaReader, string } from "./kafka-bytes.ts";
import { errorCodes } from "./kafka-error.ts";

/**
 * A question to a broker, in the oldest version that can say what is needed: brokers know it since Kafka 0.11, or with a login
 * 1.0, and those of Kafka 4 still do.
 */
export interface KafkaRequest<Answer> {
  /** As Kafka calls it. */
  readonly name: string;
  readonly key: number;
  readonly version: number;
  readonly body: Buffer;
  readonly read: (reader: KafkaReader) => Answer;
  /** What to ask a broker that does not know this version yet. */
  readonly older?: KafkaRequest<Answer>;
}

/** Which versions of a request a broker answers. */
export interface VersionRange {
  readonly min: number;
  readonly max: number;
}

/** Asks what a broker can answer: by the key of the request. Anybody may ask it, before a login too. */
export const apiVersions: KafkaRequest<{ readonly error: number; readonly ranges: ReadonlyMap<number, VersionRange> }> =
  {
    name: "ApiVersions",
    key: 18,
    version: 0,
    body: Buffer.alloc(0),
    read: (reader) => {
      const error = reader.int16();
      const ranges = reader.array(() => {
        const key = reader.int16();
        return [key, { min: reader.int16(), max: reader.int16() }] as const;
      });
      return { error, ranges: new Map(ranges) };
    },
  };

/** Asks for a kind of login, as Kafka calls it: `SCRAM-SHA-512`. */
export function saslHandshake(mechanism: string): KafkaRequest<{ error: number; mechanisms: readonly string[] }> {
  return {
    name: "SaslHandshake",
    key: 17,
    version: 1,
    body: string(mechanism),
    read: (reader) => ({ error: reader.int16(), mechanisms: reader.array(() => reader.string()) }),
  };
}

/** Sends what the mechanism says next. */
export function saslAuthenticate(message: Buffer): KafkaRequest<{ error: number; message: Buffer }> {
  return {
    name: "SaslAuthenticate",
    key: 36,
    version: 0,
    body: bytes(message),
    read: (reader) => {
      const error = reader.int16();
      reader.nullableString(); // The error in words, which may name the user.
      return { error, message: reader.bytes() };
    },
  };
}

export interface Partition {
  readonly index: number;
  /** The identifier of a broker; -1 for none. */
  readonly leader: number;
  /** How many brokers shall have it. */
  readonly replicas: number;
  /** How many of them have all of it. */
  readonly inSync: number;
}

export interface Topic {
  readonly error: number;
  readonly name: string;
  readonly partitions: readonly Partition[];
}

/** What a broker knows of its cluster. */
export interface ClusterMetadata {
  /** Those that are alive, by their identifiers. */
  readonly brokers: ReadonlyMap<number, ServerAddress>;
  /** Those that were asked for. */
  readonly topics: readonly Topic[];
}

/** Asks which brokers are alive, and how topics are spread over them. A topic that does not exist is not created. */
export function metadata(topics: readonly string[]): KafkaRequest<ClusterMetadata> {
  const request = { name: "Metadata", key: 3 };
  return {
    ...request,
    version: 4, // The first that can name topics without creating them.
    body: Buffer.concat([array([...new Set(topics)], string), int8(0)]),
    read: (reader) => {
      reader.int32(); // How long the answer was held back.
      return readMetadata(reader);
    },
    older: {
      ...request,
      version: 2,
      body: array(topics.length === 0 ? topics : undefined, string), // All of them, for want of another way.
      read: (reader) => {
        const { brokers, topics: all } = readMetadata(reader);
        const missing = (name: string): Topic => ({ error: errorCodes.noSuchTopic, name, partitions: [] });
        const wanted = topics.map((name) => all.find((topic) => topic.name === name) ?? missing(name));
        return { brokers, topics: wanted };
      },
    },
  };
}

function readMetadata(reader: KafkaReader): ClusterMetadata {
  const brokers = reader.array(readBroker);
  reader.nullableString(); // The cluster's identifier.
  reader.int32(); // The controller.
  return { brokers: new Map(brokers), topics: reader.array(readTopic) };
}

function readBroker(reader: KafkaReader): readonly [number, ServerAddress] {
  const id = reader.int32();
  const address = { host: reader.string(), port: reader.int32() };
  reader.nullableString(); // Its rack.
  return [id, address];
}

function readTopic(reader: KafkaReader): Topic {
  const error = reader.int16();
  const name = reader.topic();
  reader.boolean(); // Whether it is Kafka's own.
  const partitions = reader.array(() => {
    reader.int16(); // What is wrong is seen by its leader and its replicas.
    const index = reader.int32();
    const leader = reader.int32();
    const replicas = reader.array(() => reader.int32()).length;
    return { index, leader, replicas, inSync: reader.array(() => reader.int32()).length };
  });
  return { error, name, partitions };
}

/** Asks which broker keeps the offsets of a consumer group. */
export function findCoordinator(group: string): KafkaRequest<{ error: number; coordinator: ServerAddress }> {
  return {
    name: "FindCoordinator",
    key: 10,
    version: 1,
    body: Buffer.concat([string(group), int8(0)]), // 0: of a group, and not of a transaction.
    read: (reader) => {
      reader.int32(); // How long the answer was held back.
      const error = reader.int16();
      reader.nullableString(); // The error in words.
      reader.int32(); // The broker's identifier.
      return { error, coordinator: { host: reader.string(), port: reader.int32() } };
    },
  };
}

/** Partitions, by the name of their topic. */
export interface TopicPartitions {
  readonly name: string;
  readonly indexes: readonly number[];
}

/** An offset in a partition; -1 for none. */
export interface PartitionOffset {
  readonly topic: string;
  readonly index: number;
  readonly error: number;
  readonly offset: number;
}

/**
 * Asks the coordinator how far a consumer group has come.
 * @param topics undefined: wherever it has committed an offset
 */
export function committedOffsets(
  group: string,
  topics: readonly TopicPartitions[] | undefined,
): KafkaRequest<{ error: number; offsets: readonly PartitionOffset[] }> {
  return {
    name: "OffsetFetch",
    key: 9,
    version: 2,
    body: Buffer.concat([
      string(group),
      array(topics, ({ name, indexes }) => Buffer.concat([string(name), array(indexes, int32)])),
    ]),
    read: (reader) => {
      const offsets = readOffsets(reader, (topic) => {
        const index = reader.int32();
        const offset = reader.int64();
        reader.nullableString(); // What the consumer noted.
        return { topic, index, offset, error: reader.int16() };
      });
      return { offsets, error: reader.int16() };
    },
  };
}

/** Asks the leader of partitions where they end. */
export function endOffsets(topics: readonly TopicPartitions[]): KafkaRequest<readonly PartitionOffset[]> {
  const end = int64(-1); // Instead of a time.
  return {
    name: "ListOffsets",
    key: 2,
    version: 1,
    body: Buffer.concat([
      int32(-1), // Not a replica.
      array(topics, ({ name, indexes }) =>
        Buffer.concat([string(name), array(indexes, (index) => Buffer.concat([int32(index), end]))]),
      ),
    ]),
    read: (reader) =>
      readOffsets(reader, (topic) => {
        const index = reader.int32();
        const error = reader.int16();
        reader.int64(); // A time.
        return { topic, index, error, offset: reader.int64() };
      }),
  };
}

function readOffsets(reader: KafkaReader, read: (topic: string) => PartitionOffset): readonly PartitionOffset[] {
  return reader
    .array(() => {
      const topic = reader.topic();
      return reader.array(() => read(topic));
    })
    .flat();
}
