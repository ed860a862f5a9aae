import { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import { createSecureContext } from "node:tls";
import { SpanKind } from "@opentelemetry/api";
import { describe, expect, it, vi } from "vitest";
import { Tcp } from "../../src/checks/tcp.ts";
import { certificates } from "../support/certificates.ts";
import { describeCheck } from "../support/describe-check.ts";
import { leavesNothingBehind } from "../support/leaves-nothing-behind.ts";
import { runCheck } from "../support/run-check.ts";
import { recordTelemetry } from "../support/telemetry.ts";
import { startTcpServer } from "../support/throw-away-server.ts";
import { startTlsServer } from "../support/throw-away-tls-server.ts";

type Options = Partial<ConstructorParameters<typeof Tcp>[0]>;

const { ca, client, expired, otherHost, server: localhost } = certificates;

/** Runs the check against a server that does with each connection what is said. */
async function probe(options: Options, onConnection: (socket: Socket) => void = () => {}) {
  await using server = await startTcpServer(onConnection);
  return await runCheck(new Tcp({ host: "127.0.0.1", port: server.port, ...options }));
}

vi.mock(import("node:tls"), async (original) => {
  const actual = await original();
  return { ...actual, createSecureContext: vi.fn(actual.createSecureContext) };
});

describe("Tcp", () => {
  it("reads its certificates once for all its runs, which takes a while", async () => {
    await using server = await startTlsServer(localhost);
    vi.mocked(createSecureContext).mockClear();
    const check = new Tcp({ host: "localhost", port: server.port, tls: true, ca });
    for (let run = 0; run < 3; run += 1) expect(await runCheck(check)).toMatchObject({ state: "healthy" });
    expect(vi.mocked(createSecureContext).mock.calls.filter(([options]) => options?.ca === ca)).toHaveLength(1);
  });

  describeCheck(Tcp, {
    options: { host: "127.0.0.1", port: 9, timeout: "1s" },
    network: (port) => ({ host: "127.0.0.1", port, answerContains: "220 ", timeout: "500ms" }),
    secrets: (secret, port) => ({ host: "127.0.0.1", port, send: `AUTH ${secret}\r\n`, answerContains: "OK" }),
  });

  it("is healthy when the port is open", async () => {
    expect(await probe({})).toMatchObject({ state: "healthy" });
    expect(await probe({ host: "localhost", family: 4 })).toMatchObject({ state: "healthy" });
  });

  it("lets go of the connection in order", async () => {
    const endings: string[] = [];
    await using server = await startTcpServer((socket) => {
      socket.on("error", () => endings.push("error"));
      socket.on("end", () => endings.push("end"));
      socket.resume();
    });
    await leavesNothingBehind(async () => {
      const result = await runCheck(new Tcp({ host: "127.0.0.1", port: server.port, send: "QUIT\r\n" }));
      expect(result.state).toBe("healthy");
      await vi.waitFor(() => expect(endings).toEqual(["end"]));
    });
  });

  it("is unhealthy for a name that does not exist", async () => {
    const { state, failure } = await runCheck(new Tcp({ host: "no-such-host.invalid", port: 1 }));
    expect({ state, reason: failure?.reason }).toEqual({ state: "unhealthy", reason: "dns" });
  });

  it("sends and finds what it expects, in as many pieces as it comes", async () => {
    const answer = (socket: Socket): void => {
      socket.once("data", (request) => {
        socket.write(`got ${request}, PO`);
        setImmediate(() => socket.write("NG\r\n"));
      });
    };
    const options = { send: "PING", answerContains: "got PING, PONG" };
    expect(await probe(options, answer)).toMatchObject({ state: "healthy" });
    expect(await probe({ send: "PING", answerMatches: "P[O]NG\\s+$" }, answer)).toMatchObject({ state: "healthy" });
  });

  it.each([
    ["a text is missing", { answerContains: "220 " }, 'the answer (9 characters) does not contain "220 "'],
    ["a pattern does not match", { answerMatches: "^220 " }, "the answer (9 characters) does not match /^220 /u"],
  ])("is unhealthy when %s, and repeats nothing of the answer", async (_, options, message) => {
    const { state, failure } = await probe(
      { timeout: "300ms", ...options },
      (socket) => void socket.write("554 sorry"),
    );
    expect(state).toBe("unhealthy");
    expect(failure).toMatchObject({ kind: "Unexpected Result", reason: "assertion", message });
  });

  it("tells at once that the server hung up without the answer", async () => {
    const { failure, durationSeconds } = await probe({ answerContains: "220 " }, (socket) => void socket.end("no"));
    expect(durationSeconds).toBeLessThan(1);
    expect(failure).toMatchObject({
      reason: "assertion",
      message: 'the connection was closed, and the answer (2 characters) does not contain "220 "',
    });
  });

  it("stops reading from a server that does not stop talking", async () => {
    const chatter = (socket: Socket): void => {
      const talk = (): void => {
        while (socket.writable && socket.write("x".repeat(10_000)));
      };
      socket.on("drain", talk);
      talk();
    };
    const { failure, durationSeconds } = await probe({ answerContains: "220 " }, chatter);
    expect(durationSeconds).toBeLessThan(1);
    expect(failure?.reason).toBe("assertion");
  });

  it("gives up a search that does not end", async () => {
    const { failure } = await probe({ answerMatches: "^(a+)+$" }, (socket) => void socket.end(`${"a".repeat(50)}b`));
    // The end of the connection may be known before the search begins.
    expect(failure?.message).toMatch(
      /^(?:the connection was closed, and )?the search for .* took longer than allowed$/,
    );
  });

  it("sets no timer that was due before the connection was there", async () => {
    const warn = vi.spyOn(process, "emitWarning");
    const clock = vi.spyOn(performance, "now");
    const began = performance.now();
    // The process was busy for longer than the time-out while the connection was opened.
    const busy = (socket: Socket): void => {
      clock.mockReturnValue(began + 60_000);
      setTimeout(() => socket.end("220 ready\r\n"), 20);
    };
    await probe({ answerContains: "220 " }, busy);
    clock.mockRestore();
    expect(warn.mock.calls.filter(([warning]) => String(warning).includes("negative"))).toEqual([]);
    warn.mockRestore();
  });

  it("is unhealthy when the connection breaks before everything is sent", async () => {
    const { state, failure } = await probe({ send: "x".repeat(16_000_000) }, (socket) => socket.resetAndDestroy());
    expect({ state, reason: failure?.reason }).toEqual({ state: "unhealthy", reason: "connection_reset" });
  });

  it("warns when it takes too long", async () => {
    const late = (socket: Socket): void => void setTimeout(() => socket.write("220 "), 50);
    const { state, failure } = await probe({ answerContains: "220 ", maxResponseTime: "20ms" }, late);
    expect({ state, reason: failure?.reason }).toEqual({ state: "degraded", reason: "threshold" });
    expect(failure?.message).toMatch(/^took \d+ ms, expected at most 20ms$/);
  });

  it("has its host and port as target", () => {
    expect(new Tcp({ host: "mail.test", port: 25 }).target).toEqual({ address: "mail.test", port: 25 });
  });

  it.each([
    ["port 0", { port: 0 }, /port/],
    ["a port that is too high", { port: 70_000 }, /port/],
    ["a server name that is none", { tls: "mail test" }, /tls: must be true, false or a host name/],
    ["an address as server name", { tls: "192.0.2.1" }, /tls: must be true, false or a host name/],
    ["an authority without TLS", { ca }, /ca needs tls: true/],
    ["a certificate's days without TLS", { minCertificateDays: 3 }, /minCertificateDays needs tls: true/],
    ["a client certificate without its key", { tls: true, clientCertificate: client.cert }, /must be given together/],
    ["a pattern that is none", { answerMatches: "(" }, /answerMatches: must be a regular expression/],
  ])("refuses %s", (_, options, message) => {
    expect(() => new Tcp({ host: "localhost", port: 1, ...options })).toThrow(message);
  });
});

describe("Tcp with TLS", () => {
  async function probeTls(options: Options, tls = {}, onConnection: (socket: Socket) => void = () => {}) {
    await using server = await startTlsServer({ ...localhost, ...tls }, onConnection);
    const check = new Tcp({ host: "127.0.0.1", port: server.port, tls: true, ca, timeout: "2s", ...options });
    const result = await runCheck(check);
    return { ...result, serverNames: server.serverNames };
  }

  it("is healthy when the certificate is trusted, by name and by address", async () => {
    expect(await probeTls({ host: "localhost" })).toMatchObject({ state: "healthy", serverNames: ["localhost"] });
    expect(await probeTls({})).toMatchObject({ state: "healthy", serverNames: [false] });
  });

  it("sends and receives", async () => {
    const { state } = await probeTls({ send: "PING", answerContains: "PING" }, {}, (socket) => socket.pipe(socket));
    expect(state).toBe("healthy");
  });

  it.each([
    [
      "is not trusted",
      { ca: undefined },
      localhost,
      "certificate's issuer is not trusted: trust its authority, or let the server send its whole chain",
    ],
    ["has expired", {}, expired, "certificate has expired: renew it"],
    [
      "is another host's",
      {},
      otherHost,
      "certificate is for another host name: it must have the name that is asked for",
    ],
    [
      "is not that of the given name",
      { tls: "shop.test" },
      localhost,
      "certificate is for another host name: it must have the name that is asked for",
    ],
  ] as const)(
    "is unhealthy when the certificate %s, unless it need not be verified",
    async (_, options, certificate, message) => {
      const { state, failure } = await probeTls(options as Options, certificate);
      expect(state).toBe("unhealthy");
      expect(failure).toMatchObject({ reason: "certificate", message });
      const { state: unverified } = await probeTls({ ...options, verifyCertificate: false } as Options, certificate);
      expect(unverified).toBe("healthy");
    },
  );

  it("takes another name for the certificate and for the server", async () => {
    const result = await probeTls({ tls: "other.example" }, otherHost);
    expect(result).toMatchObject({ state: "healthy", serverNames: ["other.example"] });
  });

  it("tells when the certificate ends, whatever is wrong besides", async () => {
    const expiry = new X509Certificate(localhost.cert).validToDate.getTime();
    expect((await probeTls({})).check.certificateExpiresAt).toBe(expiry);
    const answering = (socket: Socket): void => void socket.end("no");
    const { state, check } = await probeTls({ answerContains: "yes" }, {}, answering);
    expect({ state, expiry: check.certificateExpiresAt }).toEqual({ state: "unhealthy", expiry });
    await using plain = await startTlsServer(localhost);
    const result = await runCheck(new Tcp({ host: "127.0.0.1", port: plain.port }));
    expect(result.check.certificateExpiresAt).toBeUndefined();
    expect(result.measures).toEqual([]);
  });

  it("measures for how many days the certificate is still valid", async () => {
    const expiry = new X509Certificate(localhost.cert).validToDate.getTime();
    const days = expect.closeTo((expiry - Date.now()) / 86_400_000, 2);
    expect((await probeTls({})).measures).toEqual([{ name: "certificateDays", unit: "d", value: days }]);
  });

  it("warns when the certificate expires soon", async () => {
    const { state, failure } = await probeTls({ minCertificateDays: 99_999 });
    expect({ state, reason: failure?.reason }).toEqual({ state: "degraded", reason: "certificate" });
    expect(failure?.message).toMatch(/^certificate expires in \d+\.\d days$/);
  });

  it("makes itself known by a client certificate", async () => {
    const mutual = { ca, requestCert: true, rejectUnauthorized: true };
    const greet = (socket: Socket): void => void socket.write("welcome");
    const known = { clientCertificate: client.cert, clientKey: client.key, answerContains: "welcome" };
    expect(await probeTls(known, mutual, greet)).toMatchObject({ state: "healthy" });
    const { state, failure } = await probeTls({ answerContains: "welcome" }, mutual, greet);
    expect({ state, reason: failure?.reason }).toEqual({ state: "unhealthy", reason: "tls" });
  });

  it("tells that a server does not speak TLS", async () => {
    const { state, failure } = await probe({ tls: true }, (socket) => void socket.write("220 mail.test\r\n"));
    expect({ state, reason: failure?.reason }).toEqual({ state: "unhealthy", reason: "tls" });
  });

  it("is unhealthy at its time-out when the handshake is not answered, and lets go", async () => {
    await using server = await startTcpServer();
    await leavesNothingBehind(async () => {
      const check = new Tcp({ host: "127.0.0.1", port: server.port, tls: true, timeout: "200ms" });
      expect(await runCheck(check)).toMatchObject({ state: "unhealthy", failure: { reason: "timeout" } });
      await vi.waitFor(() => expect(server.sockets.size).toBe(0));
    });
  });

  it("records its phases, and which one failed", async () => {
    const { spans } = await recordTelemetry(async () => {
      await probeTls({ host: "localhost", send: "x", answerContains: "x" }, {}, (socket) => socket.pipe(socket));
    });
    expect(spans.map(({ name }) => name)).toEqual(["dns", "connect", "tls", "first byte", "transfer", "check Tcp"]);
    const run = spans.at(-1);
    expect(run).toMatchObject({ kind: SpanKind.CLIENT, attributes: { "server.address": "localhost" } });
    expect(run?.attributes["server.port"]).toBeGreaterThan(0);
    const saidTwice = Object.keys(run?.attributes ?? {}).filter((key) => /^health.*\.(host|port)$/.test(key));
    expect(saidTwice).toEqual([]);
    for (const phase of spans.slice(0, -1)) expect(phase.parentSpanId).toBe(run?.spanId);

    const failed = await recordTelemetry(async () => void (await probeTls({}, expired)));
    const tls = failed.spans.find(({ name }) => name === "tls");
    expect(tls?.status.message).toBe("certificate has expired: renew it");
  });
});
