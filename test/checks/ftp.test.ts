import { describe, expect, it } from "vitest";
import { Ftp } from "../../src/checks/ftp.ts";
import { certificates } from "../support/certificates.ts";
import { describeCheck } from "../support/describe-check.ts";
import { ftpProgram, startFtp } from "../support/ftp-server.ts";
import { itWithService } from "../support/it-with-service.ts";
import { startLineServer } from "../support/line-server.ts";
import { runCheck } from "../support/run-check.ts";

type Options = Partial<ConstructorParameters<typeof Ftp>[0]>;

const program = [ftpProgram];
const { ca } = certificates;
const login = { username: "alice", password: "right" };

/** Runs the check against a server of ours, in the shape of vsftpd 3.0.3's. */
async function probe(
  options: Options,
  answers: Readonly<Record<string, string>> = {},
  greeting = "220 (vsFTPd 3.0.3)",
) {
  const all: Readonly<Record<string, string>> = {
    "AUTH TLS": "530 Please login with USER and PASS.",
    "USER anonymous": "331 Please specify the password.",
    "PASS healthspan@": "230-Welcome\r\n here\r\n230 Login successful.",
    "USER alice": "331 Please specify the password.",
    "PASS right": "230 Login successful.",
    QUIT: "221 Goodbye.",
    ...answers,
  };
  await using server = await startLineServer(greeting, (line) => all[line] ?? "500 Unknown command.");
  const check = new Ftp({ host: "127.0.0.1", port: server.port, timeout: "1s", ...options });
  const { state, failure } = await runCheck(check);
  return { state, failure, received: server.received };
}

describe("Ftp", () => {
  describeCheck(Ftp, {
    options: { host: "127.0.0.1", port: 9, timeout: "1s" },
    network: (port) => ({ host: "127.0.0.1", port }),
    secrets: (secret, port) => ({ host: "127.0.0.1", port, username: "user", password: secret, tls: false }),
  });

  itWithService(program, "is healthy when it may log in and enter the folder, and says why not", async () => {
    await using server = await startFtp();
    const run = (options: Options) => runCheck(new Ftp({ host: "127.0.0.1", port: server.port, ca, ...options }));
    for (const options of [{}, { tls: false, ca: undefined }, { tls: "starttls" }, { folder: "/pub" }] as const) {
      expect(await run(options), JSON.stringify(options)).toMatchObject({ state: "healthy" });
    }
    expect((await run({ folder: "/nothing" })).failure).toMatchObject({
      reason: "assertion",
      message: "there is no folder /nothing, or the user may not enter it",
    });
    expect((await run({ folder: "/private" })).failure?.reason).toBe("assertion");
    expect((await run({ username: "nosuchuser", password: "wrong" })).failure).toMatchObject({
      reason: "authentication",
      message: "user name or password refused",
    });
    const open = await run({ username: "nosuchuser", password: "wrong", tls: false, ca: undefined });
    expect(open.failure?.reason).toMatch(/^(?:authentication|tls)$/); // It demands TLS of users by 530.
    expect((await run({ minCertificateDays: 1_000_000 })).failure?.reason).toBe("certificate");
  });

  itWithService(
    program,
    "tells a server that was stopped and started again, and certificates that are wrong",
    async () => {
      const server = await startFtp(certificates.expired);
      const check = new Ftp({ host: "127.0.0.1", port: server.port, ca });
      try {
        expect((await runCheck(check)).failure?.message).toBe("certificate has expired: renew it");
      } finally {
        await server[Symbol.asyncDispose]();
      }
      expect((await runCheck(check)).failure?.reason).toBe("connection_refused");
      await using _again = await startFtp(certificates.server, server.port);
      expect((await runCheck(check)).state).toBe("healthy");
    },
  );

  it("does without TLS where there is none, but sends no password then", async () => {
    const anonymous = await probe({});
    expect(anonymous).toMatchObject({
      state: "healthy",
      received: ["AUTH TLS", "USER anonymous", "PASS healthspan@", "QUIT"],
    });
    const kept = await probe(login);
    expect(kept).toMatchObject({ failure: { reason: "tls" }, received: ["AUTH TLS"] });
    expect((await probe({ ...login, tls: false })).received).toEqual(["USER alice", "PASS right", "QUIT"]);
    expect((await probe({ tls: "starttls" })).failure?.message).toBe("the server does not speak TLS");
  });

  it("asks for no password of a user who needs none", async () => {
    const { state, received } = await probe({ username: "alice", tls: false }, { "USER alice": "230 in" });
    expect({ state, received }).toEqual({ state: "healthy", received: ["USER alice", "QUIT"] });
  });

  it.each([
    ["USER alice", "331 password?", "authentication", "the server asks for a password"],
    ["USER alice", "530 no", "authentication", "user name or password refused"],
    ["USER alice", "332 account?", "authentication", "user name or password refused"],
    ["USER alice", "500 OOPS: cannot change directory", "unavailable", "the server can let nobody in (500)"],
    ["USER alice", "534 TLS first", "tls", "the server asks for TLS before the login"],
    ["USER alice", "421 bye", "unavailable", "the server closes the connection: it is stopping or has no room (421)"],
    ["AUTH TLS", "431 later", "unavailable", "the server cannot serve us at present (431)"],
  ])("knows what after %s the answer %s means", async (command, answer, reason, message) => {
    const tls = command === "AUTH TLS" ? "optional" : false;
    const { failure } = await probe({ username: "alice", tls }, { [command]: answer });
    expect(failure).toMatchObject({ reason, message });
  });

  it.each([
    ["421 There are too many connected users", "unavailable"],
    ["120 Ready in 5 minutes", "unavailable"],
    ["+OK POP3 ready", "unexpected_result"],
    ["331 what?", "unexpected_result"],
  ])("knows what the greeting %s means", async (greeting, reason) => {
    expect((await probe({}, {}, greeting)).failure?.reason).toBe(reason);
  });

  it("says that the server does not know how to enter a folder", async () => {
    const { failure } = await probe({ tls: false, folder: "/pub" });
    expect(failure).toMatchObject({ reason: "unexpected_result", message: "the server answers CWD with 500" });
  });

  it("can be run with another target, without its password", () => {
    const terms = { gate: { enter: () => {}, lookup: () => {} }, withCredentials: false, timeout: 1000 };
    const own = new Ftp({ host: "ftp.shop.example", tls: true });
    expect(own.retarget("127.0.0.1", terms).target).toEqual({ address: "127.0.0.1", port: 990 });
    expect(() => own.retarget("ftp://127.0.0.1", terms)).toThrow("such as ftp.shop.example:21");
    expect(() => new Ftp({ host: "ftp", ...login }).retarget("127.0.0.1", terms)).toThrow("probe.sendCredentials");
  });

  it("refuses a folder of two lines, and asks at port 21 unless it is given another", () => {
    expect(() => new Ftp({ host: "ftp", folder: "/pub\r\nDELE x" })).toThrow("must be a path in one line");
    expect(new Ftp({ host: "ftp" }).target.port).toBe(21);
  });
});
