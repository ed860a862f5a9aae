import { execFile } from "node:child_process";
import { createConnection } from "node:net";
import { promisify } from "node:util";
import { SpanKind } from "@opentelemetry/api";
import { describe, expect, it, vi } from "vitest";
import { Kafka } from "../../src/checks/kafka.ts";
import { certificates } from "../support/certificates.ts";
import { describeCheck } from "../support/describe-check.ts";
import { itWithService } from "../support/it-with-service.ts";
import { kcatProgram, runKcat, startKafka } from "../support/kafka-server.ts";
import { runCheck } from "../support/run-check.ts";
import { stablePort } from "../support/stable-port.ts";
import { recordTelemetry } from "../support/telemetry.ts";
import { startKafkaBroker } from "../support/throw-away-kafka-broker.ts";
import { closedPort, startTcpServer } from "../support/throw-away-server.ts";

type Options = Partial<ConstructorParameters<typeof Kafka>[0]>;

const kcat = [kcatProgram];
const { ca } = certificates;
const healthy = { state: "healthy" };

function checkOf({ port }: { readonly port: number }, options: Options = {}): Kafka {
  return new Kafka({ brokers: `127.0.0.1:${port}`, timeout: "3s", ...options });
}

async function verdictOf(check: Kafka) {
  const { state, failure, measures = [] } = await runCheck(check, { keepOpen: true });
  const numbers = Object.fromEntries(measures.map(({ name, value }) => [name, value]));
  return { state, reason: failure?.reason, message: failure?.message, ...numbers };
}

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
    const { reason } = await verdictOf(checkOf(broker, { topics: "nothing" }));
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

  it("connects anew whenever the broker was restarted, and leaves nothing open", async () => {
    const port = await stablePort();
    const check = checkOf({ port }, { topics: "orders", consumerGroup: "billing" });
    const topics = { orders: { partitions: [{ end: 5, committed: 3 }] } };
    for (let round = 0; round < 50; round += 1) {
      await using broker = await startKafkaBroker({ port, topics });
      expect(await verdictOf(check)).toMatchObject({ ...healthy, lag: 2 });
      expect(await verdictOf(check)).toMatchObject({ ...healthy, lag: 2 });
      expect(broker.sockets.size).toBe(1);
    }
    expect(await verdictOf(check)).toMatchObject({ reason: "connection_refused" });
    check.close();
  });

  it("asks the leaders and the coordinator, each over one connection that it keeps", async () => {
    const topics = {
      orders: {
        partitions: [
          { end: 10, committed: 7 },
          { leader: 2, end: 20, committed: 16 },
        ],
      },
      mails: { partitions: [{ leader: 2, end: 100, committed: 100 }, { end: 50 }] },
    };
    await using second = await startKafkaBroker({ topics });
    await using coordinator = await startKafkaBroker({ topics });
    await using first = await startKafkaBroker({
      topics,
      others: { 2: second.port, 3: coordinator.port },
      coordinatorPort: coordinator.port,
    });
    const check = checkOf(first, { consumerGroup: "billing" });
    for (let run = 0; run < 3; run += 1) {
      expect(await verdictOf(check)).toMatchObject({ ...healthy, brokers: 3, underReplicated: 0, lag: 7 });
    }
    const run = ["Metadata 4", "FindCoordinator 1", "Metadata 4", "ListOffsets 1"];
    expect(first.asked).toEqual(["ApiVersions 0", ...run, ...run, ...run]);
    expect(second.asked).toEqual(["ApiVersions 0", ...Array(3).fill("ListOffsets 1")]);
    expect(coordinator.asked).toEqual(["ApiVersions 0", ...Array(3).fill("OffsetFetch 2")]);
    check.close();
    for (const { sockets } of [first, second, coordinator]) await vi.waitFor(() => expect(sockets.size).toBe(0));
  });

  it("names the broker that cannot be reached, or that ends the connection", async () => {
    const topics = { orders: { partitions: [{ end: 1, committed: 1 }] } };
    const coordinatorPort = await closedPort();
    const place = `127.0.0.1:${coordinatorPort}`;
    await using first = await startKafkaBroker({ topics, coordinatorPort });
    const check = checkOf(first, { topics: "orders", consumerGroup: "billing" });
    const refused = await verdictOf(check);
    expect(refused).toMatchObject({ state: "unhealthy", reason: "connection_refused" });
    expect(refused.message).toMatch(new RegExp(`^${place}: `));
    {
      await using _ = await startTcpServer();
      await using ending = await startKafkaBroker({
        port: coordinatorPort,
        topics,
        change: (answer, name) => (name === "ApiVersions" ? answer : Buffer.alloc(4)),
      });
      const message = `${place}: the server does not speak the protocol of Kafka`;
      expect(await verdictOf(check)).toMatchObject({ reason: "unexpected_result", message });
      await vi.waitFor(() => expect(ending.sockets.size).toBe(0));
    }
    check.close();
  });

  it.each([
    ["plain", { username: "alice", password: "right" }],
    ["scram-sha-256", { username: "alice", password: "right" }],
    ["scram-sha-512", { username: "alice", password: "right" }],
    ["oauthbearer", { token: "right" }],
  ] as const)("logs in by %s, at each broker", async (mechanism, login) => {
    const topics = { orders: { partitions: [{ leader: 2, end: 3, committed: 1 }] } };
    const mechanisms = [mechanism.toUpperCase()];
    await using second = await startKafkaBroker({ mechanisms, topics });
    await using first = await startKafkaBroker({ mechanisms, topics, others: { 2: second.port } });
    const options = { mechanism, topics: "orders", consumerGroup: "billing" } as const;
    const check = checkOf(first, { ...options, ...login });
    expect(await verdictOf(check)).toMatchObject({ ...healthy, lag: 2 });
    expect(await verdictOf(check)).toMatchObject({ ...healthy, lag: 2 });
    check.close();
    const wrong = mechanism === "oauthbearer" ? { token: "wrong" } : { ...login, password: "wrong" };
    const message = mechanism === "oauthbearer" ? "token refused" : "user name or password refused";
    expect(await verdictOf(checkOf(first, { ...options, ...wrong }))).toMatchObject({
      state: "unhealthy",
      reason: "authentication",
      message: `127.0.0.1:${first.port}: ${message}`,
    });
  });

  itWithService(
    kcat,
    "talks to a test broker that librdkafka can log in at, too",
    async () => {
      const topics = { orders: { partitions: [{}] } };
      const mechanisms = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"];
      await using broker = await startKafkaBroker({ mechanisms, topics, tls: certificates.server });
      for (const mechanism of mechanisms) {
        const properties = {
          "security.protocol": "sasl_ssl",
          "enable.ssl.certificate.verification": "false",
          "sasl.mechanism": mechanism,
          "sasl.username": "alice",
          "sasl.password": "right",
        };
        const options = Object.entries(properties).flatMap(([name, value]) => ["-X", `${name}=${value}`]);
        const { stdout } = await runKcat([`127.0.0.1:${broker.port}`], ["-L", "-t", "orders", ...options]);
        expect(stdout).toContain('topic "orders" with 1 partitions');
      }
    },
    60_000,
  );

  it("says what a broker does that wants a login, or none, or another one", async () => {
    await using wanting = await startKafkaBroker({ mechanisms: ["SCRAM-SHA-512", "GSSAPI", "PLAIN"] });
    await using open = await startKafkaBroker();
    const login = { username: "alice", password: "right" };
    expect(await verdictOf(checkOf(wanting))).toMatchObject({
      reason: "connection_reset",
      message: `127.0.0.1:${wanting.port}: connection closed by the broker: it may ask for a login`,
    });
    expect(await verdictOf(checkOf(wanting, { ...login, mechanism: "scram-sha-256" }))).toMatchObject({
      reason: "authentication",
      message: `127.0.0.1:${wanting.port}: the broker does not know the mechanism scram-sha-256: give mechanism: plain or scram-sha-512`,
    });
    expect(await verdictOf(checkOf(open, login))).toMatchObject({
      reason: "authentication",
      message: `127.0.0.1:${open.port}: the broker asks for no login on this port, and the check has one`,
    });
  });

  it.each([4095, 100_001])("does not work through %d iterations of SCRAM", async (iterations) => {
    await using broker = await startKafkaBroker({ mechanisms: ["SCRAM-SHA-256"], iterations });
    const check = checkOf(broker, { mechanism: "scram-sha-256", username: "alice", password: "right" });
    expect(await verdictOf(check)).toMatchObject({
      reason: "unexpected_result",
      message: expect.stringContaining(`the broker asks for ${iterations} iterations, expected 4096 to 100000`),
    });
  });

  it("does not trust a broker that lets it in without knowing the password", async () => {
    await using broker = await startKafkaBroker({
      mechanisms: ["SCRAM-SHA-256"],
      change: (answer, name) => {
        const text = answer.toString("latin1");
        return name === "SaslAuthenticate" ? Buffer.from(text.replace(/v=.{4}/, "v=AAAA"), "latin1") : answer;
      },
    });
    const check = checkOf(broker, { mechanism: "scram-sha-256", username: "alice", password: "right" });
    expect(await verdictOf(check)).toMatchObject({
      reason: "authentication",
      message: expect.stringContaining("the broker does not know the password"),
    });
  });

  it("speaks TLS with a broker whose certificate is right, and only then", async () => {
    const at = (port: number, options: Options = {}) =>
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
    expect(await verdictOf(checkOf(secure))).toMatchObject({
      reason: "tls",
      message: `127.0.0.1:${secure.port}: the broker speaks TLS on this port: give tls: true`,
    });
    await using plain = await startTcpServer((socket) => void socket.once("data", () => socket.end())); // As Kafka does.
    expect((await verdictOf(checkOf(plain, { tls: true }))).state).toBe("unhealthy");
  });

  it.each<[string, Parameters<typeof startKafkaBroker>[0], Options, string, string, string]>([
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
    expect(await verdictOf(checkOf(broker, { topics: "orders", ...options }))).toMatchObject({
      state,
      reason,
      message,
    });
  });

  it.each<[string, Parameters<typeof startKafkaBroker>[0], Options, string]>([
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
    expect(await verdictOf(checkOf(broker, options))).toMatchObject({
      reason: "unexpected_result",
      message: `127.0.0.1:${broker.port}: the broker ${message}`,
    });
  });

  it("asks an older broker for all topics, since it would create one that is named", async () => {
    const topics = { orders: { partitions: [{}] }, others: { partitions: [{ leader: -1 }] } };
    await using broker = await startKafkaBroker({ topics, ranges: { Metadata: [0, 2] } });
    const check = checkOf(broker, { topics: "orders" });
    expect(await verdictOf(check)).toMatchObject({ ...healthy, underReplicated: 0 });
    expect(broker.asked).toEqual(["ApiVersions 0", "Metadata 2"]);
    expect(await verdictOf(checkOf(broker, { topics: "nothing" }))).toMatchObject({ reason: "assertion" });
    expect(broker.created).toEqual([]);
    check.close();
  });

  it("counts only what the consumer group has committed, and never less than nothing", async () => {
    const topics = { orders: { partitions: [{ end: 5, committed: 9 }, { end: 1000 }, { end: 7, committed: 0 }] } };
    await using broker = await startKafkaBroker({ topics });
    expect(await verdictOf(checkOf(broker, { consumerGroup: "billing" }))).toMatchObject({ ...healthy, lag: 7 });
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
      const { state, reason } = await verdictOf(checkOf(broker, { topics: "orders" }));
      expect({ state, reason }).toEqual({ state: "unhealthy", reason: "unexpected_result" });
      await vi.waitFor(() => expect(broker.sockets.size).toBe(0));
    }
  });

  it("reads no answer without an end", async () => {
    await using broker = await startKafkaBroker({
      change: (answer, name) =>
        name === "ApiVersions" ? answer : Buffer.concat([Buffer.from([0, 0x50, 0, 0]), answer]),
    });
    const message = `127.0.0.1:${broker.port}: the answer is longer than 4 MiB`;
    expect(await verdictOf(checkOf(broker))).toMatchObject({ reason: "unexpected_result", message });
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
    expect(await verdictOf(checkOf(slow, { topics: "orders" }))).toMatchObject(healthy);
  });

  it("connects over the wanted kind of address alone", async () => {
    await using broker = await startKafkaBroker();
    const of = (family: 4 | 6) => verdictOf(new Kafka({ brokers: `localhost:${broker.port}`, family, timeout: "3s" }));
    expect((await of(4)).state).toBe("healthy");
    expect((await of(6)).state).toBe("unhealthy"); // It listens at 127.0.0.1.
  });

  it("warns when it takes too long", async () => {
    await using broker = await startKafkaBroker();
    expect(await verdictOf(checkOf(broker, { maxResponseTime: "0s" }))).toMatchObject({
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

  it("records each question as a conversation, and how its connection was opened", async () => {
    const topics = { orders: { partitions: [{ leader: 2, end: 3, committed: 1 }] } };
    await using second = await startKafkaBroker({ topics, tls: certificates.server });
    await using first = await startKafkaBroker({ topics, tls: certificates.server, others: { 2: second.port } });
    const check = checkOf(first, { tls: true, ca, consumerGroup: "billing" });
    const { spans } = await recordTelemetry(async () => void (await runCheck(check)));
    const clients = spans.filter(({ kind }) => kind === SpanKind.CLIENT);
    const [at, atSecond] = [`127.0.0.1:${first.port}`, `127.0.0.1:${second.port}`];
    expect(clients.map(({ name }) => name)).toEqual([
      `ApiVersions ${at}`,
      `Metadata ${at}`,
      `FindCoordinator ${at}`,
      `OffsetFetch ${at}`,
      `Metadata ${at}`,
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
      "messaging.consumer.group.name": "billing",
      "health.check.value.lag": 2,
    });
  });

  it.each<[string, Options, string]>([
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

  it("shows no token and no password of SCRAM", async () => {
    await using server = await startTcpServer((socket) => socket.pipe(socket));
    const token = "S3cret-of-the-test";
    const options = { mechanism: "oauthbearer", token } as const;
    const { spans } = await recordTelemetry(async () => {
      expect(JSON.stringify(await verdictOf(checkOf(server, options)))).not.toContain(token);
    });
    expect(JSON.stringify(spans)).not.toContain(token);
  });
});

/** A frame with the size that it has. */
function withSize(frame: Buffer): Buffer {
  const copy = Buffer.from(frame);
  copy.writeInt32BE(copy.length - 4);
  return copy;
}
