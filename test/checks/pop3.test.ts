import { describe, expect, it, vi } from "vitest";
import { Pop3 } from "../../src/checks/pop3.ts";
import { certificates } from "../support/certificates.ts";
import { describeCheck } from "../support/describe-check.ts";
import { dovecotProgram, startDovecot } from "../support/dovecot-server.ts";
import { itWithService } from "../support/it-with-service.ts";
import { startLineServer } from "../support/line-server.ts";
import { runCheck } from "../support/run-check.ts";

type Options = Partial<ConstructorParameters<typeof Pop3>[0]>;

const program = [dovecotProgram];
const { ca } = certificates;
const login = { username: "alice", password: "right" };

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
  describeCheck(Pop3, {
    options: { host: "127.0.0.1", port: 9, timeout: "1s" },
    network: (port) => ({ host: "127.0.0.1", port }),
    secrets: (secret, port) => ({ host: "127.0.0.1", port, username: "user", password: secret, tls: false }),
  });

  itWithService(program, "is healthy with and without TLS and login, and leaves in order", async () => {
    await using server = await startDovecot();
    const { pop3: port, pop3s } = server.ports;
    const all: readonly Options[] = [
      { port, tls: false },
      { port, tls: false, ...login },
      { port, ca, tls: "starttls", ...login },
      { port: pop3s, ca, tls: true, ...login },
    ];
    for (const options of all) {
      const { state, measures = [] } = await runCheck(new Pop3({ host: "127.0.0.1", timeout: "10s", ...options }));
      expect(state, JSON.stringify(options)).toBe("healthy");
      expect(measures.find(({ name }) => name === "messages")?.value).toBe("username" in options ? 0 : undefined);
    }
    await vi.waitFor(() => expect(server.log().match(/Logged out/g)).toHaveLength(3), { timeout: 10_000 });
  });

  itWithService(program, "says what is wrong with the password and the mailbox", async () => {
    await using server = await startDovecot();
    const run = (options: Options) =>
      runCheck(new Pop3({ host: "127.0.0.1", port: server.ports.pop3, timeout: "10s", ca, ...login, ...options }));
    expect((await run({ password: "wrong" })).failure).toMatchObject({
      reason: "authentication",
      message: "user name or password refused",
    });
    expect((await run({ username: "bob" })).failure?.reason).toBe("unavailable");
  });

  itWithService(
    program,
    "tells a server that was stopped and started again, and certificates that are wrong",
    async () => {
      const server = await startDovecot(certificates.expired);
      const check = new Pop3({ host: "127.0.0.1", port: server.ports.pop3, timeout: "10s", ca });
      try {
        expect((await runCheck(check)).failure?.message).toBe("certificate has expired: renew it");
      } finally {
        await server[Symbol.asyncDispose]();
      }
      expect((await runCheck(check)).failure?.reason).toBe("connection_refused");
      await using _again = await startDovecot(certificates.server, server.ports);
      expect((await runCheck(check)).state).toBe("healthy");
    },
  );

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

  it("can be run with another target, without its password", () => {
    const terms = { gate: { enter: () => {}, lookup: () => {} }, withCredentials: false, timeout: 1000 };
    const own = new Pop3({ host: "mail.shop.example", tls: true });
    expect(own.retarget("127.0.0.1", terms).target).toEqual({ address: "127.0.0.1", port: 995 });
    expect(() => own.retarget("pop3://127.0.0.1", terms)).toThrow("such as mail.shop.example:110");
    expect(() => new Pop3({ host: "mail", ...login }).retarget("127.0.0.1", terms)).toThrow("probe.sendCredentials");
  });

  it("refuses a password without a user, and asks at port 110 unless it is given another", () => {
    expect(() => new Pop3({ host: "mail", password: "right" })).toThrow("must be given together");
    expect(new Pop3({ host: "mail" }).target.port).toBe(110);
  });
});
