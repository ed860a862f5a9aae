import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Ldap } from "../../src/checks/ldap.ts";
import { certificates } from "../support/certificates.ts";
import { describeCheck } from "../support/describe-check.ts";
import { itWithService } from "../support/it-with-service.ts";
import { type LdapServer, slapdProgram, startLdap } from "../support/ldap-server.ts";
import { runCheck } from "../support/run-check.ts";
import { startTcpServer } from "../support/throw-away-server.ts";

type Options = Partial<NonNullable<ConstructorParameters<typeof Ldap>[0]>>;

const program = [slapdProgram];
const base = "dc=shop,dc=example";
const probe = { bindDn: `cn=probe,${base}`, password: "right word" };

/** An answer to the first message, which is number 2: its operation (97: bind, 101: end of a search), and its result code. */
function result(operation: number, code: number, id = 2): Buffer {
  return Buffer.from([0x30, 12, 2, 1, id, operation, 7, 10, 1, code, 4, 0, 4, 0]);
}

describe("Ldap", () => {
  let server: LdapServer;

  const of = (options: Options = {}): Ldap => new Ldap({ host: "127.0.0.1", port: server.port, ...options });
  const resultOf = async (options: Options) => {
    const { state, failure } = await runCheck(of(options));
    return { state, ...failure };
  };

  beforeAll(async () => {
    if (slapdProgram.available) server = await startLdap();
  }, 30_000);

  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
  });

  describeCheck(Ldap, {
    options: { url: "ldap://127.0.0.1:9", timeout: "1s" },
    network: (port) => ({ host: "127.0.0.1", port, ...probe }),
    secrets: (secret, port) => ({ host: "127.0.0.1", port, bindDn: "cn=a", password: secret }),
  });

  describe("with TLS after a request", () => {
    describeCheck(Ldap, {
      options: { url: "ldap://127.0.0.1:9", startTls: true, timeout: "1s" },
      network: (port) => ({ host: "127.0.0.1", port, startTls: true }),
    });
  });

  itWithService(program, "is healthy when it may bind, and sees the base, run after run", async () => {
    const check = of({ ...probe, base });
    for (let run = 0; run < 5; run += 1) {
      expect(await runCheck(check, { keepOpen: true })).toMatchObject({ state: "healthy" });
    }
    check.close();
    const address = `127.0.0.1:${server.port}/${base}`;
    expect(await runCheck(new Ldap({ url: `ldap://${address}`, ...probe }))).toMatchObject({ state: "healthy" });
    const login = `${encodeURIComponent(probe.bindDn)}:right%20word`;
    expect(await runCheck(new Ldap({ url: `ldap://${login}@${address}` }))).toMatchObject({ state: "healthy" });
  });

  itWithService(program, "says that the login is refused", async () => {
    const refused = { reason: "authentication", message: "user name or password refused" };
    expect(await resultOf({ ...probe, password: "wrong" })).toMatchObject(refused);
    expect(await resultOf({ ...probe, bindDn: `cn=nobody,${base}` })).toMatchObject(refused);
  });

  itWithService(program, "says that the base is missing, or may not be seen", async () => {
    expect(await resultOf({ ...probe, base: `ou=nothing,${base}` })).toMatchObject({
      state: "unhealthy",
      reason: "assertion",
      message: "the server has no such base",
    });
    expect(await resultOf({ base })).toMatchObject({ state: "unhealthy", reason: "assertion" });
    expect(await resultOf({ ...probe, base: "nonsense" })).toMatchObject({
      reason: "unexpected_result",
      message: "base or bindDn is no distinguished name",
    });
  });

  itWithService(program, "counts entries", async () => {
    const filter = "(objectClass=person)";
    for (const minEntries of [1, 2, 3]) {
      expect(await resultOf({ ...probe, base, filter, minEntries })).toMatchObject({ state: "healthy" });
    }
    expect(await resultOf({ ...probe, base, filter, minEntries: 4 })).toMatchObject({
      state: "degraded",
      reason: "threshold",
      message: "3 entries match the filter, expected at least 4",
    });
  });

  itWithService(program, "speaks TLS from the first byte, or after a request", async () => {
    const { ca } = certificates;
    for (const way of [{ port: server.tlsPort, tls: true }, { startTls: true }]) {
      expect(await resultOf({ ...probe, base, ...way, ca })).toMatchObject({ state: "healthy" });
      expect(await resultOf({ ...way, host: "localhost", ca })).toMatchObject({ state: "healthy" });
      expect(await resultOf({ ...probe, base, ...way })).toMatchObject({ reason: "certificate" });
      const trusting = { ...way, verifyCertificate: false };
      expect(await resultOf({ ...probe, base, ...trusting })).toMatchObject({ state: "healthy" });
    }
  });

  itWithService(program, "does not take a certificate that has expired, or is for another host", async () => {
    const { ca } = certificates;
    for (const [name, message] of [
      ["expired", "certificate has expired: renew it"],
      ["other-host", "certificate is for another host name: it must have the name that is asked for"],
    ]) {
      await server.kill();
      await server.start(name);
      for (const way of [{ port: server.tlsPort, tls: true }, { startTls: true }]) {
        expect(await resultOf({ ...probe, base, ...way, ca })).toMatchObject({ reason: "certificate", message });
      }
    }
    await server.kill();
    await server.start();
  });

  itWithService(program, "connects anew when the server was restarted", async () => {
    const check = of({ ...probe, base });
    expect(await runCheck(check, { keepOpen: true })).toMatchObject({ state: "healthy" });
    await server.kill();
    expect((await runCheck(check, { keepOpen: true })).failure?.reason).toBe("connection_refused");
    await server.start();
    expect(await runCheck(check)).toMatchObject({ state: "healthy" });
  });

  // The codes of RFC 4511, as OpenLDAP 2.5 sends those that can be had from it.
  it.each([
    [13, "tls", "the server asks for TLS: give startTls: true, or a url that begins with ldaps://"],
    [50, "authentication", "the user lacks the permission for the search"],
    [51, "unavailable", "the server is busy"],
    [52, "unavailable", "the server is shutting down, or another that it needs is away"],
    [80, "unavailable", "the server answered with result code 80"],
  ])("knows the result code %i", async (code, reason, message) => {
    await using throwAway = await startTcpServer((socket) => {
      socket.on("data", () => socket.write(result(101, code)));
    });
    const check = new Ldap({ host: "127.0.0.1", port: throwAway.port, timeout: "2s" });
    expect((await runCheck(check)).failure).toMatchObject({ reason, message });
  });

  it("says that the server does not speak TLS, and gives it no password", async () => {
    const received: string[] = [];
    await using throwAway = await startTcpServer((socket) => {
      socket.on("data", (data) => {
        received.push(data.toString("latin1"));
        socket.write(result(120, 2));
      });
    });
    const check = new Ldap({ host: "127.0.0.1", port: throwAway.port, startTls: true, ...probe, timeout: "2s" });
    expect((await runCheck(check)).failure).toMatchObject({ reason: "tls", message: "the server does not speak TLS" });
    expect(received.join("")).not.toContain("right word");
  });

  it("refuses an answer that is too long as soon as it is announced", async () => {
    await using throwAway = await startTcpServer((socket) => {
      socket.on("data", () => socket.write(Buffer.from([0x30, 0x84, 0x7f, 0xff, 0xff, 0xff])));
    });
    const check = new Ldap({ host: "127.0.0.1", port: throwAway.port, timeout: "2s" });
    expect((await runCheck(check)).failure).toMatchObject({ message: "the answer is longer than 1 MiB" });
  });

  it("closes its connection when it is closed", async () => {
    await using throwAway = await startTcpServer((socket) => {
      socket.on("data", () => {
        const entry = Buffer.from([0x30, 9, 2, 1, 2, 100, 4, 4, 0, 0x30, 0]);
        socket.write(Buffer.concat([entry, result(101, 0)]));
      });
    });
    const check = new Ldap({ host: "127.0.0.1", port: throwAway.port });
    expect(await runCheck(check, { keepOpen: true })).toMatchObject({ state: "healthy" });
    expect(throwAway.sockets.size).toBe(1);
    check.close();
    await vi.waitFor(() => expect(throwAway.sockets.size).toBe(0));
  });

  it.each<[object, string]>([
    [{}, "give either url or host"],
    [{ host: "a", bindDn: "cn=b" }, "bindDn and password must be given together"],
    [{ host: "a", bindDn: "cn=b", password: "" }, "bindDn and password must be given together"],
    [{ url: "ldap://cn=b@a" }, "bindDn and password must be given together"],
    [{ url: "ldap://cn=b:c@a", ...probe }, "give the user name either in url or as bindDn"],
    [{ url: "ldaps://a", startTls: true }, "give either startTls, or tls or a url that begins with ldaps://"],
    [{ host: "a", minEntries: 2 }, "minEntries goes with filter"],
    [{ host: "a", filter: "(cn=*)" }, "filter goes with base"],
    [{ host: "a", filter: "person" }, "must be a filter, such as (objectClass=person)"],
    [{ host: "a", ca: certificates.ca }, "certificates need TLS"],
  ])("refuses %o", (options, message) => {
    expect(() => new Ldap(options)).toThrow(message);
  });
});
