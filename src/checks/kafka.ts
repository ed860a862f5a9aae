import { z } from "zod";
import { lagOf, offsetsOf } from "../clients/kafka/group-lag.ts";
import type { KafkaSession } from "../clients/kafka/kafka-broker.ts";
import { type KafkaCluster, openKafka } from "../clients/kafka/kafka-cluster.ts";
import { type KafkaLogin, mechanisms } from "../clients/kafka/kafka-login.ts";
import { type ClusterMetadata, metadata } from "../clients/kafka/kafka-requests.ts";
import { topicFailure, underReplicated } from "../clients/kafka/topic-state.ts";
import { ServiceWarning } from "../health/errors.ts";
import { oneOrMore, secret } from "../health/fields.ts";
import { healthCheck } from "../health/health-check.ts";
import type { Target } from "../health/target.ts";
import { KeptConnection, keptConnectionFields } from "../net/kept-connection.ts";
import { credentialFields, firstIssue, tlsLoginFields } from "../net/login-options.ts";
import { networkFields, warnOfSlowness } from "../net/network-fields.ts";
import { parseServers, serverAddress } from "../net/server-list.ts";
import { tlsIssue, tlsOptions } from "../net/tls-options.ts";

const defaultPort = 9092;

/**
 * Asks the brokers of Kafka which of them are alive, whether topics have leaders and replicas in sync, and how far a consumer
 * group is behind. What speaks the protocol of Kafka, such as Redpanda, answers as well.
 *
 * ```yaml
 * checks:
 *   kafka: { type: kafka, brokers: [kafka-1.shop.example, kafka-2.shop.example], minBrokers: 3 }
 *   orders: { type: kafka, brokers: kafka-1.shop.example, topics: orders, consumerGroup: billing, maxLag: 1000 }
 *   events:
 *     type: kafka
 *     brokers: kafka.shop.example:9093
 *     topics: [clicks, searches]
 *     tls: true
 *     mechanism: scram-sha-512
 *     username: probe
 *     password: "${KAFKA_PASSWORD}"
 * ```
 *
 * No message is read or written, and a topic that does not exist is not created. To see brokers, a user needs no right; to see
 * topics and a consumer group, it needs to describe them:
 *
 * ```sh
 * kafka-acls --bootstrap-server kafka-1.shop.example:9092 --add --allow-principal User:probe --operation Describe --topic orders
 * kafka-acls --bootstrap-server kafka-1.shop.example:9092 --add --allow-principal User:probe --operation Describe --group billing
 * ```
 *
 * Asked for a consumer group, a cluster that never had one creates its own topic `__consumer_offsets`, as for any consumer.
 */
export class Kafka extends healthCheck({
  group: "messaging",
  labels: {
    brokers: oneOrMore(serverAddress()).describe(
      `Some brokers, each as HOST or HOST:PORT (default: ${defaultPort}). The first that answers is asked, and it must know how the others can be reached from here.`,
    ),
    topics: oneOrMore(
      z
        .string()
        .regex(
          /^(?!\.{1,2}$)[\w.-]{1,249}$/,
          "must be the name of a topic: letters, digits, dots, hyphens and underscores",
        ),
    )
      .optional()
      .describe(
        "Topics that must exist. Each partition of theirs must have a leader; replicas out of sync are a warning.",
      ),
    consumerGroup: z
      .string()
      .min(1)
      .max(255)
      .optional()
      .describe(
        "A consumer group that must have committed offsets in topics, or without topics in any. Partitions in which it has committed none do not count.",
      ),
  },
  settings: {
    mechanism: z.enum(mechanisms).default("plain").describe("How to log in, if there is somebody to log in as (SASL)."),
    ...credentialFields,
    token: secret(z.string().regex(/^[\w.~+/=-]+$/, "must be a bearer token"))
      .optional()
      .describe("The token to log in with by oauthbearer."),
    minBrokers: z.int().min(1).default(1).describe("Warns when fewer brokers are alive."),
    maxLag: z.int().min(0).optional().describe("Warns when more messages wait for consumerGroup."),
    ...tlsLoginFields,
    tls: z.boolean().default(false).describe("Whether to speak TLS, with every broker."),
    ...networkFields,
    ...keptConnectionFields,
  },
  measures: {
    brokers: { unit: "{brokers}", description: "How many brokers are alive." },
    underReplicated: {
      unit: "{partitions}",
      description: "How many partitions of the topics have replicas that are not in sync.",
    },
    lag: { unit: "{messages}", description: "How many messages wait for the consumer group." },
  },
  validate: (options) => {
    const { mechanism, username, password, token, tls, verifyCertificate, consumerGroup, maxLag } = options;
    const byToken = mechanism === "oauthbearer";
    const certificates = options.ca ?? options.clientCertificate ?? options.clientKey;
    return (
      firstIssue([
        [(username === undefined) !== (password === undefined), "username and password must be given together"],
        [byToken && username !== undefined, "oauthbearer takes a token instead of a username and a password"],
        [byToken !== (token !== undefined), "token and mechanism: oauthbearer must be given together"],
        [mechanism.startsWith("scram") && username === undefined, `${mechanism} needs a username and a password`],
        [!tls && (certificates !== undefined || !verifyCertificate), "certificates need TLS: give tls: true"],
        [maxLag !== undefined && consumerGroup === undefined, "maxLag goes with consumerGroup"],
      ]) ?? tlsIssue(options)
    );
  },
}) {
  static readonly module = import.meta.url;
  readonly #cluster = new KeptConnection(
    (lifetime) => openKafka(parseServers(this.brokers, defaultPort), this.#session(), lifetime),
    this,
  );

  async run(signal: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    const warnings = await this.#cluster.use(signal, (cluster) => this.#examine(cluster));
    const [first] = warnings;
    if (first !== undefined) throw new ServiceWarning(first);
    warnOfSlowness(performance.now() - startedAt, this);
  }

  override close(): void {
    this.#cluster.close();
  }

  /** Which broker is asked, is decided with each connection. */
  override get target(): Target {
    const { topics = [], consumerGroup } = this;
    const [destination, ...others] = topics;
    return { system: "kafka", consumerGroup, ...(others.length === 0 && { destination }) };
  }

  /** @returns what deserves a warning, the worst first */
  async #examine(cluster: KafkaCluster): Promise<readonly string[]> {
    const { topics, consumerGroup, minBrokers, maxLag = Number.POSITIVE_INFINITY } = this;
    let known = await this.#lookAt(cluster, topics ?? []);
    let lag = 0;
    if (consumerGroup !== undefined) {
      const committed = await offsetsOf(cluster, consumerGroup, topics && known.topics);
      if (topics === undefined) known = await this.#lookAt(cluster, [...new Set(committed.map(({ topic }) => topic))]);
      lag = await lagOf(cluster, committed, known);
      this.measure("lag", lag);
    }
    const outOfSync = underReplicated(known.topics);
    if (known.topics.length > 0) this.measure("underReplicated", outOfSync.count);
    const alive = known.brokers.size;
    return [
      ...(alive < minBrokers
        ? [`${alive} ${alive === 1 ? "broker is" : "brokers are"} alive, expected at least ${minBrokers}`]
        : []),
      ...(outOfSync.count > 0 ? [outOfSync.message] : []),
      ...(lag > maxLag ? [`${lag} messages wait for the consumer group, expected at most ${maxLag}`] : []),
    ];
  }

  async #lookAt(cluster: KafkaCluster, topics: readonly string[]): Promise<ClusterMetadata> {
    const known = await cluster.ask(metadata(topics));
    this.measure("brokers", known.brokers.size);
    const failure = topicFailure(known, topics);
    if (failure !== undefined) throw failure;
    return known;
  }

  #session(): KafkaSession {
    const { family, tls } = this;
    return { family, tls: tls ? tlsOptions(this) : undefined, login: this.#login() };
  }

  #login(): KafkaLogin | undefined {
    const { mechanism, username, password, token } = this;
    if (mechanism === "oauthbearer") return token && { mechanism, token };
    if (username === undefined || password === undefined) return undefined;
    return { mechanism, username, password };
  }
}
