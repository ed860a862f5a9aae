import type { Socket } from "node:net";
import { describe, expect, it, vi } from "vitest";
import { Mqtt } from "../../src/checks/mqtt.ts";
import type { Result } from "../../src/health/result.ts";
import { certificates } from "../support/certificates.ts";
import { describeCheck } from "../support/describe-check.ts";
import { itWithService } from "../support/it-with-service.ts";
import { leavesNothingBehind } from "../support/leaves-nothing-behind.ts";
import { type MosquittoServer, mosquittoProgram, startMosquitto } from "../support/mosquitto-server.ts";
import { runCheck, runToVerdict } from "../support/run-check.ts";
import { stablePort } from "../support/stable-port.ts";
import { recordTelemetry } from "../support/telemetry.ts";
import { startTcpServer } from "../support/throw-away-server.ts";

type Options = Partial<NonNullable<ConstructorParameters<typeof Mqtt>[0]>>;

const program = [mosquittoProgram];
const healthy = { state: "healthy" };
const of = ({ port }: { readonly port: number }, options: Options = {}): Mqtt =>
  new Mqtt({ host: "127.0.0.1", port, ...options });
const runKept = (check: Mqtt): Promise<Result> => runCheck(check, { keepOpen: true });
const failureOf = async (server: { readonly port: number }, options?: Options): Promise<Result["failure"]> =>
  (await runCheck(of(server, options))).failure;
const measured = ({ measures = [] }: Result, name: string): number =>
  measures.find((measure) => measure.name === name)?.value ?? Number.NaN;

/** Waits until the broker has seen all its clients leave. */
async function expectNobody({ log }: MosquittoServer): Promise<void> {
  const count = (pattern: RegExp): number => log().match(pattern)?.length ?? 0;
  await vi.waitFor(() => {
    expect(count(/Client \S+ (?:disconnected|closed its connection|already connected)/g)).toBe(
      count(/New client connected/g),
    );
  });
}

const admitted = Buffer.from([0x20, 2, 0, 0]);
const subscribed = Buffer.from([0x90, 3, 0, 1, 0]);
const pong = Buffer.from([0xd0, 0]);

/** Runs the check against a broker that answers each packet with these bytes, in turn. */
async function answered(options: Options, ...answers: readonly Buffer[]): Promise<Result> {
  await using server = await startTcpServer((socket: Socket) => {
    const rest = [...answers];
    socket.on("data", () => {
      const answer = rest.shift();
      if (answer !== undefined) socket.write(answer);
    });
  });
  return await runCheck(of(server, { timeout: "1s", ...options }));
}

const listening: Options = { topic: "a/#", maxSilence: "10m" };

describe("Mqtt", () => {
  describeCheck(Mqtt, {
    options: { url: "mqtt://127.0.0.1:9", timeout: "1s" },
    network: (port) => ({ host: "127.0.0.1", port, topic: "a", maxSilence: "1m" }),
    secrets: (secret, port) => ({ url: `mqtt://user:${secret}@127.0.0.1:${port}` }),
  });

  itWithService(program, "is healthy when the broker answers, over one connection run after run", async () => {
    await using server = await startMosquitto();
    await leavesNothingBehind(async () => {
      const check = of(server);
      for (let run = 0; run < 20; run += 1) expect(await runKept(check)).toMatchObject(healthy);
      check.close();
      await expectNobody(server);
    });
    expect(server.log().match(/New client connected .* as healthspan[0-9a-f]{12} /g)).toHaveLength(1);
    expect(server.log()).toMatch(/Client healthspan[0-9a-f]{12} disconnected\./); // It has said goodbye.
  });

  itWithService(program, "says that the login is refused, or missing", async () => {
    await using server = await startMosquitto({ users: { probe: "right word" } });
    const refused = { reason: "authentication", message: "user name or password refused" };
    expect(await failureOf(server, { username: "probe", password: "right word" })).toBeUndefined();
    expect(await failureOf(server, { username: "probe", password: "wrong" })).toMatchObject(refused);
    expect(await failureOf(server, { username: "nobody", password: "right word" })).toMatchObject(refused);
    expect(await failureOf(server)).toMatchObject({
      reason: "authentication",
      message: "the server asks for a password",
    });
    const url = `mqtt://probe:right%20word@127.0.0.1:${server.port}`;
    expect(await runCheck(new Mqtt({ url }))).toMatchObject(healthy);
  });

  itWithService(program, "hears messages between its runs, which do not come from the broker's memory", async () => {
    await using server = await startMosquitto();
    await server.publish("sensors/1/temperature", "old", "-r");
    const check = of(server, { topic: "sensors/+/temperature", maxSilence: "10m" });
    expect(measured(await runKept(check), "messages")).toBe(0);
    const before = await runKept(check);
    expect(before).toMatchObject(healthy);
    expect(measured(before, "messages")).toBe(0);
    await server.publish("sensors/1/temperature", "x".repeat(3_000_000));
    await server.publish("sensors/2/temperature", "1");
    await server.publish("sensors/2/pressure", "1");
    await vi.waitFor(async () => {
      const silence = measured(await runKept(check), "silence");
      expect(silence).toBeLessThan(measured(before, "silence") + 0.001);
    });
    check.close();
    await expectNobody(server);
  });

  itWithService(program, "counts messages, and warns of a topic that has fallen silent", async () => {
    await using server = await startMosquitto();
    const check = of(server, { topic: "sensors/#", maxSilence: "1s" });
    expect(await runKept(check)).toMatchObject(healthy);
    let messages = 0;
    await server.publish("sensors/1", "1");
    await server.publish("sensors/2", "1");
    await vi.waitFor(async () => {
      messages += measured(await runKept(check), "messages");
      expect(messages).toBe(2);
    });
    await vi.waitFor(async () => {
      expect(await runKept(check)).toMatchObject({
        state: "degraded",
        failure: { reason: "threshold", message: "no message on sensors/# for 1s, expected one at least every 1s" },
      });
    }, 3000);
    await server.publish("sensors/1", "1");
    await vi.waitFor(async () => expect(await runKept(check)).toMatchObject(healthy));
    expect(server.log().match(/New client connected .* as healthspan/g)).toHaveLength(1);
    check.close();
  });

  itWithService(program, "goes on listening when its connection is replaced, and not when it was lost", async () => {
    const port = await stablePort();
    const options: Options = { topic: "a", maxSilence: "500ms", maxConnectionAge: "0s" };
    const check = new Mqtt({ host: "127.0.0.1", port, ...options });
    {
      await using server = await startMosquitto({ port });
      expect(await runKept(check)).toMatchObject(healthy);
      await vi.waitFor(async () => expect((await runKept(check)).state).toBe("degraded"));
      await server.publish("a", "1");
      expect(await runKept(check)).toMatchObject(healthy); // Even if the message has come only just now.
    }
    const stoppedAt = performance.now();
    const { failure, measures } = await runKept(check);
    expect(failure).toMatchObject({ reason: "connection_refused" });
    expect(measures).toEqual([]);
    await vi.waitFor(() => expect(performance.now() - stoppedAt).toBeGreaterThan(500));
    await using _again = await startMosquitto({ port });
    expect(await runKept(check)).toMatchObject({
      state: "unknown",
      failure: { message: expect.stringMatching(/^no message on a for \S+, but the connection was lost meanwhile$/) },
    });
    await vi.waitFor(async () => expect((await runKept(check)).state).toBe("degraded"));
    check.close();
  });

  itWithService(program, "listens as a user who may read the topic and nothing else", async () => {
    const users = { probe: "word", other: "word" };
    const acl = ["user probe", "topic read sensors/#", "user other", "topic write sensors/#"];
    await using server = await startMosquitto({ users, acl });
    const check = of(server, { username: "probe", password: "word", topic: "sensors/+", maxSilence: "10m" });
    const deaf = of(server, { username: "other", password: "word", topic: "sensors/+", maxSilence: "10m" });
    for (const each of [check, deaf]) expect(await runKept(each)).toMatchObject(healthy);
    await server.publish("sensors/1", "1", "-u", "other", "-P", "word");
    await vi.waitFor(async () => expect(measured(await runKept(check), "messages")).toBe(1));
    expect(measured(await runKept(deaf), "messages")).toBe(0); // Mosquitto's ACL file does not say so.
    check.close();
    deaf.close();
  });

  itWithService(
    program,
    "is let in and out again and again while the broker stops and starts",
    async () => {
      const port = await stablePort();
      await leavesNothingBehind(async () => {
        const check = new Mqtt({ host: "127.0.0.1", port, ...listening, timeout: "2s" });
        for (let time = 0; time < 10; time += 1) {
          await using _server = await startMosquitto({ port });
          expect(await runKept(check)).toMatchObject(healthy);
        }
        expect((await runKept(check)).failure).toMatchObject({ reason: "connection_refused" });
        check.close();
      });
    },
    30_000,
  );

  itWithService(program, "connects anew when the broker has ended the connection in between", async () => {
    await using server = await startMosquitto();
    const check = of(server, { clientId: "same" });
    const other = of(server, { clientId: "same" });
    for (const each of [check, other, check]) expect(await runKept(each)).toMatchObject(healthy);
    await vi.waitFor(() => expect(server.log().match(/Client same already connected/g)).toHaveLength(2));
    check.close();
    other.close();
  });

  itWithService(program, "says that the broker may be full", async () => {
    await using server = await startMosquitto({ lines: ["max_connections 1"] });
    const first = of(server);
    await vi.waitFor(async () => expect(await runKept(first)).toMatchObject(healthy));
    expect(await failureOf(server)).toMatchObject({
      reason: "connection_reset",
      message: "the broker closed the connection without an answer: it may be full, or not take this client",
    });
    first.close();
    await vi.waitFor(async () => expect(await failureOf(server)).toBeUndefined());
  });

  itWithService(program, "gives up a broker that has stopped to answer, at its time-out", async () => {
    await using server = await startMosquitto();
    const check = of(server, { timeout: "300ms" });
    expect(await runKept(check)).toMatchObject(healthy);
    server.process.kill("SIGSTOP");
    expect((await runKept(check)).failure).toMatchObject({ reason: "timeout" });
    server.process.kill("SIGCONT");
    await vi.waitFor(async () => expect(await runKept(check)).toMatchObject(healthy));
    check.close();
    await expectNobody(server);
  });

  itWithService(program, "speaks TLS, and shows its own certificate", async () => {
    const { ca, client } = certificates;
    const lines = ["require_certificate true", "use_identity_as_username true"];
    await using server = await startMosquitto({ certificate: "server", lines });
    const identity = { clientCertificate: client.cert, clientKey: client.key };
    expect(await failureOf(server, { tls: true, ca, ...identity })).toBeUndefined();
    const url = `mqtts://localhost:${server.port}`;
    expect(await runCheck(new Mqtt({ url, ca, ...identity }))).toMatchObject(healthy);
    expect(server.log()).toMatch(/ u'healthspan'/); // The name in its certificate.
    expect(await failureOf(server, { tls: true, ...identity })).toMatchObject({ reason: "certificate" });
    expect(await failureOf(server, { tls: true, ca })).toMatchObject({ reason: "tls" });
  });

  itWithService(program, "does not take a certificate that has expired, or is for another host", async () => {
    for (const [certificate, message] of [
      ["expired", "certificate has expired: renew it"],
      ["other-host", "certificate is for another host name: it must have the name that is asked for"],
    ] as const) {
      await using server = await startMosquitto({ certificate });
      const tls = { tls: true, ca: certificates.ca };
      expect(await failureOf(server, tls)).toMatchObject({ reason: "certificate", message });
      expect(await failureOf(server, { tls: true, verifyCertificate: false })).toBeUndefined();
    }
  });

  itWithService(program, "records that it connects, and what it talks to", async () => {
    await using server = await startMosquitto();
    const { spans } = await recordTelemetry(async () => void (await runCheck(of(server, listening))));
    expect(spans.map(({ name }) => name)).toEqual(["connect", "check Mqtt"]);
    expect(spans[1]?.attributes).toMatchObject({
      "messaging.system": "mqtt",
      "messaging.destination.name": "a/#",
      "server.address": "127.0.0.1",
      "server.port": server.port,
      "network.peer.address": "127.0.0.1",
      "network.protocol.name": "mqtt",
      "network.protocol.version": "3.1.1",
    });
  });

  // Codes of section 3.2.2.3 of MQTT 3.1.1, of which Mosquitto 2.0 sends 0 and 5.
  it.each([
    [[0x20, 2, 0, 1], "unexpected_result", "the broker does not speak version 3.1.1 of MQTT"],
    [[0x20, 2, 0, 2], "authentication", "the broker refuses the client identifier: give a clientId that it allows"],
    [[0x20, 2, 0, 3], "unavailable", "the broker says that it is unavailable"],
    [[0x20, 2, 0, 4], "authentication", "the server asks for a password"],
    // As MQTT 5 has it (section 3.1.2.2): unsupported protocol version, no properties.
    [[0x20, 3, 0, 0x84, 0], "unexpected_result", "the broker does not speak version 3.1.1 of MQTT"],
    [[0x20, 2, 0, 6], "unexpected_result", "the server does not speak the protocol of MQTT"],
    [[0x20, 3, 0, 0, 0], "unexpected_result", "the server does not speak the protocol of MQTT"],
    [[0x20, 2, 2, 0], "unexpected_result", "the server does not speak the protocol of MQTT"],
    [[0x20, 0], "unexpected_result", "the server does not speak the protocol of MQTT"],
    [[0x21, 2, 0, 0], "unexpected_result", "the server does not speak the protocol of MQTT"],
    [[0xd0, 0], "unexpected_result", "the server does not speak the protocol of MQTT"],
    [[0x20, 0xff, 0xff, 0xff, 0xff], "unexpected_result", "the server does not speak the protocol of MQTT"],
    [[0x20, 0xff, 0xff, 0xff, 0x7f], "unexpected_result", "the server does not speak the protocol of MQTT"],
  ])("knows the answer %j to its request to connect", async (bytes, reason, message) => {
    expect((await answered({}, Buffer.from(bytes))).failure).toMatchObject({ reason, message });
  });

  it.each([
    [[0x90, 3, 0, 1, 0x80], "authentication", "the user lacks the permission for the subscription"],
    [[0x90, 3, 0, 1, 2], "unexpected_result", "the server does not speak the protocol of MQTT"],
    [[0x90, 3, 0, 2, 0], "unexpected_result", "the server does not speak the protocol of MQTT"],
    [[0x90, 2, 0, 1], "unexpected_result", "the server does not speak the protocol of MQTT"],
    // Messages that were to come at most once, and have a number; without the name of a topic; with one that is too long.
    [[0x32, 5, 0, 1, 0x61, 0, 1], "unexpected_result", "the server does not speak the protocol of MQTT"],
    [[0x30, 2, 0, 0], "unexpected_result", "the server does not speak the protocol of MQTT"],
    [[0x30, 3, 0, 0, 0x61], "unexpected_result", "the server does not speak the protocol of MQTT"],
    [[0x30, 3, 0, 2, 0x61], "unexpected_result", "the server does not speak the protocol of MQTT"],
  ])("knows the answer %j to its subscription", async (bytes, reason, message) => {
    expect((await answered(listening, admitted, Buffer.from(bytes))).failure).toMatchObject({ reason, message });
  });

  it("takes answers that share a packet, with messages in between", async () => {
    const message = Buffer.from([0x30, 3, 0, 1, 0x61]);
    const retained = Buffer.from([0x31, 3, 0, 1, 0x61]);
    const result = await answered(listening, admitted, Buffer.concat([message, subscribed, message, retained]), pong);
    expect(result).toMatchObject(healthy);
    expect(measured(result, "messages")).toBe(2);
  });

  it("takes no message that it has not asked for, and no answer to a ping that it has not sent", async () => {
    const foreign = { message: "the server does not speak the protocol of MQTT" };
    const unwanted = Buffer.concat([admitted, Buffer.from([0x30, 3, 0, 1, 0x61])]);
    expect((await answered({}, unwanted)).failure).toMatchObject(foreign);
    expect((await answered({}, Buffer.concat([admitted, pong]))).failure).toMatchObject(foreign);
    expect((await answered({}, admitted, Buffer.concat([pong, pong]))).state).toMatch(/healthy/);
  });

  it("is not held up by a broker that never stops talking", async () => {
    const flood = Buffer.concat(Array.from({ length: 16_384 }, () => Buffer.from([0x30, 3, 0, 1, 0x61])));
    await using server = await startTcpServer((socket) => {
      const more = (): void => void (socket.writable && socket.write(flood, more));
      socket.once("data", () => {
        socket.write(admitted);
        socket.once("data", () => socket.write(subscribed, more));
      });
    });
    const result = await runToVerdict(() => of(server, { ...listening, timeout: "500ms" }));
    expect(result).toMatchObject({ state: "unhealthy", failure: { reason: "timeout" } });
    await vi.waitFor(() => expect(server.sockets.size).toBe(0));
  });

  it.each<[object, string]>([
    [{}, "give either url or host"],
    [{ url: "ws://broker/mqtt" }, "must be an address that starts with mqtt:// or mqtts://"],
    [{ url: "mqtt://broker/sensors" }, "nothing may follow the host and port in url"],
    [{ url: "mqtt://broker?clientId=a" }, "instead of clientId in url, give clientId as an option"],
    [{ host: "a", password: "b" }, "password goes with username"],
    [{ host: "a", topic: "b" }, "topic and maxSilence must be given together"],
    [{ host: "a", maxSilence: "1m" }, "topic and maxSilence must be given together"],
    [{ host: "a", topic: "b/#/c", maxSilence: "1m" }, "must have + only as a whole level, and # only as the last one"],
    [{ host: "a", topic: "b+", maxSilence: "1m" }, "must have + only as a whole level, and # only as the last one"],
    [{ host: "a", topic: "$share/g/a", maxSilence: "1m" }, "must not be a shared subscription"],
    [{ host: "a", username: "b".repeat(65_536) }, "username and password have at most 65535 bytes in MQTT"],
    [{ host: "a", ca: certificates.ca }, "certificates need TLS: give tls: true, or a url that begins with mqtts://"],
  ])("refuses %o", (options, message) => {
    expect(() => new Mqtt(options)).toThrow(message);
  });

  it.each(["#", "+", "+/a", "a/+/b/#", "/", "$SYS/broker/uptime"])("takes the topic %s", (topic) => {
    expect(new Mqtt({ host: "a", topic, maxSilence: "1m" }).labels).toMatchObject({ topic });
  });

  it("connects to the port that is usual for its protocol", () => {
    expect(new Mqtt({ url: "mqtt://a" }).target).toMatchObject({ address: "a", port: 1883 });
    expect(new Mqtt({ url: "mqtts://a" }).target).toMatchObject({ port: 8883 });
    expect(new Mqtt({ host: "a", tls: true }).target).toMatchObject({ port: 8883, system: "mqtt" });
  });
});
