import { execFile } from "node:child_process";
import type { Socket } from "node:net";
import { promisify } from "node:util";
import { describe, expect, it, vi } from "vitest";
import { Rabbitmq } from "../../src/checks/rabbitmq.ts";
import {
  longTextField,
  methodFrame,
  methods,
  numberField,
  shortTextField,
} from "../../src/clients/rabbitmq/amqp-frames.ts";
import { certificates } from "../support/certificates.ts";
import { describeCheck } from "../support/describe-check.ts";
import { startHttpTarget } from "../support/http-target.ts";
import { runCheck } from "../support/run-check.ts";
import { recordTelemetry } from "../support/telemetry.ts";
import { startTcpServer } from "../support/throw-away-server.ts";

type Options = Partial<NonNullable<ConstructorParameters<typeof Rabbitmq>[0]>>;

/** Runs the check as it is kept between runs. */
const runKept = (check: Rabbitmq) => runCheck(check, { keepOpen: true });

describe("Rabbitmq", () => {
  describeCheck(Rabbitmq, {
    options: { url: "amqp://127.0.0.1:9/shop", queue: "mail", timeout: "1s" },
    network: (port) => ({ host: "127.0.0.1", port, username: "probe", password: "right", queue: "mail" }),
    secrets: (secret, port) => ({ host: "127.0.0.1", port, username: "user", password: secret }),
  });

  describe("asking the management plugin", () => {
    describeCheck(Rabbitmq, {
      options: { url: "http://127.0.0.1:9", timeout: "1s" },
      network: (port) => ({ url: `http://127.0.0.1:${port}`, username: "user", password: "word" }),
      secrets: (secret, port) => ({ url: `http://user:${secret}@127.0.0.1:${port}` }),
    });
  });

  describe("over TLS", () => {
    describeCheck(Rabbitmq, {
      options: { url: "amqps://127.0.0.1:9", timeout: "1s" },
      network: (port) => ({ host: "127.0.0.1", port, tls: true }),
    });
  });

  it("knows what other servers and versions refuse, and repeats nothing of it", async () => {
    // As RabbitMQ's sources have it.
    for (const [code, text, reason, message] of [
      [
        320,
        "CONNECTION_FORCED - alice",
        "unavailable",
        "the server is shutting down, or somebody closed the connection there",
      ],
      [
        403,
        "ACCESS_REFUSED - read access to queue 'mail' refused",
        "authentication",
        "the user lacks the permission for the queue",
      ],
      [
        404,
        "NOT_FOUND - home node 'rabbit@a' of durable queue 'mail' is down or inaccessible",
        "unavailable",
        "the queue is down: no node serves it",
      ],
      [
        541,
        "INTERNAL_ERROR - access to vhost 'shop' refused: vhost 'shop' is down",
        "unavailable",
        "the virtual host is down",
      ],
      [599, "of alice", "unavailable", "the server refused with code 599"],
    ] as const) {
      const close = Buffer.concat([numberField(2, code), shortTextField(text), numberField(4, 0)]);
      await using fake = await startFake({ [methods.queueDeclare]: methodFrame(1, methods.channelClose, close) });
      expect(await fakeResult(fake), text).toMatchObject({ state: "unhealthy", reason, message });
      await using other = await startFake({ [methods.channelOpen]: methodFrame(0, methods.connectionClose, close) });
      expect(await fakeResult(other), text).toMatchObject({ state: "unhealthy", reason, message });
    }
  });

  it("says that the server takes no password, and gives it none", async () => {
    await using fake = await startFake({ start: startFrame("EXTERNAL") });
    expect(await fakeResult(fake)).toMatchObject({
      reason: "authentication",
      message: "the server takes no password: its mechanism PLAIN is off",
    });
    expect(Buffer.concat(fake.received).includes("right")).toBe(false);
  });

  const foreign = "the server does not speak the protocol of RabbitMQ";
  it.each<[string, Buffer, string]>([
    ["another version of the protocol", Buffer.from("AMQP\0\0\x09\0", "latin1"), foreign],
    ["a frame without its end", Buffer.concat([startFrame("PLAIN").subarray(0, -1), Buffer.from("x")]), foreign],
    ["a frame that is too long", Buffer.from([1, 0, 0, 0x7f, 0xff, 0xff, 0xff]), "the answer is longer than 64 KiB"],
    ["a method that is too short", methodFrame(0, methods.connectionStart, Buffer.from([0])), foreign],
    ["a method without a number", Buffer.from([1, 0, 0, 0, 0, 0, 0, 0xce]), foreign],
    ["a method that nobody asked for", methodFrame(0, methods.queueDeclareOk), foreign],
    ["a refusal without its text", methodFrame(0, methods.connectionClose, numberField(2, 403)), foreign],
    [
      "heartbeats without end",
      Buffer.concat(Array(9000).fill(Buffer.from([8, 0, 0, 0, 0, 0, 0, 0xce]))),
      "the answer is longer than 64 KiB",
    ],
  ])("is unhealthy when the server sends %s", async (_, start, message) => {
    await using fake = await startFake({ start });
    expect(await fakeResult(fake)).toMatchObject({ state: "unhealthy", reason: "unexpected_result", message });
  });

  it("reads what comes a byte at a time, with heartbeats between", async () => {
    const heartbeat = Buffer.from([8, 0, 0, 0, 0, 0, 0, 0xce]);
    await using fake = await startFake({ start: Buffer.concat([heartbeat, startFrame("PLAIN")]) }, (socket, bytes) => {
      for (const byte of bytes) socket.write(Buffer.from([byte]));
    });
    expect(await fakeResult(fake)).toMatchObject({ state: "healthy" });
  });

  it("agrees at once when the server ends the connection between runs", async () => {
    await using fake = await startFake({});
    const check = new Rabbitmq({ host: "127.0.0.1", port: fake.port });
    expect(await runKept(check)).toMatchObject({ state: "healthy" });
    const fields = [numberField(2, 320), shortTextField("CONNECTION_FORCED"), numberField(4, 0)];
    for (const socket of fake.sockets) socket.write(methodFrame(0, methods.connectionClose, ...fields));
    await vi.waitFor(() => expect(fake.received.at(-1)).toEqual(methodFrame(0, methods.connectionCloseOk)));
    await vi.waitFor(() => expect(fake.sockets.size).toBe(0));
    expect(await runKept(check)).toMatchObject({ state: "healthy" });
    check.close();
    await vi.waitFor(() => expect(fake.sockets.size).toBe(0));
    expect(fake.received.at(-1)?.readUInt32BE(7)).toBe(methods.connectionClose);
  });

  it("ends the connection when the server says something between runs that nobody asked for", async () => {
    await using fake = await startFake({});
    const check = new Rabbitmq({ host: "127.0.0.1", port: fake.port });
    expect(await runKept(check)).toMatchObject({ state: "healthy" });
    for (const socket of fake.sockets) socket.write(methodFrame(1, methods.channelOpenOk, longTextField("")));
    await vi.waitFor(() => expect(fake.sockets.size).toBe(0));
    expect(await runKept(check)).toMatchObject({ state: "healthy" });
    expect(fake.accepted()).toBe(2);
    check.close();
  });

  it("does not keep the process alive between its runs", async () => {
    await using fake = await startFake({});
    const source = `
      import { Rabbitmq } from "./src/checks/rabbitmq.ts";
      const stayAlive = setInterval(() => {}, 1000);
      await new Rabbitmq({ host: "127.0.0.1", port: ${fake.port} }).run(new AbortController().signal);
      clearInterval(stayAlive);
    `;
    await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", source], { timeout: 20_000 });
    expect(fake.accepted()).toBe(1);
  });

  it("records that it connects, and what it looks at", async () => {
    await using fake = await startFake({});
    const { spans } = await recordTelemetry(async () => void (await fakeResult(fake)));
    expect(spans.map(({ name }) => name)).toEqual(["connect", "check Rabbitmq"]);
    expect(spans[1]?.attributes).toMatchObject({
      "messaging.system": "rabbitmq",
      "messaging.destination.name": "mail",
      "server.address": "127.0.0.1",
      "server.port": fake.port,
      "network.peer.address": "127.0.0.1",
      "network.peer.port": fake.port,
    });
  });

  it("warns when it takes too long", async () => {
    await using fake = await startFake({});
    expect(await fakeResult(fake, { maxResponseTime: "0s" })).toMatchObject({ state: "degraded", reason: "threshold" });
  });

  // As RabbitMQ 3.10 answers, but for what it says to have come from elsewhere.
  it.each([
    [
      503,
      {
        status: "failed",
        alarms: [
          { node: "rabbit@a", resource: "disk" },
          { node: "rabbit@b", resource: "disk" },
        ],
      },
      "unavailable",
      "no client may publish, disk space is short: free some",
    ],
    [
      503,
      { status: "failed", alarms: [{ resource: "alice" }] },
      "unavailable",
      "no client may publish, an alarm is in effect",
    ],
    [404, { error: "Object Not Found" }, "unexpected_result", "the server is older than RabbitMQ 3.8.10"],
    [503, "<html>", "unavailable", "the server answered with status 503"],
    [
      200,
      "<html>Welcome",
      "unexpected_result",
      "the server does not speak the protocol of RabbitMQ's management plugin",
    ],
    [404, "<html>", "unexpected_result", "the server does not speak the protocol of RabbitMQ's management plugin"],
    [401, "", "authentication", "user name or password refused"],
  ])("repeats nothing of the answer %d %j", async (status, body, reason, message) => {
    await using target = await startHttpTarget((_, response) => {
      response.writeHead(status).end(typeof body === "string" ? body : JSON.stringify(body));
    });
    const check = new Rabbitmq({ url: `${target.origin}/rabbit/`, username: "user", password: "right" });
    const { state, failure } = await runCheck(check);
    expect({ state, ...failure }).toMatchObject({ state: "unhealthy", reason, message });
    expect(target.requests.map(({ url }) => url)).toEqual(["/rabbit/api/health/checks/alarms"]);
  });

  it.each<[object, string]>([
    [{}, "give either url or host"],
    [{ host: "a", username: "b" }, "give a user name and a password together"],
    [{ url: "amqp://b@a" }, "give a user name and a password together"],
    [{ url: "amqp://a/shop", virtualHost: "shop" }, "give the virtualHost either in url or as virtualHost"],
    [{ url: `amqp://a/${"x".repeat(256)}` }, "the virtual host in url is too long"],
    [{ host: "a", queue: "x".repeat(256) }, "must have 1 to 255 bytes"],
    [{ host: "a", minConsumers: 1 }, "maxMessages and minConsumers go with queue"],
    [{ url: "http://a:15672", queue: "mail" }, "the management plugin is asked for alarms alone"],
    [{ url: "http://a:15672/?x" }, "unknown parameter"],
    [{ url: "amqp://a?heartbeat=5" }, "instead of heartbeat in url, give timeout as an option"],
    [{ url: "amqp://a", ca: certificates.ca }, "certificates need TLS"],
  ])("refuses %o", (options, message) => {
    expect(() => new Rabbitmq(options)).toThrow(message);
  });

  it("asks at the ports that servers have", () => {
    for (const [url, port] of [
      ["amqp://a", 5672],
      ["amqps://a", 5671],
      ["https://a", 443],
      ["http://a:15672", 15_672],
    ] as const) {
      expect(new Rabbitmq({ url }).target).toMatchObject({ address: "a", port });
    }
  });
});

/** What a fake server answers, by the number of the method. */
interface Answers {
  readonly start?: Buffer;
  readonly [method: number]: Buffer;
}

function startFrame(mechanisms: string): Buffer {
  return methodFrame(0, methods.connectionStart, numberField(2, 9), numberField(4, 0), longTextField(mechanisms));
}

/** Starts a server that lets everybody in, but for what it answers otherwise. */
async function startFake(
  { start = startFrame("PLAIN"), ...others }: Answers,
  write: (socket: Socket, bytes: Buffer) => void = (socket, bytes) => void socket.write(bytes),
) {
  const received: Buffer[] = [];
  const answers: Answers = {
    [methods.connectionStartOk]: methodFrame(
      0,
      methods.connectionTune,
      numberField(2, 9),
      numberField(4, 9999),
      numberField(2, 60),
    ),
    [methods.connectionOpen]: methodFrame(0, methods.connectionOpenOk, shortTextField("")),
    [methods.channelOpen]: methodFrame(1, methods.channelOpenOk, longTextField("")),
    [methods.queueDeclare]: methodFrame(
      1,
      methods.queueDeclareOk,
      shortTextField("mail"),
      numberField(4, 1),
      numberField(4, 1),
    ),
    [methods.channelClose]: methodFrame(1, methods.channelCloseOk),
    ...others,
  };
  const server = await startTcpServer((socket) => {
    socket.on("data", (data) => {
      received.push(data);
      if (data.subarray(0, 4).toString() === "AMQP") write(socket, start);
      for (let rest = data; rest[0] === 1; rest = rest.subarray(8 + rest.readUInt32BE(3))) {
        const answer = answers[rest.readUInt32BE(7)];
        if (answer !== undefined) write(socket, answer);
      }
    });
  });
  return { ...server, received };
}

async function fakeResult({ port }: { readonly port: number }, options: Options = {}) {
  const { state, failure } = await runCheck(
    new Rabbitmq({
      host: "127.0.0.1",
      port,
      username: "alice",
      password: "right",
      queue: "mail",
      timeout: "2s",
      ...options,
    }),
  );
  return { state, reason: failure?.reason, message: failure?.message };
}
