import { describe, expect, it, vi } from "vitest";
import { kafkaAt, verdictOf } from "../../support/kafka-check.ts";
import { stablePort } from "../../support/stable-port.ts";
import { startKafkaBroker } from "../../support/throw-away-kafka-broker.ts";
import { closedPort, startTcpServer } from "../../support/throw-away-server.ts";

const healthy = { state: "healthy" };

describe("a cluster of Kafka", () => {
  it("connects anew whenever the broker was restarted, and leaves nothing open", async () => {
    const port = await stablePort();
    const check = kafkaAt({ port }, { topics: "orders", consumerGroup: "billing" });
    const topics = { orders: { partitions: [{ end: 5, committed: 3 }] } };
    for (let round = 0; round < 200; round += 1) {
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
    const check = kafkaAt(first, { consumerGroup: "billing" });
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
    const check = kafkaAt(first, { topics: "orders", consumerGroup: "billing" });
    const refused = await verdictOf(check);
    expect(refused).toMatchObject({ state: "unhealthy", reason: "connection_refused" });
    expect(refused.message).toMatch(new RegExp(`^${place}: `));
    {
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

  it("lets go of every connection when a leader does not let it in", async () => {
    const topics = { orders: { partitions: [{ leader: 2, end: 3, committed: 1 }] } };
    await using second = await startKafkaBroker({ topics, mechanisms: ["SCRAM-SHA-256"] });
    await using first = await startKafkaBroker({ topics, mechanisms: ["PLAIN"], others: { 2: second.port } });
    const login = { username: "alice", password: "right" };
    const check = kafkaAt(first, { topics: "orders", consumerGroup: "billing", ...login });
    expect(await verdictOf(check)).toMatchObject({
      reason: "authentication",
      message: `127.0.0.1:${second.port}: the broker does not know the mechanism plain: give mechanism: scram-sha-256`,
    });
    for (const { sockets } of [first, second]) await vi.waitFor(() => expect(sockets.size).toBe(0));
  });

  it("lets go of every connection at its time-out when a leader never answers", async () => {
    const topics = { orders: { partitions: [{ leader: 2, end: 3, committed: 1 }] } };
    await using silent = await startTcpServer();
    await using first = await startKafkaBroker({ topics, others: { 2: silent.port } });
    const check = kafkaAt(first, { topics: "orders", consumerGroup: "billing", timeout: "300ms" });
    expect(await verdictOf(check)).toMatchObject({ state: "unhealthy", reason: "timeout" });
    expect(silent.accepted()).toBe(1);
    for (const { sockets } of [first, silent]) await vi.waitFor(() => expect(sockets.size).toBe(0));
  });

  it.each(["first", "second"] as const)(
    "does not flap when the %s broker has ended a kept connection",
    async (ending) => {
      const topics = { orders: { partitions: [{ leader: 2, end: 3, committed: 1 }] } };
      await using second = await startKafkaBroker({ topics });
      await using first = await startKafkaBroker({ topics, others: { 2: second.port } });
      const check = kafkaAt(first, { topics: "orders", consumerGroup: "billing" });
      expect(await verdictOf(check)).toMatchObject({ ...healthy, lag: 2 });
      for (const socket of (ending === "first" ? first : second).sockets) socket.destroy(); // As of an idle one, or a login too old.
      expect(await verdictOf(check)).toMatchObject({ ...healthy, lag: 2 });
      expect(await verdictOf(check)).toMatchObject({ ...healthy, lag: 2 });
      expect([first.accepted(), second.accepted()]).toEqual([2, 2]);
      check.close();
      for (const { sockets } of [first, second]) await vi.waitFor(() => expect(sockets.size).toBe(0));
    },
  );

  it("leaves out a partition that is no more, of which a consumer group still has an offset", async () => {
    const topics = {
      orders: {
        partitions: [
          { end: 100, committed: 1 },
          { end: 9, committed: 4 },
        ],
      },
    };
    await using first = await startKafkaBroker({
      topics,
      change: (answer, name) => {
        if (name === "OffsetFetch") answer.writeInt32BE(7, 24); // The index of the first partition.
        return answer;
      },
    });
    const check = kafkaAt(first, { consumerGroup: "billing" });
    expect(await verdictOf(check)).toMatchObject({ ...healthy, lag: 5 });
    check.close();
  });

  it("connects to no address that is none", async () => {
    const topics = { orders: { partitions: [{ leader: 2, end: 3, committed: 1 }] } };
    for (const port of [0, 65_536, -1]) {
      await using first = await startKafkaBroker({ topics, others: { 2: port } });
      const check = kafkaAt(first, { topics: "orders", consumerGroup: "billing" });
      expect(await verdictOf(check)).toMatchObject({ state: "unhealthy", reason: "unexpected_result" });
      check.close();
    }
  });

  it("asks no more leaders than a run can", async () => {
    const brokers = Array.from({ length: 201 }, (_, index) => index + 2);
    const partitions = brokers.map((leader) => ({ leader, end: 1, committed: 1 }));
    const others = Object.fromEntries(brokers.map((leader) => [leader, leader])); // At ports where nobody is asked.
    await using first = await startKafkaBroker({ topics: { orders: { partitions } }, others });
    const check = kafkaAt(first, { topics: "orders", consumerGroup: "billing" });
    const message = "the topics have more than 200 leaders: give fewer topics";
    expect(await verdictOf(check)).toMatchObject({ state: "unhealthy", message });
    check.close();
  });
});
