import { createConnection } from "node:net";
import { SpanKind } from "@opentelemetry/api";
import { describe, expect, it, vi } from "vitest";
import { Kafka } from "../../../src/checks/kafka.ts";
import { certificates } from "../../support/certificates.ts";
import { type KafkaOptions, kafkaAt, verdictOf } from "../../support/kafka-check.ts";
import { runCheck } from "../../support/run-check.ts";
import { recordTelemetry } from "../../support/telemetry.ts";
import { startKafkaBroker } from "../../support/throw-away-kafka-broker.ts";
import { startTcpServer } from "../../support/throw-away-server.ts";

const { ca } = certificates;
const healthy = { state: "healthy" };

describe("the conversation with a broker of Kafka", () => {
  it("speaks TLS with a broker whose certificate is right, and only then", async () => {
    const at = (port: number, options: KafkaOptions = {}) =>
      verdictOf(new Kafka({ brokers: `localhost:${port}`, family: 4, tls: true, ca, timeout: "3s", ...options }));
    await using right = await startKafkaBroker({ tls: certificates.server });
    expect(await at(right.port)).toMatchObject(healthy);
    expect(await at(right.port, { ca: undefined })).toMatchObject({ reason: "certificate" });
    expect(await at(right.port, { ca: undefined, verifyCertificate: false })).toMatchObject(healthy);
    await using expired = await startKafkaBroker({ tls: certificates.expired });
    expect(await at(expired.port)).toMatchObject({
      reason: "certificate",
      message: expect.stringContaining("expired"),
    });
    await using other = await startKafkaBroker({ tls: certificates.otherHost });
    expect(await at(other.port)).toMatchObject({
      reason: "certificate",
      message: expect.stringContaining("host name"),
    });
    const { cert: clientCertificate, key: clientKey } = certificates.client;
    await using strict = await startKafkaBroker({
      tls: { ...certificates.server, ca, requestCert: true, rejectUnauthorized: true },
    });
    expect(await at(strict.port)).toMatchObject({ reason: "tls" });
    expect(await at(strict.port, { clientCertificate, clientKey })).toMatchObject(healthy);
  });

  it("says which side does not speak TLS", async () => {
    const alert = Buffer.from([0x15, 0x03, 0x03, 0, 2, 2, 80]); // As Kafka answers what is no TLS.
    await using secure = await startTcpServer((socket) => void socket.once("data", () => socket.end(alert)));
    expect(await verdictOf(kafkaAt(secure))).toMatchObject({
      reason: "tls",
      message: `127.0.0.1:${secure.port}: the broker speaks TLS on this port: give tls: true`,
    });
    await using plain = await startTcpServer((socket) => void socket.once("data", () => socket.end())); // As Kafka does.
    expect((await verdictOf(kafkaAt(plain, { tls: true }))).state).toBe("unhealthy");
  });

  it.each<[string, Parameters<typeof startKafkaBroker>[0], KafkaOptions, string]>([
    [
      "has no Metadata",
      { ranges: { Metadata: undefined } },
      {},
      "is older than Kafka 1.0: it does not know Metadata 2",
    ],
    ["is of Kafka 0.9", { ranges: { Metadata: [0, 1] } }, {}, "is older than Kafka 1.0: it does not know Metadata 2"],
    [
      "has no login in messages of their own",
      { ranges: { SaslAuthenticate: undefined, SaslHandshake: [0, 0] } },
      { username: "alice", password: "right" },
      "is older than Kafka 1.0: it does not know SaslHandshake 1",
    ],
    ["is of a far future", { ranges: { Metadata: [9, 20] } }, {}, "no longer knows Metadata 4: a newer Healthspan may"],
  ])("says that a broker %s", async (_, cluster, options, message) => {
    await using broker = await startKafkaBroker(cluster);
    expect(await verdictOf(kafkaAt(broker, options))).toMatchObject({
      reason: "unexpected_result",
      message: `127.0.0.1:${broker.port}: the broker ${message}`,
    });
  });

  it("asks an older broker for all topics, since it would create one that is named", async () => {
    const topics = { orders: { partitions: [{}] }, others: { partitions: [{ leader: -1 }] } };
    await using broker = await startKafkaBroker({ topics, ranges: { Metadata: [0, 2] } });
    const check = kafkaAt(broker, { topics: "orders" });
    expect(await verdictOf(check)).toMatchObject({ ...healthy, underReplicated: 0 });
    expect(broker.asked).toEqual(["ApiVersions 0", "Metadata 2"]);
    expect(await verdictOf(kafkaAt(broker, { topics: "nothing" }))).toMatchObject({ reason: "assertion" });
    expect(broker.created).toEqual([]);
    check.close();
  });

  it.each<[string, (answer: Buffer) => Buffer | undefined]>([
    [
      "an answer to another question",
      (answer) => Buffer.concat([answer.subarray(0, 4), Buffer.alloc(4, 9), answer.subarray(8)]),
    ],
    ["an answer that goes on", (answer) => withSize(Buffer.concat([answer, Buffer.from([0])]))],
    ["an answer that is cut short", (answer) => withSize(answer.subarray(0, -3))],
    ["a size below nothing", () => Buffer.from([0xff, 0xff, 0xff, 0xff])],
    ["HTTP", () => Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")],
    [
      "a list that would fill the memory",
      (answer) => Buffer.concat([answer.subarray(0, 12), Buffer.alloc(4, 0x7f), answer.subarray(16)]),
    ],
  ])("does not take %s for one", async (_, change) => {
    for (const changed of ["ApiVersions", "Metadata"]) {
      await using broker = await startKafkaBroker({
        topics: { orders: { partitions: [{}] } },
        change: (answer, name) => (name === changed ? change(answer) : answer),
      });
      const { state, reason } = await verdictOf(kafkaAt(broker, { topics: "orders" }));
      expect({ state, reason }).toEqual({ state: "unhealthy", reason: "unexpected_result" });
      await vi.waitFor(() => expect(broker.sockets.size).toBe(0));
    }
  });

  it("does not take another topic for the one that it asked for", async () => {
    await using broker = await startKafkaBroker({
      topics: { orders: { partitions: [{}] } },
      change: (answer) => Buffer.from(answer.toString("latin1").replace("orders", "others"), "latin1"),
    });
    const message = "the server does not speak the protocol of Kafka";
    expect(await verdictOf(kafkaAt(broker, { topics: "orders" }))).toMatchObject({
      reason: "unexpected_result",
      message,
    });
  });

  it("reads no answer without an end", async () => {
    await using broker = await startKafkaBroker({
      change: (answer, name) =>
        name === "ApiVersions" ? answer : Buffer.concat([Buffer.from([0, 0x50, 0, 0]), answer]),
    });
    const message = `127.0.0.1:${broker.port}: the answer is longer than 4 MiB`;
    expect(await verdictOf(kafkaAt(broker))).toMatchObject({ reason: "unexpected_result", message });
  });

  it("reads answers that come a byte at a time, and several at once", async () => {
    await using broker = await startKafkaBroker({ topics: { orders: { partitions: [{}] } } });
    await using slow = await startTcpServer((socket) => {
      const upstream = createConnection(broker.port, "127.0.0.1");
      socket.pipe(upstream);
      upstream.setNoDelay(true).on("data", async (data) => {
        for (const byte of data)
          await new Promise<void>((resolve) => socket.write(Buffer.from([byte]), () => resolve()));
      });
      socket.setNoDelay(true).on("close", () => upstream.destroy());
    });
    expect(await verdictOf(kafkaAt(slow, { topics: "orders" }))).toMatchObject(healthy);
  });

  it("connects over the wanted kind of address alone", async () => {
    await using broker = await startKafkaBroker();
    const of = (family: 4 | 6) => verdictOf(new Kafka({ brokers: `localhost:${broker.port}`, family, timeout: "3s" }));
    expect((await of(4)).state).toBe("healthy");
    expect((await of(6)).state).toBe("unhealthy"); // It listens at 127.0.0.1.
  });

  it("records each question as a conversation, and how its connection was opened", async () => {
    const topics = { orders: { partitions: [{ leader: 2, end: 3, committed: 1 }] } };
    await using second = await startKafkaBroker({ topics, tls: certificates.server });
    await using first = await startKafkaBroker({ topics, tls: certificates.server, others: { 2: second.port } });
    const check = kafkaAt(first, { tls: true, ca, topics: "orders", consumerGroup: "billing" });
    const { spans } = await recordTelemetry(async () => void (await runCheck(check)));
    const clients = spans.filter(({ kind }) => kind === SpanKind.CLIENT);
    const [at, atSecond] = [`127.0.0.1:${first.port}`, `127.0.0.1:${second.port}`];
    expect(clients.map(({ name }) => name)).toEqual([
      `ApiVersions ${at}`,
      `Metadata ${at}`,
      `FindCoordinator ${at}`,
      `OffsetFetch ${at}`,
      `ApiVersions ${atSecond}`,
      `ListOffsets ${atSecond}`,
    ]);
    for (const { attributes } of clients) {
      expect(attributes).toMatchObject({
        "messaging.system": "kafka",
        "messaging.operation.name": expect.any(String),
        "server.address": "127.0.0.1",
        "network.peer.address": "127.0.0.1",
        "tls.protocol.version": "1.3",
      });
    }
    const phases = spans.filter(({ kind }) => kind === SpanKind.INTERNAL).map(({ name }) => name);
    expect(phases).toEqual([
      ...["connect", "tls", "first byte", "transfer"],
      "connect",
      ...["connect", "tls", "first byte", "transfer"],
      "check Kafka",
    ]);
    expect(spans.at(-1)?.attributes).toMatchObject({
      "messaging.system": "kafka",
      "messaging.destination.name": "orders",
      "messaging.consumer.group.name": "billing",
      "health.check.value.lag": 2,
    });
  });
});

/** A frame with the size that it has. */
function withSize(frame: Buffer): Buffer {
  const copy = Buffer.from(frame);
  copy.writeInt32BE(copy.length - 4);
  return copy;
}
