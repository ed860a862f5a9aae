import { describe, expect, it, vi } from "vitest";
import type { HealthCheck, HealthCheckClass } from "../../src/health/health-check.ts";
import { certificates } from "./certificates.ts";
import { describeCheck } from "./describe-check.ts";
import { dovecotProgram, startDovecot } from "./dovecot-server.ts";
import { itWithService } from "./it-with-service.ts";
import { runCheck } from "./run-check.ts";

/** Whose mailbox Dovecot has, and can read. */
export const mailboxLogin = { username: "alice", password: "right" };

/** What checks of mailboxes differ in. */
interface MailboxContract {
  readonly protocol: "imap" | "pop3";
  /** Where they ask when they are given no port, without TLS and with it. */
  readonly defaultPorts: { readonly plain: number; readonly tls: number };
}

const program = [dovecotProgram];
const { ca } = certificates;

/** What every check keeps that reads a mailbox, and how it gets on with Dovecot. */
export function describeMailboxCheck(Check: HealthCheckClass, { protocol, defaultPorts }: MailboxContract): void {
  const make = (options: object): HealthCheck => new Check({ host: "127.0.0.1", timeout: "10s", ...options });

  describeCheck(Check, {
    options: { host: "127.0.0.1", port: 9, timeout: "1s" },
    network: (port) => ({ host: "127.0.0.1", port }),
    secrets: (secret, port) => ({ host: "127.0.0.1", port, username: "user", password: secret, tls: false }),
  });

  describe("a check of a mailbox", () => {
    itWithService(program, "is healthy with and without TLS and login, and leaves in order", async () => {
      await using server = await startDovecot();
      const [port, securePort] = [server.ports[protocol], server.ports[`${protocol}s`]];
      const all: readonly object[] = [
        { port, tls: false },
        { port, tls: false, ...mailboxLogin },
        { port, ca, tls: "starttls", ...mailboxLogin },
        { port: securePort, ca, tls: true, ...mailboxLogin },
      ];
      for (const options of all) {
        const { state, measures = [] } = await runCheck(make(options));
        expect(state, JSON.stringify(options)).toBe("healthy");
        expect(measures.find(({ name }) => name === "messages")?.value).toBe("username" in options ? 0 : undefined);
      }
      await vi.waitFor(() => expect(server.log().match(/Logged out/g)).toHaveLength(3), { timeout: 10_000 });
    });

    itWithService(program, "says what is wrong with the password and the mailbox", async () => {
      await using server = await startDovecot();
      const run = (options: object) =>
        runCheck(make({ port: server.ports[protocol], ca, ...mailboxLogin, ...options }));
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
        const negotiated = make({ port: server.ports[protocol], ca });
        const direct = make({ port: server.ports[`${protocol}s`], ca, tls: true });
        try {
          for (const check of [negotiated, direct]) {
            expect((await runCheck(check)).failure?.message).toBe("certificate has expired: renew it");
          }
        } finally {
          await server[Symbol.asyncDispose]();
        }
        expect((await runCheck(negotiated)).failure?.reason).toBe("connection_refused");
        await using _again = await startDovecot(certificates.server, server.ports);
        for (const check of [negotiated, direct]) expect((await runCheck(check)).state).toBe("healthy");
      },
    );

    it("can be run with another target, without its password", () => {
      const terms = { gate: { enter: () => {}, lookup: () => {} }, withCredentials: false, timeout: 1000 };
      const own = make({ host: "mail.shop.example", tls: true });
      expect(own.retarget?.("127.0.0.1", terms).target).toEqual({ address: "127.0.0.1", port: defaultPorts.tls });
      expect(own.retarget?.("127.0.0.1:1143", terms).target.port).toBe(1143);
      expect(() => own.retarget?.(`${protocol}://127.0.0.1`, terms)).toThrow(
        `such as mail.shop.example:${defaultPorts.plain}`,
      );
      expect(() => make(mailboxLogin).retarget?.("127.0.0.1", terms)).toThrow("probe.sendCredentials");
    });

    it("asks at the port of its protocol unless it is given another", () => {
      expect(make({}).target.port).toBe(defaultPorts.plain);
    });

    it("refuses a password without a user", () => {
      expect(() => make({ password: "right" })).toThrow("must be given together");
    });
  });
}
