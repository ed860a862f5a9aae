import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { Dns } from "../../src/checks/dns.ts";
import { describeCheck } from "../support/describe-check.ts";
import { runCheck } from "../support/run-check.ts";
import { recordTelemetry } from "../support/telemetry.ts";
import { closedDatagramPort } from "../support/throw-away-datagram-server.ts";
import { type DnsReply, dnsName, startDnsServer } from "../support/throw-away-dns-server.ts";

const addresses = [Buffer.from([192, 0, 2, 1]), Buffer.from([192, 0, 2, 2])];

async function ask(reply: DnsReply | undefined, options: Partial<ConstructorParameters<typeof Dns>[0]> = {}) {
  await using server = await startDnsServer(() => reply);
  const servers = `127.0.0.1:${server.port}`;
  const result = await runCheck(new Dns({ hostname: "shop.test", servers, timeout: "1500ms", ...options }));
  return { ...result, server: servers };
}

describe("Dns", () => {
  describeCheck(Dns, {
    options: { hostname: "shop.test", servers: "127.0.0.1:9", timeout: "1s" },
    network: (port) => ({ hostname: "shop.test", servers: [`127.0.0.1:${port}`], timeout: "500ms" }),
    transport: "udp",
  });

  it("is healthy when there is an answer", async () => {
    expect(await ask(addresses)).toMatchObject({ state: "healthy", failure: undefined });
  });

  it("leaves nothing on a signal that outlives the run", async () => {
    await using server = await startDnsServer(() => addresses);
    const { signal } = new AbortController();
    await new Dns({ hostname: "shop.test", servers: `127.0.0.1:${server.port}` }).run(signal);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("is healthy when every expected answer is there, however it is written", async () => {
    expect(await ask(addresses, { expected: "192.0.2.2" })).toMatchObject({ state: "healthy" });
    const reply = [Buffer.concat([Buffer.from([0, 10]), dnsName("Mail.shop.test")])];
    expect(await ask(reply, { recordType: "MX", expected: ["10 mail.shop.test."] })).toMatchObject({
      state: "healthy",
    });
  });

  it("is unhealthy when an expected answer is missing", async () => {
    const { state, failure } = await ask(addresses, { expected: ["192.0.2.2", "192.0.2.3"] });
    expect(state).toBe("unhealthy");
    expect(failure).toMatchObject({
      kind: "Unexpected Result",
      reason: "assertion",
      message: "A of shop.test is 192.0.2.1, 192.0.2.2, without the expected 192.0.2.3",
    });
  });

  it.each([
    ["the name does not exist", { code: 3 }, "dns", "shop.test does not exist (NXDOMAIN)"],
    ["the name has no such record", [], "dns", "shop.test has no A record"],
    ["the server fails", { code: 2 }, "dns", "the name server SERVER failed to find an answer (SERVFAIL)"],
    ["the server refuses", { code: 5 }, "dns", "the name server SERVER refused to answer (REFUSED)"],
    [
      "the server does not understand",
      { code: 1 },
      "dns",
      "the name server SERVER did not understand the question (FORMERR)",
    ],
    ["the server cannot do it", { code: 4 }, "dns", "the name server SERVER cannot answer such a question (NOTIMP)"],
    ["the server is silent", undefined, "timeout", "the name server SERVER did not answer in time"],
  ] as const)("tells that %s", async (_, reply, reason, message) => {
    const { state, failure, server } = await ask(reply);
    expect(state).toBe("unhealthy");
    expect(failure).toMatchObject({ kind: "Unavailable", reason, message: message.replace("SERVER", server) });
  });

  it("tells that nobody listens", async () => {
    const servers = [`127.0.0.1:${await closedDatagramPort()}`];
    const { failure } = await runCheck(new Dns({ hostname: "shop.test", servers }));
    expect(failure).toMatchObject({
      reason: "connection_refused",
      message: `the name server ${servers} refused the connection`,
    });
  });

  it("tells that a name is none", async () => {
    expect((await ask([], { hostname: "a..b" })).failure).toMatchObject({
      reason: "dns",
      message: "a..b is not a valid name",
    });
  });

  it("asks for an address's name", async () => {
    const asked: string[] = [];
    await using server = await startDnsServer((name, type) => {
      asked.push(`${type} ${name}`);
      return [dnsName("one.test")];
    });
    const servers = `127.0.0.1:${server.port}`;
    const check = new Dns({ hostname: "192.0.2.1", recordType: "PTR", servers, expected: "one.test" });
    expect((await runCheck(check)).state).toBe("healthy");
    expect(asked).toEqual(["PTR 1.2.0.192.in-addr.arpa"]);
  });

  it("asks the next server when one is silent", async () => {
    await using silent = await startDnsServer(() => undefined);
    await using server = await startDnsServer(() => addresses);
    const servers = [`127.0.0.1:${silent.port}`, `127.0.0.1:${server.port}`];
    expect((await runCheck(new Dns({ hostname: "shop.test", servers, timeout: "2s" }))).state).toBe("healthy");
    expect(silent.received()).toBeGreaterThan(0);
  });

  it("records the lookup as a phase, and what it talks to", async () => {
    const { spans } = await recordTelemetry(async () => void (await ask({ code: 3 })));
    const [phase, run] = spans;
    expect(phase).toMatchObject({ name: "dns", status: { message: "shop.test does not exist (NXDOMAIN)" } });
    expect(phase?.parentSpanId).toBe(run?.spanId);
    expect(run?.attributes).toMatchObject({
      "server.address": "127.0.0.1",
      "dns.question.name": "shop.test",
      "health.check.label.recordType": "A",
    });
    expect(run?.attributes["server.port"]).toBeGreaterThan(0);
  });

  it.each(["name.test", "192.0.2.53:0", "192.0.2.53:99999", "2001:db8::53:x", "[192.0.2.53]:53", ""])(
    "refuses %j as a server",
    (servers) => {
      expect(() => new Dns({ hostname: "shop.test", servers })).toThrow(/servers/);
    },
  );

  it("has no server as its target when the system's are asked", () => {
    expect(new Dns({ hostname: "shop.test" }).target).toEqual({ question: "shop.test" });
    expect(new Dns({ hostname: "shop.test", servers: ["[::1]:5353", "192.0.2.53"] }).target).toEqual({
      question: "shop.test",
      address: "::1",
      port: 5353,
    });
  });
});
