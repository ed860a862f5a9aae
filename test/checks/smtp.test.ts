import { describe, expect, it, vi } from "vitest";
import { Smtp } from "../../src/checks/smtp.ts";
import { certificates } from "../support/certificates.ts";
import { describeCheck } from "../support/describe-check.ts";
import { itWithService } from "../support/it-with-service.ts";
import { type Answer, startLineServer } from "../support/line-server.ts";
import { runCheck } from "../support/run-check.ts";
import { smtpProgram, startSmtp } from "../support/smtp-server.ts";
import { recordTelemetry } from "../support/telemetry.ts";

type Options = Partial<ConstructorParameters<typeof Smtp>[0]>;

const program = [smtpProgram];
const { ca } = certificates;
const login = { username: "alice", password: "right" };

/** Runs the check against a server of ours that answers EHLO with these lines, in the shape of Exim 4.96's. */
async function probe(options: Options, extensions: readonly string[], answer: Answer = () => undefined) {
  await using server = await startLineServer("220 vm ESMTP", (line) => {
    if (!line.startsWith("EHLO "))
      return answer(line) ?? (line === "QUIT" ? "221 2.0.0 Bye" : "500 5.5.1 Invalid command");
    return ["vm Hello", ...extensions]
      .map((text, at, all) => `250${at + 1 < all.length ? "-" : " "}${text}`)
      .join("\r\n");
  });
  const check = new Smtp({ host: "127.0.0.1", port: server.port, timeout: "1s", ...options });
  const { state, failure } = await runCheck(check);
  return { state, failure, received: server.received };
}

/** What a server says before it hears anything. */
async function greeted(greeting: string) {
  await using server = await startLineServer(greeting, () => "250 vm");
  return (await runCheck(new Smtp({ host: "127.0.0.1", port: server.port, timeout: "1s" }))).failure;
}

describe("Smtp", () => {
  describeCheck(Smtp, {
    options: { host: "127.0.0.1", port: 9, timeout: "1s" },
    network: (port) => ({ host: "127.0.0.1", port }),
    secrets: (secret, port) => ({ host: "127.0.0.1", port, username: "user", password: secret, tls: false }),
  });

  itWithService(program, "is healthy with and without TLS and login, and leaves in order", async () => {
    await using server = await startSmtp();
    const { port, tlsPort } = server;
    const all: readonly Options[] = [
      { port, tls: false },
      { port, ca },
      { port, ca, tls: "starttls", ...login },
      { port: tlsPort, ca, tls: true, ...login },
      { port, host: "localhost", family: 4, ca, ...login },
    ];
    for (const options of all) {
      expect(await runCheck(new Smtp({ host: "127.0.0.1", ...options })), JSON.stringify(options)).toMatchObject({
        state: "healthy",
      });
    }
    await vi.waitFor(() => expect(server.log().match(/closed by QUIT/g)).toHaveLength(all.length), { timeout: 10_000 });
  });

  itWithService(
    program,
    "says that the password is refused, and that the server was stopped and started again",
    async () => {
      const server = await startSmtp();
      const check = new Smtp({ host: "127.0.0.1", port: server.port, ca, ...login });
      const wrong = new Smtp({ host: "127.0.0.1", port: server.port, ca, username: "alice", password: "wrong" });
      try {
        expect((await runCheck(check)).state).toBe("healthy");
        expect((await runCheck(wrong)).failure).toMatchObject({
          reason: "authentication",
          message: "user name or password refused",
        });
      } finally {
        await server[Symbol.asyncDispose]();
      }
      // The one that is about to end may still take the connection.
      expect((await runCheck(check)).failure?.reason).toMatch(/^connection_(?:refused|reset)$/);
      await using _again = await startSmtp(certificates.server, server);
      expect((await runCheck(check)).state).toBe("healthy");
    },
  );

  itWithService(program, "tells of certificates that are wrong, and warns of one that is soon", async () => {
    await using server = await startSmtp();
    const { port } = server;
    const run = (options: Options) => runCheck(new Smtp({ host: "127.0.0.1", port, ...options }));
    expect((await run({})).failure).toMatchObject({ reason: "certificate" });
    expect((await run({ verifyCertificate: false })).state).toBe("healthy");
    const { state, failure, measures } = await run({ ca, minCertificateDays: 1_000_000 });
    expect({ state, reason: failure?.reason }).toEqual({ state: "degraded", reason: "certificate" });
    expect(measures).toMatchObject([{ name: "certificateDays", unit: "d" }]);
  });

  itWithService(program, "tells of a certificate that has expired", async () => {
    await using server = await startSmtp(certificates.expired);
    const check = new Smtp({ host: "127.0.0.1", port: server.port, ca, tls: "starttls" });
    expect((await runCheck(check)).failure?.message).toBe("certificate has expired: renew it");
  });

  it("records the phases, with TLS in the middle, and what it talks to", async () => {
    const answer: Answer = (line) => (line.startsWith("EHLO") ? "250-vm\r\n250 STARTTLS" : "220 go ahead");
    await using server = await startLineServer("220 vm", answer, { startTls: "STARTTLS" });
    const check = new Smtp({ host: "127.0.0.1", port: server.port, ca });
    const { spans } = await recordTelemetry(async () => {
      expect((await runCheck(check)).state).toBe("healthy");
    });
    expect(spans.map(({ name }) => name)).toEqual([
      "connect",
      "first byte",
      "transfer",
      "tls",
      "transfer",
      "check Smtp",
    ]);
    expect(spans.at(-1)?.attributes).toMatchObject({ "server.address": "127.0.0.1", "server.port": server.port });
    expect(server.received).toEqual(["EHLO [127.0.0.1]", "STARTTLS", "EHLO [127.0.0.1]", "QUIT"]);
    expect(check.certificateExpiresAt).toBeGreaterThan(Date.now());
  });

  it("does not take what was offered in the open for what is offered over TLS", async () => {
    let asked = 0;
    const answer: Answer = (line) => {
      if (!line.startsWith("EHLO")) return "220 go ahead";
      asked += 1;
      return asked === 1 ? "250-vm\r\n250-AUTH PLAIN\r\n250 STARTTLS" : "250 vm";
    };
    await using server = await startLineServer("220 vm", answer, { startTls: "STARTTLS" });
    const { failure } = await runCheck(new Smtp({ host: "127.0.0.1", port: server.port, ca, ...login }));
    expect(failure).toMatchObject({ reason: "authentication", message: "the server offers no login here" });
    expect(server.received.some((line) => line.startsWith("AUTH"))).toBe(false);
  });

  it("refuses what somebody has put behind the consent to TLS", async () => {
    const { failure } = await probe({}, ["STARTTLS"], () => "220 go ahead\r\n250 injected");
    expect(failure).toMatchObject({ message: "the server does not speak the protocol of SMTP" });
  });

  it("demands TLS, or sends no password without it, unless it is told to", async () => {
    expect((await probe({ tls: "starttls" }, [])).failure).toMatchObject({
      reason: "tls",
      message: "the server does not speak TLS",
    });
    const kept = await probe(login, ["AUTH PLAIN"]);
    expect(kept.failure).toMatchObject({ reason: "tls", message: expect.stringContaining("only with tls: false") });
    expect(kept.received).toEqual(["EHLO [127.0.0.1]"]);
    const sent = await probe({ ...login, tls: false }, ["AUTH PLAIN"], () => "235 2.0.0 OK");
    expect(sent.state).toBe("healthy");
    expect(sent.received[1]).toBe(`AUTH PLAIN ${Buffer.from("\0alice\0right").toString("base64")}`);
  });

  it("logs in by LOGIN where there is no PLAIN", async () => {
    const base64 = (text: string) => Buffer.from(text).toString("base64");
    const { state, received } = await probe({ ...login, tls: false }, ["AUTH LOGIN XOAUTH2"], (line) => {
      if (line === "QUIT") return undefined;
      return line === base64("right") ? "235 2.0.0 OK" : "334 VXNlcm5hbWU6";
    });
    expect(state).toBe("healthy");
    expect(received.slice(1)).toEqual(["AUTH LOGIN", base64("alice"), base64("right"), "QUIT"]);
  });

  it.each([
    ["535 5.7.8 no", "authentication", "user name or password refused"],
    ["534 5.7.9 too weak", "authentication", "user name or password refused"],
    ["530 5.7.0 STARTTLS first", "tls", "the server asks for TLS before the login"],
    ["454 4.7.0 later", "unavailable", "the server cannot serve us at present (454)"],
    ["421 4.3.2 bye", "unavailable", "the server closes the connection: it is stopping or has no room (421)"],
  ])("knows what %s to a login means", async (answer, reason, message) => {
    const { failure } = await probe({ ...login, tls: false }, ["AUTH PLAIN"], () => answer);
    expect(failure).toMatchObject({ reason, message });
  });

  it("says which logins it does not know", async () => {
    const { failure } = await probe({ ...login, tls: false }, ["AUTH CRAM-MD5"]);
    expect(failure).toMatchObject({
      reason: "authentication",
      message: "the server offers no login by PLAIN or LOGIN",
    });
  });

  it.each([
    ["554 5.7.1 go away", "unavailable", "the server takes no mail from this address (554)"],
    ["421 4.3.2 closing", "unavailable", "the server closes the connection: it is stopping or has no room (421)"],
    ["250 hello", "unexpected_result", "the server answers a new connection with 250"],
    ["SSH-2.0-OpenSSH_9.2p1", "unexpected_result", "the server does not speak the protocol of SMTP"],
  ])("knows what the greeting %s means", async (greeting, reason, message) => {
    expect(await greeted(greeting)).toMatchObject({ reason, message });
  });

  it("is healthy though the server does not say goodbye", async () => {
    const { state } = await probe({ tls: false }, [], () => "");
    expect(state).toBe("healthy");
    await using silent = await startLineServer("220 vm", (line) => (line === "QUIT" ? undefined : "250 vm"));
    expect((await runCheck(new Smtp({ host: "127.0.0.1", port: silent.port }))).state).toBe("healthy");
  });

  it("warns when it takes too long", async () => {
    const { state, failure } = await probe({ tls: false, maxResponseTime: "0s" }, []);
    expect({ state, reason: failure?.reason }).toEqual({ state: "degraded", reason: "threshold" });
  });

  it("can be run with another target, through the gate, but does not take its password there", async () => {
    const entered: string[] = [];
    const gate = { enter: (host: string) => void entered.push(host), lookup: () => {} };
    const terms = { gate, withCredentials: false, timeout: 1000 };
    const own = new Smtp({ host: "mail.shop.example", tls: "starttls" });
    const other = own.retarget("other.example:2525", terms);
    expect(other).toMatchObject({ labels: { host: "other.example", port: "2525" }, tls: "starttls" });
    expect(entered).toEqual(["other.example"]);
    expect(own.retarget("127.0.0.1", terms).target).toEqual({ address: "127.0.0.1", port: 25 });
    expect(() => own.retarget("smtp://127.0.0.1", terms)).toThrow("such as mail.shop.example:25");
    const withLogin = new Smtp({ host: "mail.shop.example", ...login });
    expect(() => withLogin.retarget("other.example", terms)).toThrow("probe.sendCredentials");
    expect(withLogin.retarget("other.example", { ...terms, withCredentials: true })).toMatchObject({
      username: "alice",
    });
    await using server = await startLineServer("220 vm", () => "250 vm");
    const check = own.retarget(`127.0.0.1:${server.port}`, terms);
    expect((await runCheck(check)).failure?.reason).toBe("tls");
    expect(entered.filter((host) => host === "127.0.0.1")).toHaveLength(3); // The second check asks once more, as it connects.
  });

  it.each([
    ["a user without a password", { username: "alice" }, "must be given together"],
    ["certificates without TLS", { tls: false, ca } as const, "ca needs TLS"],
    ["a password of two lines", { username: "alice", password: "a\r\nQUIT" }, "must be one line"],
    ["a name that is no name", { clientName: "a b" }, "must be a host name"],
  ])("refuses %s", (_, options, message) => {
    expect(() => new Smtp({ host: "localhost", ...options })).toThrow(message);
  });

  it("asks at port 25, with TLS from the first byte at 465, unless it is given another", () => {
    expect(new Smtp({ host: "mail" }).target).toEqual({ address: "mail", port: 25 });
    expect(new Smtp({ host: "mail", tls: true }).target).toEqual({ address: "mail", port: 465 });
    expect(new Smtp({ host: "mail", port: 587, tls: true }).target.port).toBe(587);
  });
});
