import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it, vi } from "vitest";
import { Kafka } from "../../src/checks/kafka.ts";
import { certificates } from "../support/certificates.ts";
import { describeCheck } from "../support/describe-check.ts";
import { itWithService } from "../support/it-with-service.ts";
import { type KafkaOptions, kafkaAt, verdictOf } from "../support/kafka-check.ts";
import { kcatProgram, runKcat, startKafka } from "../support/kafka-server.ts";
import { startKafkaBroker } from "../support/throw-away-kafka-broker.ts";
import { closedPort, startTcpServer } from "../support/throw-away-server.ts";

const kcat = [kcatProgram];
const { ca } = certificates;
const healthy = { state: "healthy" };

describe("Kafka", () => {
  describeCheck(Kafka, {
    options: { brokers: ["127.0.0.1:9"], timeout: "1s" },
    network: (port) => ({ brokers: [`127.0.0.1:${port}`] }),
    secrets: (secret, port) => ({ brokers: [`127.0.0.1:${port}`], username: "user", password: secret }),
  });

  itWithService(
    kcat,
    "is healthy when brokers are alive and topics have leaders, over one connection run after run",
    async () => {
      await using server = await startKafka(2);
      const check = new Kafka({ brokers: server.brokers, topics: "orders", minBrokers: 2 });
      for (let run = 0; run < 20; run += 1) {
        expect(await verdictOf(check)).toMatchObject({ ...healthy, brokers: 2, underReplicated: 0 });
      }
      check.close();
      const questions = server.log().match(/Received MetadataRequestV2 /g) ?? [];
      expect(questions.length).toBeGreaterThanOrEqual(20);
      const accepted = server.log().match(/New connection/g) ?? [];
      expect(accepted.length).toBeLessThan(10); // The first run tries all brokers; kcat itself has connections, too.
    },
  );

  itWithService(
    kcat,
    "counts the messages that wait for a consumer group",
    async () => {
      await using server = await startKafka(2);
      const messages = Array.from({ length: 40 }, (_, index) => `${index}:message ${index}`).join("\n");
      await runKcat(server.brokers, ["-P", "-t", "orders", "-K", ":"], `${messages}\n`);
      const check = new Kafka({ brokers: server.brokers, topics: ["orders"], consumerGroup: "billing", maxLag: 9 });
      const message = "the consumer group has committed no offset in these topics: does it exist?";
      expect(await verdictOf(check)).toMatchObject({ state: "unhealthy", reason: "assertion", message });
      await runKcat(server.brokers, ["-G", "billing", "-X", "auto.offset.reset=earliest", "-e", "-q", "orders"]);
      expect(await verdictOf(check)).toMatchObject({ ...healthy, lag: 0 });
      await runKcat(server.brokers, ["-P", "-t", "orders", "-K", ":"], `${messages}\n`);
      expect(await verdictOf(check)).toMatchObject({
        state: "degraded",
        reason: "threshold",
        message: "40 messages wait for the consumer group, expected at most 9",
        lag: 40,
      });
      check.close();
    },
    60_000,
  );

  itWithService(kcat, "creates no topic, even where a question that names one would", async () => {
    await using server = await startKafka(1);
    const check = new Kafka({ brokers: server.brokers, topics: ["orders", "nothing"] });
    expect(await verdictOf(check)).toMatchObject({
      reason: "assertion",
      message: "the cluster has no topic nothing",
    });
    check.close();
    expect(server.log().match(/Created topic "\w+"/g)).toEqual(['Created topic "orders"']);
  });

  it("creates no topic where a question may say so", async () => {
    await using broker = await startKafkaBroker();
    const { reason } = await verdictOf(kafkaAt(broker, { topics: "nothing" }));
    expect({ reason, asked: broker.asked.at(-1), created: broker.created }).toEqual({
      reason: "assertion",
      asked: "Metadata 4",
      created: [],
    });
  });

  itWithService(kcat, "asks the next broker when one does not answer", async () => {
    await using server = await startKafka(1);
    await using silent = await startTcpServer();
    const brokers = [`127.0.0.1:${await closedPort()}`, `127.0.0.1:${silent.port}`, ...server.brokers];
    const check = new Kafka({ brokers, topics: "orders" });
    expect(await verdictOf(check)).toMatchObject(healthy);
    check.close();
    await vi.waitFor(() => expect(silent.sockets.size).toBe(0));
  });

  itWithService(kcat, "says that brokers are gone", async () => {
    const server = await startKafka(2);
    const check = new Kafka({ brokers: server.brokers });
    expect(await verdictOf(check)).toMatchObject(healthy);
    await server[Symbol.asyncDispose]();
    expect(await verdictOf(check)).toMatchObject({
      state: "unhealthy",
      reason: "connection_refused",
      message: expect.stringMatching(/^127\.0\.0\.1:\d+: /),
    });
    check.close();
  });

  it.each<[string, Parameters<typeof startKafkaBroker>[0], KafkaOptions, string, string, string]>([
    [
      "partitions without a leader",
      { topics: { orders: { partitions: [{}, { leader: -1 }, { leader: -1 }] } } },
      {},
      "unhealthy",
      "unavailable",
      "2 partitions of orders have no leader",
    ],
    [
      "a partition whose leader is dead",
      { topics: { orders: { partitions: [{ leader: 7 }] } } },
      {},
      "unhealthy",
      "unavailable",
      "1 partition of orders has no leader",
    ],
    [
      "replicas that are not in sync",
      { topics: { orders: { partitions: [{ replicas: [1, 2, 3], inSync: [1, 3] }] } } },
      {},
      "degraded",
      "threshold",
      "1 partition of orders has replicas that are not in sync",
    ],
    [
      "topics that are missing",
      { topics: { orders: {} } },
      { topics: ["a", "b", "orders", "c", "d", "e"] },
      "unhealthy",
      "assertion",
      "the cluster has no topic a, b, c and 2 more",
    ],
    [
      "a topic that the user may not see",
      { topics: { orders: { error: 29 } } },
      {},
      "unhealthy",
      "authentication",
      "the user lacks the permission for DESCRIBE on the topic orders",
    ],
    [
      "a topic that is being made",
      { topics: { orders: { error: 5 } } },
      {},
      "unhealthy",
      "unavailable",
      "a partition is getting another leader",
    ],
    [
      "a consumer group that the user may not see",
      { errors: { FindCoordinator: 30 } },
      { topics: undefined, consumerGroup: "billing" },
      "unhealthy",
      "authentication",
      "the user lacks the permission for DESCRIBE on the consumer group",
    ],
    [
      "a consumer group without a coordinator",
      { errors: { FindCoordinator: 15 } },
      { topics: undefined, consumerGroup: "billing" },
      "unhealthy",
      "unavailable",
      "no broker coordinates the consumer group at present",
    ],
    [
      "a coordinator that has just taken over",
      { errors: { OffsetFetch: 14 } },
      { topics: undefined, consumerGroup: "billing" },
      "unhealthy",
      "unavailable",
      "the broker is still loading the offsets of the consumer group",
    ],
    [
      "a consumer group that nobody has used",
      { topics: { orders: { partitions: [{ committed: 1 }] } } },
      { topics: undefined, consumerGroup: "nobody" },
      "unhealthy",
      "assertion",
      "the consumer group has committed no offset: does it exist?",
    ],
    [
      "a leader that is one no more",
      { topics: { orders: { partitions: [{ committed: 1 }] } }, errors: { ListOffsets: 6 } },
      { consumerGroup: "billing" },
      "unhealthy",
      "unavailable",
      "a partition is getting another leader",
    ],
    [
      "too few brokers",
      { topics: { orders: { partitions: [{}] } } },
      { minBrokers: 3 },
      "degraded",
      "threshold",
      "1 broker is alive, expected at least 3",
    ],
    [
      "an error that it does not know",
      { errors: { OffsetFetch: 99 } },
      { topics: undefined, consumerGroup: "billing" },
      "unhealthy",
      "unavailable",
      "the broker answered with an error (99)",
    ],
  ])("says that there are %s", async (_, cluster, options, state, reason, message) => {
    await using broker = await startKafkaBroker(cluster);
    expect(await verdictOf(kafkaAt(broker, { topics: "orders", ...options }))).toMatchObject({
      state,
      reason,
      message,
    });
  });

  it("counts only what the consumer group has committed, and never less than nothing", async () => {
    const topics = { orders: { partitions: [{ end: 5, committed: 9 }, { end: 1000 }, { end: 7, committed: 0 }] } };
    await using broker = await startKafkaBroker({ topics });
    expect(await verdictOf(kafkaAt(broker, { consumerGroup: "billing" }))).toMatchObject({ ...healthy, lag: 7 });
  });

  it("warns when it takes too long", async () => {
    await using broker = await startKafkaBroker();
    expect(await verdictOf(kafkaAt(broker, { maxResponseTime: "0s" }))).toMatchObject({
      state: "degraded",
      reason: "threshold",
    });
  });

  it("does not keep the process alive between its runs", async () => {
    const topics = { orders: { partitions: [{ leader: 2, end: 3, committed: 1 }] } };
    await using second = await startKafkaBroker({ topics });
    await using first = await startKafkaBroker({ topics, others: { 2: second.port } });
    const source = `
      import { Kafka } from "./src/checks/kafka.ts";
      const stayAlive = setInterval(() => {}, 1000);
      const options = { brokers: "127.0.0.1:${first.port}", topics: "orders", consumerGroup: "billing" };
      await new Kafka(options).run(new AbortController().signal);
      clearInterval(stayAlive);
    `;
    await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", source], { timeout: 20_000 });
    expect([first.accepted(), second.accepted()]).toEqual([1, 1]);
  });

  it.each<[string, KafkaOptions, string]>([
    ["a user without a password", { username: "alice" }, "username and password must be given together"],
    ["scram without a user", { mechanism: "scram-sha-256" }, "scram-sha-256 needs a username and a password"],
    [
      "oauthbearer without a token",
      { mechanism: "oauthbearer" },
      "token and mechanism: oauthbearer must be given together",
    ],
    ["a token for plain", { token: "x" }, "token and mechanism: oauthbearer must be given together"],
    [
      "a token beside a user",
      { mechanism: "oauthbearer", token: "x", username: "a", password: "b" },
      "oauthbearer takes a token instead of a username and a password",
    ],
    ["a token that is several lines", { mechanism: "oauthbearer", token: "a\x01b" }, "must be a bearer token"],
    ["certificates without TLS", { ca }, "certificates need TLS: give tls: true"],
    ["a certificate without its key", { tls: true, clientCertificate: certificates.client.cert }, "together"],
    ["maxLag without a group", { maxLag: 1 }, "maxLag goes with consumerGroup"],
    ["no brokers", { brokers: [] }, "brokers"],
    ["a URL as a broker", { brokers: "kafka://kafka:9092" }, "must be HOST or HOST:PORT"],
    ["a topic that cannot be", { topics: "a b" }, "must be the name of a topic"],
  ])("refuses %s", (_, options, message) => {
    expect(() => new Kafka({ brokers: "kafka", ...options })).toThrow(message);
  });
});
