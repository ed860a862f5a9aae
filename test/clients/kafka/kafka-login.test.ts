import { describe, expect, it } from "vitest";
import { certificates } from "../../support/certificates.ts";
import { itWithService } from "../../support/it-with-service.ts";
import { kafkaAt, verdictOf } from "../../support/kafka-check.ts";
import { kcatProgram, runKcat } from "../../support/kafka-server.ts";
import { recordTelemetry } from "../../support/telemetry.ts";
import { startKafkaBroker } from "../../support/throw-away-kafka-broker.ts";
import { startTcpServer } from "../../support/throw-away-server.ts";

const kcat = [kcatProgram];
const healthy = { state: "healthy" };

describe("the login at a broker of Kafka", () => {
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
    const check = kafkaAt(first, { ...options, ...login });
    expect(await verdictOf(check)).toMatchObject({ ...healthy, lag: 2 });
    expect(await verdictOf(check)).toMatchObject({ ...healthy, lag: 2 });
    check.close();
    const wrong = mechanism === "oauthbearer" ? { token: "wrong" } : { ...login, password: "wrong" };
    const message = mechanism === "oauthbearer" ? "token refused" : "user name or password refused";
    expect(await verdictOf(kafkaAt(first, { ...options, ...wrong }))).toMatchObject({
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
    expect(await verdictOf(kafkaAt(wanting))).toMatchObject({
      reason: "connection_reset",
      message: `127.0.0.1:${wanting.port}: connection closed by the broker: it may ask for a login`,
    });
    expect(await verdictOf(kafkaAt(wanting, { ...login, mechanism: "scram-sha-256" }))).toMatchObject({
      reason: "authentication",
      message: `127.0.0.1:${wanting.port}: the broker does not know the mechanism scram-sha-256: give mechanism: plain or scram-sha-512`,
    });
    expect(await verdictOf(kafkaAt(open, login))).toMatchObject({
      reason: "authentication",
      message: `127.0.0.1:${open.port}: the broker asks for no login on this port, and the check has one`,
    });
  });

  it("does not suspect a login where the broker has answered without one", async () => {
    await using broker = await startKafkaBroker({ endsAt: "FindCoordinator" });
    expect(await verdictOf(kafkaAt(broker, { consumerGroup: "billing" }))).toMatchObject({
      reason: "connection_reset",
      message: `127.0.0.1:${broker.port}: connection closed by the server`,
    });
  });

  it.each([4095, 100_001])("does not work through %d iterations of SCRAM", async (iterations) => {
    await using broker = await startKafkaBroker({ mechanisms: ["SCRAM-SHA-256"], iterations });
    const check = kafkaAt(broker, { mechanism: "scram-sha-256", username: "alice", password: "right" });
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
    const check = kafkaAt(broker, { mechanism: "scram-sha-256", username: "alice", password: "right" });
    expect(await verdictOf(check)).toMatchObject({
      reason: "authentication",
      message: expect.stringContaining("the broker does not know the password"),
    });
  });

  it("shows no token and no password of SCRAM", async () => {
    await using server = await startTcpServer((socket) => socket.pipe(socket));
    const token = "S3cret-of-the-test";
    const options = { mechanism: "oauthbearer", token } as const;
    const { spans } = await recordTelemetry(async () => {
      expect(JSON.stringify(await verdictOf(kafkaAt(server, options)))).not.toContain(token);
    });
    expect(JSON.stringify(spans)).not.toContain(token);
  });
});
