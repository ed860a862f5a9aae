import { createTransport } from "nodemailer";
import { describe, expect, it } from "vitest";
import { Mail, type MailTransporter } from "../../src/checks/mail.ts";
import { certificates } from "../support/certificates.ts";
import { describeCheck } from "../support/describe-check.ts";
import { itWithService } from "../support/it-with-service.ts";
import { runCheck } from "../support/run-check.ts";
import { smtpProgram, startSmtp } from "../support/smtp-server.ts";
import { closedPort, startTcpServer } from "../support/throw-away-server.ts";

const { ca } = certificates;

/** A transporter whose verification fails with this. */
function failing(properties: object): MailTransporter {
  return { verify: () => Promise.reject(Object.assign(new Error("the server said: secret"), properties)) };
}

function transporterTo(port: number, options: object = {}): MailTransporter {
  return createTransport({ host: "127.0.0.1", port, connectionTimeout: 2000, greetingTimeout: 300, ...options });
}

describe("Mail", () => {
  describeCheck(Mail, { options: { transporter: { verify: async () => true } } });

  itWithService([smtpProgram], "is healthy when the program's transporter can log in, and says why not", async () => {
    await using server = await startSmtp();
    const run = (pass: string, tls: object = { ca }) =>
      runCheck(new Mail({ transporter: transporterTo(server.port, { auth: { user: "alice", pass }, tls }) }));
    expect((await run("right")).state).toBe("healthy");
    expect((await run("wrong")).failure).toMatchObject({
      reason: "authentication",
      message: "user name or password refused",
    });
    expect((await run("right", {})).failure?.reason).toBe("certificate");
  });

  it("says that nobody listens, that nobody answers, and that the name is unknown", async () => {
    const refused = new Mail({ transporter: transporterTo(await closedPort()) });
    expect((await runCheck(refused)).failure?.reason).toBe("connection_refused");
    await using server = await startTcpServer();
    const silent = new Mail({ transporter: transporterTo(server.port) });
    expect((await runCheck(silent)).failure).toMatchObject({
      reason: "timeout",
      message: "the server did not answer in time",
    });
    const nameless = new Mail({ transporter: transporterTo(25, { host: "no-such-host.invalid" }) });
    expect((await runCheck(nameless)).failure?.reason).toBe("dns");
  });

  it.each([
    [{ code: "EAUTH", responseCode: 535 }, "authentication", "user name or password refused"],
    [{ code: "EAUTH", responseCode: 454 }, "unavailable", "the server cannot serve us at present (454)"],
    [{ code: "ENOAUTH" }, "authentication", "the server asks for a password"],
    [{ code: "ESOCKET", errno: -111 }, "connection_refused", "connection refused"],
    [{ code: "ESOCKET", originalCode: "CERT_HAS_EXPIRED" }, "certificate", "certificate has expired: renew it"],
    [{ code: "ETLS" }, "tls", "the server does not speak TLS, or the handshake failed"],
    [{ code: "ECONNECTION" }, "connection_reset", "connection closed by the server"],
    [{ code: "EPROTOCOL" }, "unexpected_result", "the server does not speak the protocol of SMTP"],
  ])("knows what %j means, and repeats nothing of the server", async (properties, reason, message) => {
    expect((await runCheck(new Mail({ transporter: failing(properties) }))).failure).toMatchObject({ reason, message });
  });

  it("does not take a mistake of the program for one of the server", async () => {
    const { failure } = await runCheck(new Mail({ transporter: failing({}) }));
    expect(failure).toMatchObject({ reason: "unknown", expected: false });
  });

  it("is unhealthy when the transporter says so without an error", async () => {
    const { state, failure } = await runCheck(new Mail({ transporter: { verify: async () => false } }));
    expect({ state, message: failure?.message }).toEqual({
      state: "unhealthy",
      message: "the transporter cannot send mail",
    });
  });

  it("opens no second connection while the first is still being opened", async () => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    let verifications = 0;
    const verify = (): Promise<boolean> => {
      verifications += 1;
      return promise;
    };
    const check = new Mail({ transporter: { verify }, timeout: "50ms" });
    for (let run = 0; run < 2; run += 1) expect((await runCheck(check)).failure?.reason).toBe("timeout");
    expect(verifications).toBe(1);
    resolve(true);
    await promise;
    expect((await runCheck(check)).state).toBe("healthy");
  });

  it("names the server that the transporter has, if it has one", () => {
    expect(new Mail({ transporter: transporterTo(587) }).target).toEqual({ address: "127.0.0.1", port: 587 });
    expect(new Mail({ transporter: failing({}) }).target).toEqual({});
  });

  it("refuses what is no transporter", () => {
    expect(() => new Mail({ transporter: {} as MailTransporter })).toThrow("must be a transporter of nodemailer");
    expect(() => new Mail({ transporter: failing({}), thread: true })).toThrow("the program has its transporter");
  });
});
