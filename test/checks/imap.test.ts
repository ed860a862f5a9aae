import { describe, expect, it, vi } from "vitest";
import { Imap } from "../../src/checks/imap.ts";
import { certificates } from "../support/certificates.ts";
import { describeCheck } from "../support/describe-check.ts";
import { dovecotProgram, startDovecot } from "../support/dovecot-server.ts";
import { itWithService } from "../support/it-with-service.ts";
import { type Answer, startLineServer } from "../support/line-server.ts";
import { runCheck } from "../support/run-check.ts";

type Options = Partial<ConstructorParameters<typeof Imap>[0]>;

const program = [dovecotProgram];
const { ca } = certificates;
const login = { username: "alice", password: "right" };

/** Runs the check against a server of ours, in the shape of Dovecot 2.3's: each line without its tag gets an answer, `$` stands for the tag. */
async function probe(
  options: Options,
  answers: Readonly<Record<string, string>>,
  { greeting = "* OK ready", capabilities = "IMAP4rev1" } = {},
) {
  const all: Readonly<Record<string, string>> = {
    CAPABILITY: `* CAPABILITY ${capabilities}\r\n$ OK done`,
    LOGOUT: "* BYE Logging out\r\n$ OK done",
    'EXAMINE "INBOX"': "* 3 EXISTS\r\n$ OK [READ-ONLY] done",
    ...answers,
  };
  const answer: Answer = (line) => {
    const [, tag = "", command = ""] = /^([az]\d*) (.*)$/.exec(line) ?? ["", "a2", line];
    return (all[command] ?? "$ BAD what?").replace("$", tag);
  };
  await using server = await startLineServer(greeting, answer);
  const check = new Imap({ host: "127.0.0.1", port: server.port, timeout: "1s", ...options });
  const { state, failure, measures } = await runCheck(check);
  return { state, failure, measures, received: server.received };
}

describe("Imap", () => {
  describeCheck(Imap, {
    options: { host: "127.0.0.1", port: 9, timeout: "1s" },
    network: (port) => ({ host: "127.0.0.1", port }),
    secrets: (secret, port) => ({ host: "127.0.0.1", port, username: "user", password: secret, tls: false }),
  });

  itWithService(program, "is healthy with and without TLS and login, and leaves in order", async () => {
    await using server = await startDovecot();
    const { imap: port, imaps } = server.ports;
    const all: readonly Options[] = [
      { port, tls: false },
      { port, tls: false, ...login },
      { port, ca, tls: "starttls", ...login },
      { port: imaps, ca, tls: true, ...login },
    ];
    for (const options of all) {
      const { state, measures = [] } = await runCheck(new Imap({ host: "127.0.0.1", timeout: "10s", ...options }));
      expect(state, JSON.stringify(options)).toBe("healthy");
      expect(measures.find(({ name }) => name === "messages")?.value).toBe("username" in options ? 0 : undefined);
    }
    await vi.waitFor(() => expect(server.log().match(/Logged out/g)).toHaveLength(3), { timeout: 10_000 });
  });

  itWithService(program, "says what is wrong with the password, the folder and the mailbox", async () => {
    await using server = await startDovecot();
    const run = (options: Options) =>
      runCheck(new Imap({ host: "127.0.0.1", port: server.ports.imap, timeout: "10s", ca, ...login, ...options }));
    expect((await run({ password: "wrong" })).failure).toMatchObject({
      reason: "authentication",
      message: "user name or password refused",
    });
    expect((await run({ folder: "Orders" })).failure).toMatchObject({
      reason: "assertion",
      message: "the user has no folder Orders",
    });
    expect((await run({ username: "bob" })).failure?.reason).toBe("unavailable");
  });

  itWithService(
    program,
    "tells a server that was stopped and started again, and certificates that are wrong",
    async () => {
      const server = await startDovecot(certificates.expired);
      const check = new Imap({ host: "127.0.0.1", port: server.ports.imap, timeout: "10s", ca });
      const direct = new Imap({ host: "127.0.0.1", port: server.ports.imaps, timeout: "10s", tls: true, ca });
      try {
        for (const one of [check, direct]) {
          expect((await runCheck(one)).failure?.message).toBe("certificate has expired: renew it");
        }
      } finally {
        await server[Symbol.asyncDispose]();
      }
      expect((await runCheck(check)).failure?.reason).toBe("connection_refused");
      await using _again = await startDovecot(certificates.server, server.ports);
      expect((await runCheck(check)).state).toBe("healthy");
      expect((await runCheck(direct)).state).toBe("healthy");
    },
  );

  it("sends the password neither by the wrong command nor in the open", async () => {
    const base64 = Buffer.from("\0alice\0right").toString("base64");
    const plain = await probe(
      { ...login, tls: false },
      { "AUTHENTICATE PLAIN": "+ ", [base64]: "$ OK in" },
      { capabilities: "IMAP4rev1 AUTH=PLAIN" },
    );
    expect(plain.received.slice(1)).toEqual(["a2 AUTHENTICATE PLAIN", base64, 'a3 EXAMINE "INBOX"', "z LOGOUT"]);
    expect(plain).toMatchObject({ state: "healthy", measures: [{ name: "messages", value: 3 }] });
    const quoted = await probe(
      { username: 'a"b', password: "c\\d", tls: false },
      { 'LOGIN "a\\"b" "c\\\\d"': "$ OK in" },
    );
    expect(quoted.state).toBe("healthy");
    const off = await probe({ ...login, tls: false }, {}, { capabilities: "IMAP4rev1 LOGINDISABLED" });
    expect(off.failure).toMatchObject({ reason: "authentication", message: "the server offers no login here" });
    const open = await probe(login, {});
    expect(open.failure?.reason).toBe("tls");
    expect(open.received).toHaveLength(1);
  });

  it.each([
    ["$ NO [AUTHENTICATIONFAILED] no", "authentication", "user name or password refused"],
    ["$ NO no", "authentication", "user name or password refused"],
    ["$ NO [PRIVACYREQUIRED] no", "tls", "the server asks for TLS before the login"],
    ["$ NO [UNAVAILABLE] later", "unavailable", "the server cannot serve the user at present"],
    ["$ NO [LIMIT] full", "unavailable", "a limit of the server is reached"],
    [
      "* BYE Too many\r\n",
      "unavailable",
      "the server closes the connection: it is stopping, or does not let this address in",
    ],
    ["$ BAD what?", "unexpected_result", "the server does not speak the protocol of IMAP"],
  ])("knows what %j to a login means", async (answer, reason, message) => {
    const { failure } = await probe({ ...login, tls: false }, { 'LOGIN "alice" "right"': answer });
    expect(failure).toMatchObject({ reason, message });
  });

  it("says that the user may not open the folder", async () => {
    const answers = { 'LOGIN "alice" "right"': "$ OK in", 'EXAMINE "Shared"': "$ NO [NOPERM] no" };
    const { failure } = await probe({ ...login, tls: false, folder: "Shared" }, answers);
    expect(failure).toMatchObject({
      reason: "authentication",
      message: "the user lacks the permission for the folder Shared",
    });
  });

  it("reads over texts of a given length in an answer", async () => {
    const answers = { 'LOGIN "alice" "right"': "* LIST () {5}\r\na\r\nab INBOX\r\n$ OK in" };
    expect((await probe({ ...login, tls: false }, answers)).state).toBe("healthy");
  });

  it.each([
    ["* BYE overloaded", "unavailable"],
    ["+OK POP3 ready", "unexpected_result"],
  ])("knows what the greeting %s means", async (greeting, reason) => {
    expect((await probe({}, {}, { greeting })).failure?.reason).toBe(reason);
  });

  it("demands TLS when it is told to", async () => {
    expect((await probe({ tls: "starttls" }, {})).failure?.message).toBe("the server does not speak TLS");
  });

  it("can be run with another target, without its password", () => {
    const terms = { gate: { enter: () => {}, lookup: () => {} }, withCredentials: false, timeout: 1000 };
    const own = new Imap({ host: "mail.shop.example", tls: true });
    expect(own.retarget("127.0.0.1", terms).target).toEqual({ address: "127.0.0.1", port: 993 });
    expect(own.retarget("127.0.0.1:1143", terms).target.port).toBe(1143);
    expect(() => own.retarget("imap://127.0.0.1", terms)).toThrow("such as mail.shop.example:143");
    expect(() => new Imap({ host: "mail", ...login }).retarget("127.0.0.1", terms)).toThrow("probe.sendCredentials");
  });

  it.each([
    ["a folder that nobody opens", { folder: "Orders" }, "folder needs username and password"],
    ["a folder with a line break", { ...login, folder: "a\r\nb" }, "must be a name in ASCII"],
    ["a password without a user", { password: "right" }, "must be given together"],
  ])("refuses %s", (_, options, message) => {
    expect(() => new Imap({ host: "localhost", ...options })).toThrow(message);
  });

  it("asks at port 143 unless it is given another", () => {
    expect(new Imap({ host: "mail" }).target.port).toBe(143);
  });
});
