import { execFile } from "node:child_process";
import { createConnection, type Socket } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Nats } from "../../src/checks/nats.ts";
import { certificates } from "../support/certificates.ts";
import { describeCheck } from "../support/describe-check.ts";
import { itWithService } from "../support/it-with-service.ts";
import { type NatsServer, natsProgram, natsTls, startNats } from "../support/nats-server.ts";
import { runCheck } from "../support/run-check.ts";
import { recordTelemetry } from "../support/telemetry.ts";
import { startTcpServer } from "../support/throw-away-server.ts";
import { startTlsServer } from "../support/throw-away-tls-server.ts";

type Options = Partial<NonNullable<ConstructorParameters<typeof Nats>[0]>>;

const program = [natsProgram];
const certificatesFolder = join(import.meta.dirname, "../support/certificates");

/** Runs the check as it is kept between runs. */
const runKept = (check: Nats) => runCheck(check, { keepOpen: true });

async function resultOf({ port }: { readonly port: number }, options: Options = {}) {
  const { state, failure, measures } = await runCheck(new Nats({ host: "127.0.0.1", port, timeout: "3s", ...options }));
  return { state, measures, reason: failure?.reason, message: failure?.message };
}

const login = (user: string) => ({ username: user, password: "right" });

/** Accounts with JetStream, with a limit of it, and without it; users of the first with every right, those of the reference page, and none. */
const accounts = `
jetstream { store_dir: "STORE", max_mem: 1M, max_file: 8M }
accounts {
  SHOP {
    jetstream: { max_streams: 1, max_file: 4M }
    users: [
      { user: admin, password: right }
      { user: probe, password: right, permissions: {
        publish: ["$JS.API.CONSUMER.INFO.orders.mail", "$JS.API.STREAM.INFO.orders"], subscribe: ["_INBOX.>"] } }
      { user: pinger, password: right, permissions: { publish: { deny: ">" }, subscribe: { deny: ">" } } }
      { user: deaf, password: right, permissions: { publish: ["$JS.API.>"], subscribe: { deny: ">" } } }
      { user: private, password: right, permissions: { publish: ["$JS.API.INFO"], subscribe: ["_INBOX_private.>"] } }
    ]
  }
  BARE { users: [{ user: bare, password: right }] }
}`;

const stream = '{"name":"orders","subjects":["orders.>"],"storage":"file"}';
const consumer =
  '{"stream_name":"orders","config":{"durable_name":"mail","ack_policy":"explicit","filter_subject":"orders.mail"}}';

/** Publishes as a user with every right, the later ones when the earlier ones have arrived. */
async function publish(server: NatsServer, ...messages: readonly (readonly [subject: string, content: string])[]) {
  const connect = 'CONNECT {"verbose":false,"user":"admin","pass":"right"}\r\nSUB answers 1\r\n';
  const lines = messages.map(
    ([subject, content]) => `PUB ${subject} answers ${Buffer.byteLength(content)}\r\n${content}\r\n`,
  );
  return server.ask(connect + lines.join(""), new RegExp(`(?:MSG answers.*\\r\\n.*\\r\\n){${messages.length}}`));
}

describe("Nats", () => {
  describeCheck(Nats, {
    options: { url: "nats://127.0.0.1:9", timeout: "1s" },
    network: (port) => ({ host: "127.0.0.1", port, stream: "orders" }),
    secrets: (secret, port) => ({ host: "127.0.0.1", port, token: secret }),
  });

  describe("over TLS", () => {
    describeCheck(Nats, {
      options: { url: "tls://127.0.0.1:9", timeout: "1s" },
      network: (port) => ({ host: "127.0.0.1", port, tls: true }),
      secrets: (secret, port) => ({ url: `tls://user:${secret}@127.0.0.1:${port}` }),
    });
  });

  describe("over TLS from the first byte", () => {
    describeCheck(Nats, {
      options: { url: "tls://127.0.0.1:9", tlsFirst: true, timeout: "1s" },
      network: (port) => ({ host: "127.0.0.1", port, tls: true, tlsFirst: true }),
    });
  });

  describe("and JetStream", () => {
    let server: NatsServer;

    beforeAll(async () => {
      if (!natsProgram.available) return;
      server = await startNats(accounts);
      await publish(server, ["$JS.API.STREAM.CREATE.orders", stream]);
      await publish(server, ["$JS.API.CONSUMER.DURABLE.CREATE.orders.mail", consumer]);
      await publish(server, ["orders.mail", "1"], ["orders.mail", "2"], ["orders.other", "3"]);
    });

    afterAll(async () => {
      await server?.[Symbol.asyncDispose]();
    });

    itWithService(program, "counts messages for a user with the least rights, and takes none", async () => {
      for (let run = 0; run < 2; run += 1) {
        expect(
          await resultOf(server, { ...login("probe"), stream: "orders", consumer: "mail", maxPending: 2 }),
        ).toMatchObject({
          state: "healthy",
          measures: [
            { name: "messages", value: 3 },
            { name: "pending", value: 2 },
          ],
        });
      }
      expect(
        await resultOf(server, { ...login("probe"), stream: "orders", consumer: "mail", maxPending: 1 }),
      ).toMatchObject({
        state: "degraded",
        reason: "threshold",
        message: "2 messages wait for mail, expected at most 1",
      });
    });

    itWithService(program, "is healthy for an account with JetStream, within its limits or at them", async () => {
      expect(await resultOf(server, { ...login("admin"), jetstream: true })).toMatchObject({ state: "healthy" });
      const another = '{"name":"more","subjects":["more"]}';
      expect(await publish(server, ["$JS.API.STREAM.CREATE.more", another])).toContain(
        "maximum number of streams reached",
      );
      expect(await resultOf(server, { ...login("admin"), jetstream: true })).toMatchObject({ state: "healthy" });
      const own = { ...login("private"), jetstream: true, inboxPrefix: "_INBOX_private" };
      expect(await resultOf(server, own)).toMatchObject({ state: "healthy" });
    });

    itWithService(program, "pings for a user without a right", async () => {
      expect(await resultOf(server, login("pinger"))).toMatchObject({ state: "healthy" });
    });

    itWithService(program, "says what is refused, or missing", async () => {
      for (const [options, reason, message] of [
        [{ ...login("admin"), password: "wrong" }, "authentication", "user name or password refused"],
        [{ ...login("nobody") }, "authentication", "user name or password refused"],
        [{ token: "wrong" }, "authentication", "user name or password refused"],
        [{}, "authentication", "the server asks for a password"],
        [
          { ...login("pinger"), jetstream: true },
          "authentication",
          "the user lacks the permission for subscribing to _INBOX.>",
        ],
        [
          { ...login("deaf"), jetstream: true },
          "authentication",
          "the user lacks the permission for subscribing to _INBOX.>",
        ],
        [
          { ...login("probe"), jetstream: true },
          "authentication",
          "the user lacks the permission for publishing to $JS.API.INFO",
        ],
        [{ ...login("admin"), stream: "nothing" }, "assertion", "the account has no stream of that name"],
        [
          { ...login("admin"), stream: "orders", consumer: "nobody" },
          "assertion",
          "the stream has no consumer of that name",
        ],
        [
          { ...login("bare"), jetstream: true },
          "unavailable",
          "JetStream is off for this account: give the account limits of its own",
        ],
      ] as const) {
        expect(await resultOf(server, options), message).toMatchObject({ state: "unhealthy", reason, message });
      }
    });

    itWithService(program, "asks again over the same connection", async () => {
      const check = new Nats({
        host: "127.0.0.1",
        port: server.port,
        ...login("probe"),
        stream: "orders",
        consumer: "mail",
      });
      for (let run = 0; run < 20; run += 1) expect(await runKept(check)).toMatchObject({ state: "healthy" });
      check.close();
    });
  });

  itWithService(program, "says that JetStream is off", async () => {
    await using server = await startNats();
    expect(await resultOf(server, { jetstream: true })).toMatchObject({
      state: "unhealthy",
      reason: "unavailable",
      message: "JetStream is off: start the server with it, or ask another one",
    });
    expect(await resultOf(server)).toMatchObject({ state: "healthy", measures: [] });
  });

  itWithService(program, "logs in by a token", async () => {
    await using server = await startNats('authorization { token: "right:word" }');
    expect(await resultOf(server, { token: "right:word" })).toMatchObject({ state: "healthy" });
    expect(await resultOf(server, { token: "wrong" })).toMatchObject({ reason: "authentication" });
  });

  itWithService(program, "stays connected while the server asks whether it is there", async () => {
    await using server = await startNats('ping_interval: "50ms"\nping_max: 1');
    let pings = 0;
    await using proxy = await startTcpServer((client) => {
      const toServer = createConnection(server.port, "127.0.0.1");
      toServer.on("data", (data) => {
        pings += String(data).split("PING").length - 1;
      });
      client.pipe(toServer).pipe(client);
      client.on("close", () => toServer.destroy());
      toServer.on("error", () => {}); // It closes.
    });
    const check = new Nats({ host: "127.0.0.1", port: proxy.port });
    expect(await runKept(check)).toMatchObject({ state: "healthy" });
    await vi.waitFor(() => expect(pings).toBeGreaterThan(5));
    expect(await runKept(check)).toMatchObject({ state: "healthy" });
    expect(proxy.accepted()).toBe(1);
    check.close();
  });

  itWithService(program, "connects anew however often the server is restarted, and leaves nothing open", async () => {
    await using server = await startNats();
    const check = new Nats({ host: "127.0.0.1", port: server.port });
    for (let time = 0; time < 10; time += 1) {
      expect(await runKept(check)).toMatchObject({ state: "healthy" });
      await server.kill();
      expect(await runKept(check)).toMatchObject({ state: "unhealthy", failure: { reason: "connection_refused" } });
      await server.start();
    }
    check.close();
  });

  itWithService(
    program,
    "says that the server has no connection left, and does not take its own for the one too many",
    async () => {
      await using server = await startNats("max_connections: 1");
      const check = new Nats({ host: "127.0.0.1", port: server.port, maxConnectionAge: "0s" });
      for (let run = 0; run < 3; run += 1) expect(await runKept(check)).toMatchObject({ state: "healthy" });
      const full = { state: "unhealthy", reason: "unavailable", message: "the server has no connection left" };
      expect(await resultOf(server)).toMatchObject(full);
      check.close();
      for (const [options, parts] of [
        [{}, {}],
        [{ tls: true }, { tls_required: true }],
      ] as const) {
        await using fake = await startFake({ start: `${greetingOf(parts)}-ERR 'maximum connections exceeded'\r\n` });
        expect(await resultOf(fake, options)).toMatchObject(full);
      }
    },
  );

  itWithService(program, "speaks TLS after the greeting", async () => {
    const { ca, client } = certificates;
    await using server = await startNats(natsTls("server"));
    expect(await resultOf(server, { tls: true, ca })).toMatchObject({ state: "healthy" });
    expect(await resultOf(server, { host: "localhost", tls: true, ca })).toMatchObject({ state: "healthy" });
    expect(await resultOf(server, { tls: true })).toMatchObject({ state: "unhealthy", reason: "certificate" });
    expect(await resultOf(server, { tls: true, verifyCertificate: false })).toMatchObject({ state: "healthy" });
    expect(await resultOf(server)).toMatchObject({
      reason: "tls",
      message: "the server asks for TLS: give tls: true, or a url that begins with tls://",
    });
    for (const [name, message] of [
      ["expired", "certificate has expired: renew it"],
      ["other-host", "certificate is for another host name: it must have the name that is asked for"],
    ] as const) {
      await server.kill();
      await server.start(natsTls(name));
      expect(await resultOf(server, { tls: true, ca })).toMatchObject({ reason: "certificate", message });
    }
    await server.kill();
    await server.start(
      `${natsTls("server").replace("}", `, ca_file: "${certificatesFolder}/ca.pem", verify_and_map: true }`)}
authorization { users: [{ user: "CN=healthspan" }] }`,
    );
    const known = { clientCertificate: client.cert, clientKey: client.key };
    expect(await resultOf(server, { tls: true, ca, ...known })).toMatchObject({ state: "healthy" });
    expect(await resultOf(server, { tls: true, ca })).toMatchObject({ state: "unhealthy", reason: "tls" });
  });

  itWithService(program, "says that the server does not speak TLS", async () => {
    await using server = await startNats();
    expect(await resultOf(server, { tls: true })).toMatchObject({
      state: "unhealthy",
      reason: "tls",
      message: "the server does not speak TLS",
    });
  });

  it("speaks TLS from the first byte, when it is told so", async () => {
    const { ca, server: own } = certificates;
    // As nats-server 2.10 does with handshake_first; Debian has 2.9.
    await using server = await startTlsServer(own, (socket) => talk(socket, {}));
    const way = { tls: true, tlsFirst: true };
    expect(await resultOf(server, { host: "localhost", ...way, ca })).toMatchObject({ state: "healthy" });
    expect(server.serverNames).toEqual(["localhost"]);
    expect(await resultOf(server, way)).toMatchObject({ reason: "certificate" });
  });

  it("gives no login in the clear to a server that asks for TLS, or to one that lacks it", async () => {
    for (const [greeting, options] of [
      [{ tls_required: true }, {}],
      [{}, { tls: true }],
    ] as const) {
      await using fake = await startFake({ greeting });
      expect(await resultOf(fake, { ...login("alice"), ...options })).toMatchObject({
        state: "unhealthy",
        reason: "tls",
      });
      expect(fake.received).toEqual([]);
    }
  });

  it("does not take for encrypted what came before", async () => {
    await using fake = await startFake({ start: 'INFO {"server_id":"N","tls_required":true} \r\nPONG\r\n' });
    expect(await resultOf(fake, { tls: true })).toMatchObject({ state: "unhealthy", reason: "unexpected_result" });
  });

  it("asks as the protocol says, and gives its login once", async () => {
    await using fake = await startFake({});
    const check = new Nats({ host: "127.0.0.1", port: fake.port, ...login("alice"), stream: "orders" });
    await runKept(check);
    check.close();
    const [connect = "", ...rest] = fake.received;
    expect(JSON.parse(connect.replace(/^CONNECT /, ""))).toMatchObject({
      user: "alice",
      pass: "right",
      verbose: false,
      headers: true,
    });
    const [inbox = ""] = /_INBOX\.[0-9a-f-]{36}/.exec(rest.join()) ?? [];
    expect(rest).toEqual(["PING", "PING", `SUB ${inbox}.* 1`, `PUB $JS.API.STREAM.INFO.orders ${inbox}.1 0`, ""]);
  });

  it.each([
    ["'Authorization Violation'", "authentication", "user name or password refused"],
    ["'User Authentication Expired'", "authentication", "the server no longer accepts the login"],
    ["'Authentication Timeout'", "timeout", "the server did not get the login in time"],
    ["'maximum account active connections exceeded'", "unavailable", "the server has no connection left"],
    ["'Server Shutdown'", "unavailable", "the server is shutting down"],
    ["'Stale Connection'", "connection_reset", "the server took the connection for dead"],
    ["'of alice'", "unavailable", "the server answered with an error"],
  ])("repeats nothing of the error %s", async (text, reason, message) => {
    await using fake = await startFake({ answers: { PING: `-ERR ${text}` } });
    expect(await resultOf(fake, login("alice"))).toMatchObject({ state: "unhealthy", reason, message });
  });

  // As nats-server 2.9 answers, and those of a cluster.
  it.each([
    ['{"error":{"code":503,"err_code":10008}}', "unavailable", "JetStream answered with error 10008"],
    [
      '{"error":{"code":503,"err_code":10076}}',
      "unavailable",
      "JetStream is off: start the server with it, or ask another one",
    ],
    ['{"error":{"code":400,"description":"of alice"}}', "unavailable", "JetStream answered with error 400"],
    ['{"state":{}}', "unexpected_result", "the server does not speak the protocol of NATS"],
    ["<html>", "unexpected_result", "the server does not speak the protocol of NATS"],
    ["", "unexpected_result", "the server does not speak the protocol of NATS"],
  ])("repeats nothing of the answer %j", async (answer, reason, message) => {
    await using fake = await startFake({ answer });
    expect(await resultOf(fake, { stream: "orders" })).toMatchObject({ state: "unhealthy", reason, message });
  });

  const foreign = "the server does not speak the protocol of NATS";
  it.each<[string, string, string]>([
    ["no greeting", "HELLO\r\n", foreign],
    ["a greeting that is no JSON", "INFO {\r\n", foreign],
    ["a greeting of something else", 'INFO {"x":1}\r\n', foreign],
    ["an answer that nobody asked for", `${greetingOf({})}PONG\r\nPONG\r\nPONG\r\n`, foreign],
    ["a message without its length", `${greetingOf({})}MSG a 1\r\n`, foreign],
    ["a message with a length below zero", `${greetingOf({})}MSG a 1 -5\r\n`, foreign],
    ["a message that is too long", `${greetingOf({})}MSG a 1 99999999\r\n`, "the answer is longer than 1 MiB"],
    ["a line without end", `${greetingOf({})}${"x".repeat(9000)}`, foreign],
    ["questions without end", `${greetingOf({})}${"PING\r\n".repeat(2000)}`, foreign],
    ["messages without end", `${greetingOf({})}${"MSG a 1 0\r\n\r\n".repeat(2000)}`, foreign],
  ])("is unhealthy when the server sends %s", async (_, start, message) => {
    await using fake = await startFake({ start });
    expect(await resultOf(fake)).toMatchObject({ state: "unhealthy", reason: "unexpected_result", message });
  });

  it("reads what comes a byte at a time, with questions, news and late answers between", async () => {
    const between = "PING\r\nINFO {}\r\n+OK\r\nMSG _INBOX.old 1 2\r\n{}\r\n";
    await using fake = await startFake({ between }, (socket, text) => {
      for (const character of text) socket.write(character);
    });
    expect(await resultOf(fake, { stream: "orders" })).toMatchObject({ state: "healthy" });
  });

  it("notices between its runs that the server ends the connection", async () => {
    await using fake = await startFake({});
    const check = new Nats({ host: "127.0.0.1", port: fake.port });
    expect(await runKept(check)).toMatchObject({ state: "healthy" });
    for (const socket of fake.sockets) socket.write("-ERR 'Stale Connection'\r\n");
    await vi.waitFor(() => expect(fake.sockets.size).toBe(0));
    expect(await runKept(check)).toMatchObject({ state: "healthy" });
    expect(fake.accepted()).toBe(2);
    check.close();
    await vi.waitFor(() => expect(fake.sockets.size).toBe(0));
  });

  it("does not keep the process alive between its runs", async () => {
    await using fake = await startFake({});
    const source = `
      import { Nats } from "./src/checks/nats.ts";
      const stayAlive = setInterval(() => {}, 1000);
      await new Nats({ host: "127.0.0.1", port: ${fake.port} }).run(new AbortController().signal);
      clearInterval(stayAlive);
    `;
    await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", source], { timeout: 20_000 });
    expect(fake.accepted()).toBe(1);
  });

  it("records that it connects, and what it looks at", async () => {
    await using fake = await startFake({ answer: '{"state":{"messages":1},"num_pending":1}' });
    const { spans } = await recordTelemetry(
      async () => void (await resultOf(fake, { stream: "orders", consumer: "mail" })),
    );
    expect(spans.map(({ name }) => name)).toEqual(["connect", "check Nats"]);
    expect(spans[1]?.attributes).toMatchObject({
      "messaging.system": "nats",
      "messaging.destination.name": "orders",
      "messaging.consumer.group.name": "mail",
      "server.address": "127.0.0.1",
      "server.port": fake.port,
      "network.peer.address": "127.0.0.1",
      "network.peer.port": fake.port,
    });
  });

  it("says on the span by which TLS it is connected", async () => {
    await using server = await startTlsServer(certificates.server, (socket) => talk(socket, {}));
    const { spans } = await recordTelemetry(
      async () => void (await resultOf(server, { tls: true, tlsFirst: true, ca: certificates.ca })),
    );
    expect(spans.at(-1)?.attributes).toMatchObject({ "tls.protocol.name": "tls", "tls.protocol.version": "1.3" });
  });

  it("warns when it takes too long", async () => {
    await using fake = await startFake({});
    expect(await resultOf(fake, { maxResponseTime: "0s" })).toMatchObject({ state: "degraded", reason: "threshold" });
  });

  it.each<[object, string]>([
    [{}, "give either url or host"],
    [{ host: "a", username: "b" }, "give a user name and a password together; a token is given as token"],
    [{ url: "nats://token@a" }, "give a user name and a password together; a token is given as token"],
    [{ url: "nats://b:c@a", token: "d" }, "give either token, or a user name and a password"],
    [{ url: "nats://a/x" }, "nothing may follow the host and port in url"],
    [{ url: "nats://a,b" }, "url names several hosts: make a check of each"],
    [{ host: "a", stream: "orders.>" }, "must be a name, without spaces, dots, slashes, * and >"],
    [{ host: "a", consumer: "mail" }, "consumer goes with stream"],
    [{ host: "a", stream: "orders", maxPending: 1 }, "maxPending goes with consumer"],
    [{ host: "a", inboxPrefix: "_INBOX.*" }, "must be the beginning of a subject"],
    [{ host: "a", tlsFirst: true }, "tlsFirst needs TLS"],
    [{ url: "nats://a", ca: certificates.ca }, "certificates need TLS"],
  ])("refuses %o", (options, message) => {
    expect(() => new Nats(options)).toThrow(message);
  });

  it("asks at port 4222 unless it is given another", () => {
    expect(new Nats({ url: "tls://a" }).target).toMatchObject({ address: "a", port: 4222 });
  });
});

/** What a fake server says. */
interface Fake {
  /** Instead of a greeting. */
  readonly start?: string;
  readonly greeting?: object;
  /** To some of its lines, instead of what a healthy one would. */
  readonly answers?: Readonly<Record<string, string>>;
  /** To each question of JetStream. */
  readonly answer?: string;
  /** Before each answer. */
  readonly between?: string;
}

function greetingOf(parts: object): string {
  return `INFO ${JSON.stringify({ server_id: "N", version: "2.9.10", proto: 1, headers: true, ...parts })} \r\n`;
}

/** Speaks as a server without a login. */
function talk(
  socket: Socket,
  {
    greeting = {},
    start = greetingOf(greeting),
    answers = {},
    answer = '{"state":{"messages":1}}',
    between = "",
  }: Fake,
  hear: (line: string) => void = () => {},
  write: (socket: Socket, text: string) => void = (to, text) => void to.write(text),
): void {
  write(socket, start);
  socket.on("data", (data) => {
    for (const line of String(data).split("\r\n").slice(0, -1)) {
      hear(line);
      const [operation = "", , inbox] = line.split(" ");
      if (operation === "PING") write(socket, `${between}${answers.PING ?? "PONG"}\r\n`);
      if (operation === "PUB") write(socket, `${between}MSG ${inbox} 1 ${answer.length}\r\n${answer}\r\n`);
    }
  });
}

async function startFake(fake: Fake, write?: (socket: Socket, text: string) => void) {
  const received: string[] = [];
  const server = await startTcpServer((socket) => talk(socket, fake, (line) => received.push(line), write));
  return { ...server, received };
}
