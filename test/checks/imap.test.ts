import { describe, expect, it } from "vitest";
import { Imap } from "../../src/checks/imap.ts";
import { certificates } from "../support/certificates.ts";
import { describeMailboxCheck, mailboxLogin as login } from "../support/describe-mailbox-check.ts";
import { dovecotProgram, startDovecot } from "../support/dovecot-server.ts";
import { itWithService } from "../support/it-with-service.ts";
import { type Answer, startLineServer } from "../support/line-server.ts";
import { runCheck } from "../support/run-check.ts";

type Options = Partial<ConstructorParameters<typeof Imap>[0]>;

const program = [dovecotProgram];
const { ca } = certificates;

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
  describeMailboxCheck(Imap, { protocol: "imap", defaultPorts: { plain: 143, tls: 993 } });

  itWithService(program, "says that the folder is not there", async () => {
    await using server = await startDovecot();
    const { failure } = await runCheck(
      new Imap({ host: "127.0.0.1", port: server.ports.imap, timeout: "10s", ca, ...login, folder: "Orders" }),
    );
    expect(failure).toMatchObject({ reason: "assertion", message: "the user has no folder Orders" });
  });

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

  it.each([
    ["a folder that nobody opens", { folder: "Orders" }, "folder needs username and password"],
    ["a folder with a line break", { ...login, folder: "a\r\nb" }, "must be a name in ASCII"],
  ])("refuses %s", (_, options, message) => {
    expect(() => new Imap({ host: "localhost", ...options })).toThrow(message);
  });
});
