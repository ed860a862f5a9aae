import { createConnection } from "node:net";
import { connect } from "amqplib";
import { afterAll, beforeAll, describe, expect, vi } from "vitest";
import { Rabbitmq } from "../../src/checks/rabbitmq.ts";
import { certificates } from "../support/certificates.ts";
import { itWithService } from "../support/it-with-service.ts";
import { type RabbitmqServer, rabbitmqProgram, startMilliseconds, startRabbitmq } from "../support/rabbitmq-server.ts";
import { runCheck } from "../support/run-check.ts";
import { startTcpServer } from "../support/throw-away-server.ts";

type Options = Partial<NonNullable<ConstructorParameters<typeof Rabbitmq>[0]>>;

const program = [rabbitmqProgram];
const password = "right:word/of@probe";
const probe = { username: "probe", password, virtualHost: "shop" };
const watcher = `watcher:${encodeURIComponent(password)}`;

/** Runs the check as it is kept between runs. */
const runKept = (check: Rabbitmq) => runCheck(check, { keepOpen: true });

describe("Rabbitmq and a real server", () => {
  let server: RabbitmqServer;

  const of = (options: Options = probe): Rabbitmq => new Rabbitmq({ host: "127.0.0.1", port: server.port, ...options });
  const resultOf = async (options?: Options) => {
    const { state, failure, measures } = await runCheck(of(options));
    return { state, measures, reason: failure?.reason, message: failure?.message };
  };
  const alarmsBy = async (login: string) => {
    const { state, failure } = await runCheck(
      new Rabbitmq({ url: `http://${login}127.0.0.1:${server.managementPort}` }),
    );
    return { state, reason: failure?.reason, message: failure?.message };
  };
  /** What became of the connections to the server. */
  const connections = async () => {
    const log = await server.log();
    const countOf = (pattern: RegExp): number => log.match(pattern)?.length ?? 0;
    return { closed: countOf(/closing AMQP connection/g), lost: countOf(/client unexpectedly closed/g) };
  };

  beforeAll(async () => {
    if (!rabbitmqProgram.available) return;
    server = await startRabbitmq();
    await server.manage("PUT", "/vhosts/shop");
    await server.manage("PUT", "/queues/shop/mail", { durable: true });
    // What the reference page says: rabbitmqctl add_user, set_permissions and set_user_tags.
    for (const [name, tags] of [
      ["probe", ""],
      ["stranger", ""],
      ["watcher", "monitoring"],
    ]) {
      await server.manage("PUT", `/users/${name}`, { password, tags });
    }
    await server.manage("PUT", "/permissions/shop/probe", { configure: "^$", write: "^$", read: "^$" });
  }, 2 * startMilliseconds);

  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
  });

  itWithService(program, "is healthy for a user without a right, over one connection run after run", async () => {
    const before = await connections();
    const check = of({ ...probe, queue: "mail" });
    for (let run = 0; run < 20; run += 1) expect(await runKept(check)).toMatchObject({ state: "healthy" });
    check.close();
    const login = `probe:${encodeURIComponent(password)}`;
    expect(await runCheck(new Rabbitmq({ url: `amqp://${login}@127.0.0.1:${server.port}/shop` }))).toMatchObject({
      state: "healthy",
    });
    await vi.waitFor(async () => {
      expect(await connections()).toEqual({ closed: before.closed + 2, lost: before.lost });
    });
  });

  itWithService(program, "counts messages and consumers, and leaves the queue as it was", async () => {
    const publisher = await connect(`amqp://guest:guest@127.0.0.1:${server.port}/shop`);
    const channel = await publisher.createConfirmChannel();
    for (let index = 0; index < 3; index += 1) channel.sendToQueue("mail", Buffer.from("x"));
    await channel.waitForConfirms();
    for (let run = 0; run < 2; run += 1) {
      expect(await resultOf({ ...probe, queue: "mail", maxMessages: 3 })).toMatchObject({
        state: "healthy",
        measures: [
          { name: "messages", value: 3 },
          { name: "consumers", value: 0 },
        ],
      });
    }
    expect(await resultOf({ ...probe, queue: "mail", maxMessages: 2 })).toMatchObject({
      state: "degraded",
      reason: "threshold",
      message: "3 messages wait in mail, expected at most 2",
    });
    expect(await resultOf({ ...probe, queue: "mail", minConsumers: 1 })).toMatchObject({
      state: "degraded",
      reason: "threshold",
      message: "mail has 0 consumers, expected at least 1",
    });
    await channel.consume("mail", () => {}, { noAck: true });
    expect(await resultOf({ ...probe, queue: "mail", minConsumers: 1, maxMessages: 0 })).toMatchObject({
      state: "healthy",
    });
    await publisher.close();
  });

  itWithService(program, "says what is refused, or missing", async () => {
    const guest = await connect(`amqp://guest:guest@127.0.0.1:${server.port}/shop`);
    await (await guest.createChannel()).assertQueue("own", { exclusive: true });
    for (const [options, reason, message] of [
      [{ ...probe, password: "wrong" }, "authentication", "user name or password refused"],
      [{ ...probe, username: "nobody" }, "authentication", "user name or password refused"],
      [{ ...probe, username: "stranger" }, "authentication", "the user lacks the permission for the virtual host"],
      [{ ...probe, virtualHost: "nothing" }, "assertion", "the server has no such virtual host"],
      [{ ...probe, queue: "nothing" }, "assertion", "the virtual host has no queue of that name"],
      [
        { ...probe, queue: "own" },
        "assertion",
        "the queue belongs to another connection alone: leave it out, or declare it as not exclusive",
      ],
    ] as const) {
      expect(await resultOf(options), message).toMatchObject({ state: "unhealthy", reason, message });
    }
    await guest.close();
    expect(await server.manage("GET", "/queues/shop/mail")).toMatchObject({ name: "mail" });
    await expect(server.manage("GET", "/queues/shop/nothing")).rejects.toThrow("404");
  });

  itWithService(program, "goes on over the same server after a refusal", async () => {
    const check = of({ ...probe, queue: "later" });
    expect(await runKept(check)).toMatchObject({ state: "unhealthy" });
    await server.manage("PUT", "/queues/shop/later", { durable: true });
    expect(await runKept(check)).toMatchObject({ state: "healthy" });
    check.close();
  });

  itWithService(
    program,
    "says that the server has no connection left, and does not take its own for the one too many",
    async () => {
      await server.manage("PUT", "/vhost-limits/shop/max-connections", { value: 1 });
      const check = of({ ...probe, maxConnectionAge: "0s" });
      for (let run = 0; run < 3; run += 1) expect(await runKept(check)).toMatchObject({ state: "healthy" });
      const full = { state: "unhealthy", reason: "unavailable", message: "the server has no connection left" };
      expect(await resultOf()).toMatchObject(full);
      check.close();
      await server.manage("DELETE", "/vhost-limits/shop/max-connections");
      await server.manage("PUT", "/user-limits/probe/max-channels", { value: 0 });
      expect(await resultOf()).toMatchObject({ reason: "unavailable", message: "the user has no channel left" });
      await server.manage("DELETE", "/user-limits/probe/max-channels");
    },
  );

  itWithService(program, "connects anew however often the server ends its connection", async () => {
    await using proxy = await startTcpServer((client) => {
      const toServer = createConnection(server.port, "127.0.0.1");
      client.pipe(toServer).pipe(client);
      client.on("close", () => toServer.destroy());
      toServer.on("error", () => {}); // It closes.
    });
    const check = of({ ...probe, port: proxy.port, queue: "mail" });
    for (let time = 1; time <= 20; time += 1) {
      expect(await runKept(check)).toMatchObject({ state: "healthy" });
      expect(proxy.accepted()).toBe(time);
      await server.manage("DELETE", "/connections/username/probe");
      await vi.waitFor(() => expect(proxy.sockets.size).toBe(0));
    }
    check.close();
  });

  itWithService(program, "speaks TLS", async () => {
    const { ca } = certificates;
    const secure = { ...probe, port: server.tlsPort, tls: true };
    expect(await resultOf({ ...secure, ca })).toMatchObject({ state: "healthy" });
    expect(await resultOf({ ...secure, host: "localhost", ca })).toMatchObject({ state: "healthy" });
    expect(await resultOf(secure)).toMatchObject({ reason: "certificate" });
    expect(await resultOf({ ...secure, verifyCertificate: false })).toMatchObject({ state: "healthy" });
    expect(await resultOf({ ...secure, port: server.port })).toMatchObject({
      reason: "tls",
      message: "the server does not speak TLS on this port: ask without TLS, or at another port",
    });
    expect(await resultOf({ ...probe, port: server.tlsPort })).toMatchObject({ reason: "unexpected_result" });
  });

  itWithService(program, "asks the management plugin for alarms, with the tag monitoring", async () => {
    expect(await alarmsBy(`${watcher}@`)).toEqual({ state: "healthy" });
    for (const [login, message] of [
      ["watcher:wrong@", "user name or password refused"],
      ["", "the server asks for a password"],
      [
        `probe:${encodeURIComponent(password)}@`,
        "the user lacks the permission for the management plugin: give it the tag monitoring",
      ],
    ] as const) {
      expect(await alarmsBy(login)).toMatchObject({ state: "unhealthy", reason: "authentication", message });
    }
  });

  describe("when the server was stopped, and started with an alarm and an expired certificate", () => {
    const states: string[] = [];

    beforeAll(async () => {
      if (!rabbitmqProgram.available) return;
      const check = of();
      const note = async (): Promise<void> => {
        const { state, failure } = await runKept(check);
        states.push(failure?.reason ?? state);
      };
      await note();
      await server.kill();
      await note();
      await server.start({ certificate: "expired", isShortOfMemory: true });
      await note();
      check.close();
    }, 2 * startMilliseconds);

    itWithService(program, "connects anew", async () => {
      expect(states).toEqual(["healthy", "connection_refused", "healthy"]);
    });

    itWithService(program, "sees the alarm by HTTP, and not by AMQP", async () => {
      await vi.waitFor(async () => {
        expect(await alarmsBy(`${watcher}@`)).toEqual({
          state: "unhealthy",
          reason: "unavailable",
          message: "no client may publish, memory is short: let consumers catch up, or give it more",
        });
      });
      expect(await resultOf()).toMatchObject({ state: "healthy" });
    });

    itWithService(program, "does not take a certificate that has expired", async () => {
      const { ca } = certificates;
      expect(await resultOf({ ...probe, port: server.tlsPort, tls: true, ca })).toMatchObject({
        reason: "certificate",
        message: "certificate has expired: renew it",
      });
    });
  });
});
