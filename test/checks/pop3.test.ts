import { describe, expect, it } from "vitest";
import { Pop3 } from "../../src/checks/pop3.ts";
import { describeMailboxCheck, mailboxLogin as login } from "../support/describe-mailbox-check.ts";
import { startLineServer } from "../support/line-server.ts";
import { runCheck } from "../support/run-check.ts";

type Options = Partial<ConstructorParameters<typeof Pop3>[0]>;

/** Runs the check against a server of ours, in the shape of Dovecot 2.3's. */
async function probe(options: Options, answers: Readonly<Record<string, string>>, greeting = "+OK ready") {
  const all: Readonly<Record<string, string>> = {
    CAPA: "+OK\r\nUSER\r\n.",
    "USER alice": "+OK",
    "PASS right": "+OK Logged in.",
    STAT: "+OK 3 1200",
    QUIT: "+OK Logging out",
    ...answers,
  };
  await using server = await startLineServer(greeting, (line) => all[line] ?? "-ERR Unknown command");
  const check = new Pop3({ host: "127.0.0.1", port: server.port, timeout: "1s", ...options });
  const { state, failure, measures } = await runCheck(check);
  return { state, failure, measures, received: server.received };
}

describe("Pop3", () => {
  describeMailboxCheck(Pop3, { protocol: "pop3", defaultPorts: { plain: 110, tls: 995 } });

  it("counts the messages, and reads and deletes none", async () => {
    const { state, measures, received } = await probe({ ...login, tls: false }, {});
    expect({ state, measures }).toMatchObject({ state: "healthy", measures: [{ name: "messages", value: 3 }] });
    expect(received).toEqual(["CAPA", "USER alice", "PASS right", "STAT", "QUIT"]);
  });

  it("sends no password in the open, unless it is told to", async () => {
    const { failure, received } = await probe(login, {});
    expect(failure?.reason).toBe("tls");
    expect(received).toEqual(["CAPA"]);
  });

  it("is healthy though the server cannot say what it can", async () => {
    expect((await probe({}, { CAPA: "-ERR what?" })).state).toBe("healthy");
    expect((await probe({ tls: "starttls" }, { CAPA: "-ERR what?" })).failure?.message).toBe(
      "the server does not speak TLS",
    );
  });

  it.each([
    ["PASS right", "-ERR [AUTH] no", "authentication", "user name or password refused"],
    ["PASS right", "-ERR no", "authentication", "user name or password refused"],
    ["PASS right", "-ERR [IN-USE] locked", "unavailable", "the mailbox is in use by another client"],
    ["PASS right", "-ERR [SYS/TEMP] later", "unavailable", "the server cannot serve the user at present"],
    [
      "PASS right",
      "-ERR [LOGIN-DELAY] again",
      "unavailable",
      "the server wants longer times between logins: make the interval longer",
    ],
    ["USER alice", "-ERR no", "authentication", "the server offers no login here"],
    ["STAT", "-ERR no", "unavailable", "the server cannot open the mailbox"],
    ["STAT", "+OK many", "unexpected_result", "the server does not speak the protocol of POP3"],
    ["CAPA", "what?", "unexpected_result", "the server does not speak the protocol of POP3"],
  ])("knows what after %s the answer %s means", async (command, answer, reason, message) => {
    const { failure } = await probe({ ...login, tls: false }, { [command]: answer });
    expect(failure).toMatchObject({ reason, message });
  });

  it.each([
    ["-ERR no service", "unavailable"],
    ["* OK IMAP4 ready", "unexpected_result"],
  ])("knows what the greeting %s means", async (greeting, reason) => {
    expect((await probe({}, {}, greeting)).failure?.reason).toBe(reason);
  });
});
