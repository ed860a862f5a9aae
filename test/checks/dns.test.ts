import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { Dns } from "../../src/checks/dns.ts";
import { describeCheck } from "../support/describe-check.ts";
import { itWithService } from "../support/it-with-service.ts";
import { runCheck } from "../support/run-check.ts";
import { recordTelemetry } from "../support/telemetry.ts";
import { closedDatagramPort, startDatagramServer } from "../support/throw-away-datagram-server.ts";
import {
  type AskedBy,
  type DnsAnswerer,
  type DnsReply,
  dnsName,
  startDnsServer,
  startDnsServerWithTcp,
  uint16,
} from "../support/throw-away-dns-server.ts";
import { startUnbound, unboundProgram } from "../support/unbound-server.ts";

const addresses = [Buffer.from([192, 0, 2, 1]), Buffer.from([192, 0, 2, 2])];

async function ask(reply: DnsReply | undefined, options: Partial<ConstructorParameters<typeof Dns>[0]> = {}) {
  await using server = await startDnsServer(() => reply);
  const servers = `127.0.0.1:${server.port}`;
  const result = await runCheck(new Dns({ hostname: "shop.test", servers, timeout: "1500ms", ...options }));
  return { ...result, server: servers };
}

/** Asks a server that speaks TCP, too. */
async function askWithTcp(answer: DnsAnswerer, options: Partial<ConstructorParameters<typeof Dns>[0]> = {}) {
  await using server = await startDnsServerWithTcp(answer);
  const servers = `127.0.0.1:${server.port}`;
  const result = await runCheck(new Dns({ hostname: "shop.test", servers, timeout: "1500ms", ...options }));
  return { ...result, server: servers };
}

const address = Buffer.from([192, 0, 2, 1]);
const soa = Buffer.concat([dnsName("ns.test"), dnsName("root.test"), uint16(0, 2026, 0, 1, 0, 1, 0, 1, 0, 1)]);
/** A chain as a recursive server tells it, in an order of its own. */
const chain: DnsReply = {
  answers: [
    ["edge.cdn.test", "A", address],
    ["shop.test", "CNAME", dnsName("Shop.cdn.test")],
    ["shop.CDN.test", "CNAME", dnsName("edge.cdn.test")],
    ["other.test", "A", Buffer.from([192, 0, 2, 9])],
  ],
};

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

  it("may demand that there are no other records", async () => {
    const exact = { exact: true, expected: ["192.0.2.2", "192.0.2.1"] };
    expect(await ask(addresses, exact)).toMatchObject({ state: "healthy" });
    expect((await ask(addresses, { ...exact, expected: "192.0.2.2" })).failure).toMatchObject({
      reason: "assertion",
      message: "A of shop.test is 192.0.2.1, 192.0.2.2, of which nobody expects 192.0.2.1",
    });
  });

  it("lists ten records of an answer that has hundreds", async () => {
    const many = Array.from({ length: 200 }, (_, index) => Buffer.from([192, 0, 2, index]));
    const { failure } = await askWithTcp((_, __, { transport }) => (transport === "udp" ? { truncated: true } : many), {
      expected: "192.0.3.1",
    });
    expect(failure?.message).toMatch(/^A of shop.test is 192.0.2.0, .* and 190 more, without the expected 192.0.3.1$/);
  });

  it("follows an alias to its records, whatever their order and case", async () => {
    expect(await ask(chain, { expected: "192.0.2.1", exact: true })).toMatchObject({ state: "healthy" });
    for (const expectedCname of ["edge.cdn.test", "shop.cdn.test.", ["edge.cdn.test", "shop.cdn.test"]]) {
      expect(await ask(chain, { expectedCname })).toMatchObject({ state: "healthy" });
    }
  });

  it("tells where an alias leads instead", async () => {
    expect((await ask(chain, { expectedCname: "shop.example" })).failure).toMatchObject({
      reason: "assertion",
      message: "shop.test leads to Shop.cdn.test, edge.cdn.test, expected it to lead to shop.example",
    });
    expect((await ask(addresses, { expectedCname: "shop.example" })).failure).toMatchObject({
      message: "shop.test is no alias, expected it to lead to shop.example",
    });
  });

  it("tells that an alias leads nowhere, or in a circle", async () => {
    const alias = (name: string, to: string) => [name, "CNAME", dnsName(to)] as const;
    const dead = { answers: [alias("shop.test", "gone.test")], code: 3, authority: [["test", "SOA", soa]] } as const;
    expect((await ask(dead)).failure).toMatchObject({
      message: "shop.test leads to gone.test, which does not exist (NXDOMAIN)",
    });
    const circle = { answers: [alias("shop.test", "a.test"), alias("a.test", "shop.test")] };
    expect((await ask(circle)).failure?.message).toMatch(/^shop.test leads to (a|shop).test, which has no A record$/);
  });

  it("asks for the alias itself", async () => {
    const options = { recordType: "CNAME", expected: "shop.cdn.test" } as const;
    expect(await ask(chain, options)).toMatchObject({ state: "healthy" });
  });

  it("is healthy without a name or a record where there should be none", async () => {
    const authority = [["test", "SOA", soa]] as const;
    expect(await ask({ code: 3, authority }, { answer: "nxdomain" })).toMatchObject({ state: "healthy" });
    expect(await ask({ authority }, { answer: "nodata" })).toMatchObject({ state: "healthy" });
  });

  it.each([
    ["nxdomain", addresses, "A of shop.test is 192.0.2.1, 192.0.2.2, expected no such name (NXDOMAIN)"],
    ["nxdomain", {}, "shop.test has no A record, expected no such name (NXDOMAIN)"],
    ["nodata", { code: 3 }, "shop.test does not exist (NXDOMAIN), expected a name without such a record"],
  ] as const)("demands %s, and no other answer", async (answer, reply, message) => {
    expect((await ask(reply, { answer })).failure).toMatchObject({ reason: "assertion", message });
  });

  it("tells a server that only refers to others from one that has no record", async () => {
    const { failure, server } = await ask({ authority: [["test", "NS", dnsName("ns.test")]] });
    expect(failure).toMatchObject({
      reason: "dns",
      message: `the name server ${server} only refers to other name servers: ask one that looks names up for others, or one of the zone`,
    });
  });

  it("asks for the flag AD, and demands it", async () => {
    const asked: AskedBy[] = [];
    const signed: DnsAnswerer = (_, __, by) => {
      asked.push(by);
      return { answers: [["shop.test", "A", address]], authenticated: true };
    };
    expect(await askWithTcp(signed, { authenticated: true })).toMatchObject({ state: "healthy" });
    const [{ message } = {}] = asked;
    expect((message?.readUInt16BE(2) ?? 0) & 0x20).toBe(0x20);
    // The last bytes are those of EDNS: what fits into a datagram, the flag DO, and no options.
    expect(message?.subarray(-8)).toEqual(uint16(1232, 0, 0x8000, 0));
    const { failure, server } = await ask(addresses, { authenticated: true });
    expect(failure).toMatchObject({
      reason: "assertion",
      message: `the name server ${server} does not say that it has validated the answer (AD): is the zone signed, and does the server validate?`,
    });
  });

  it("tells why a server that validates finds nothing", async () => {
    const { failure, server } = await ask({ code: 2, extendedError: 7 });
    expect(failure?.message).toBe(
      `the name server ${server} failed to find an answer (SERVFAIL): a DNSSEC signature has expired`,
    );
    expect((await ask({ code: 16 })).failure?.message).toContain("does not know this version of EDNS (BADVERS)");
    expect((await ask({ code: 11 })).failure?.message).toContain("answered with response code 11");
  });

  it("asks again without EDNS when the server does not understand it", async () => {
    const old: DnsAnswerer = (_, __, { message }) => (message.readUInt16BE(10) === 1 ? { code: 1 } : addresses);
    expect(await askWithTcp(old)).toMatchObject({ state: "healthy" });
  });

  it("asks over TCP for what is too long for a datagram", async () => {
    const asked: string[] = [];
    const answer: DnsAnswerer = (_, __, { transport }) => {
      asked.push(transport);
      return transport === "udp" ? { truncated: true } : addresses;
    };
    expect(await askWithTcp(answer, { expected: "192.0.2.2" })).toMatchObject({ state: "healthy" });
    expect(asked).toEqual(["udp", "tcp"]);
  });

  it("tells that TCP is closed, silent, or that of something else", async () => {
    const { failure, server } = await ask({ truncated: true });
    expect(failure).toMatchObject({
      reason: "connection_refused",
      message: `the answer of the name server ${server} is too long for a datagram, and over TCP: connection refused`,
    });
    const silent: DnsAnswerer = (_, __, { transport }) => (transport === "udp" ? { truncated: true } : undefined);
    expect((await askWithTcp(silent, { timeout: "500ms" })).failure?.reason).toBe("timeout");
    expect((await askWithTcp(() => ({ truncated: true }))).failure?.message).toMatch(
      /over TCP: the server does not speak the protocol of DNS$/,
    );
  });

  it("warns when a zone is older than it should be, and measures its serial number", async () => {
    const options = { recordType: "SOA", minSerial: 2027 } as const;
    const { state, failure, measures } = await ask([soa], options);
    expect(state).toBe("degraded");
    expect(failure).toMatchObject({
      reason: "threshold",
      message: "the serial number of shop.test is 2026, expected at least 2027",
    });
    expect(measures).toMatchObject([
      { name: "records", value: 1 },
      { name: "serial", value: 2026 },
    ]);
    expect(await ask([soa], { ...options, minSerial: 2026 })).toMatchObject({ state: "healthy" });
  });

  it("does not take the answer to another question, and waits for its own", async () => {
    await using server = await startDatagramServer((message, sender, socket) => {
      const send = (bytes: Buffer): void => socket.send(bytes, sender.port, sender.address);
      const answer = Buffer.from(message.subarray(0, 12 + "shop.test".length + 2 + 4));
      answer.writeUInt16BE(0x8183, 2);
      answer.writeUInt16BE(0, 10);
      const [other, elsewhere] = [Buffer.from(answer), Buffer.from(answer)];
      other.writeUInt16BE((message.readUInt16BE(0) + 1) & 0xffff, 0);
      elsewhere.write("x", 13, "latin1");
      for (const wrong of [other, elsewhere]) wrong.writeUInt16BE(0x8182, 2); // The server has failed, if they count.
      for (const bytes of [Buffer.from("?"), message, other, elsewhere, answer]) send(bytes);
    });
    const servers = `127.0.0.1:${server.port}`;
    const { failure } = await runCheck(new Dns({ hostname: "shop.test", servers }));
    expect(failure?.message).toBe("shop.test does not exist (NXDOMAIN)");
  });

  it("tells a server of another protocol from a silent one", async () => {
    await using server = await startDatagramServer((_, sender, socket) =>
      socket.send("?", sender.port, sender.address),
    );
    const servers = `127.0.0.1:${server.port}`;
    const { failure } = await runCheck(new Dns({ hostname: "shop.test", servers, timeout: "200ms" }));
    expect(failure).toMatchObject({
      reason: "unexpected_result",
      message: `what the name server ${servers} sends is no answer of the DNS`,
    });
  });

  it("refuses an answer that it cannot read", async () => {
    const { failure, server } = await ask([Buffer.from([192, 0, 2])]);
    expect(failure).toMatchObject({
      kind: "Unexpected Result",
      reason: "dns",
      message: `the answer of the name server ${server} is not valid`,
    });
  });

  it("takes the late answer of the first server when the second is silent", async () => {
    const answers = Promise.withResolvers<void>();
    await using late = await startDatagramServer((message, sender, socket) => {
      const answer = Buffer.from(message);
      answer.writeUInt16BE(0x8183, 2);
      void answers.promise.then(() => socket.send(answer, sender.port, sender.address));
    });
    await using silent = await startDnsServer(() => void answers.resolve());
    const servers = [`127.0.0.1:${late.port}`, `127.0.0.1:${silent.port}`];
    const { failure } = await runCheck(new Dns({ hostname: "shop.test", servers, timeout: "4s" }));
    expect(failure?.message).toBe("shop.test does not exist (NXDOMAIN)");
    expect(late.received()).toBe(1);
  });

  it("asks a server that failed only once, and the others again", async () => {
    await using failing = await startDnsServer(() => ({ code: 2 }));
    await using silent = await startDnsServer(() => undefined);
    const servers = [`127.0.0.1:${failing.port}`, `127.0.0.1:${silent.port}`];
    const { failure } = await runCheck(new Dns({ hostname: "shop.test", servers, timeout: "500ms" }));
    expect(failure?.message).toContain("SERVFAIL");
    expect([failing.received(), silent.received()]).toEqual([1, 2]);
  });

  it("asks for a name in other letters as the DNS has it", async () => {
    const asked: string[] = [];
    const answer: DnsAnswerer = (name) => {
      asked.push(name);
      return [address];
    };
    expect(await askWithTcp(answer, { hostname: "büro.test." })).toMatchObject({ state: "healthy" });
    expect(asked).toEqual(["xn--bro-hoa.test"]);
  });

  it.each([
    [{ exact: true }, "exact needs expected"],
    [{ minSerial: 1 }, "minSerial needs recordType: SOA"],
    [{ recordType: "CNAME", expectedCname: "a.test" }, "belongs into expected"],
    [{ answer: "nxdomain", expected: "192.0.2.1" }, "leaves nothing for expected"],
  ] as const)("refuses %j", (options, message) => {
    expect(() => new Dns({ hostname: "shop.test", ...options })).toThrow(message);
  });

  itWithService([unboundProgram], "asks a resolver that validates a signed zone", async () => {
    await using server = await startUnbound();
    const run = (options: Partial<ConstructorParameters<typeof Dns>[0]>) =>
      runCheck(new Dns({ hostname: "shop.example", servers: `127.0.0.1:${server.port}`, ...options }));
    const authenticated = true;
    const healthy: readonly Parameters<typeof run>[0][] = [
      { authenticated, expected: ["192.0.2.1", "192.0.2.3"], exact: true },
      { authenticated, hostname: "www.shop.example", expectedCname: "edge.shop.example", expected: "192.0.2.2" },
      { authenticated, hostname: "gone.shop.example", answer: "nxdomain" },
      { authenticated, hostname: "edge.shop.example", recordType: "MX", answer: "nodata" },
      { authenticated, recordType: "MX", expected: "10 mail.shop.example" },
      { recordType: "SOA", minSerial: 2_026_112_801 },
      // Too long for a datagram.
      { hostname: "many.shop.example", recordType: "TXT", expected: [`${"x".repeat(60)}0`, `${"x".repeat(60)}39`] },
    ];
    for (const options of healthy) expect((await run(options)).failure, JSON.stringify(options)).toBeUndefined();
    // Of its own names it knows without DNSSEC.
    expect((await run({ authenticated, hostname: "localhost" })).failure?.message).toContain("(AD)");
    expect((await run({ hostname: "a.refused.example" })).failure?.message).toMatch(/ refused to answer \(REFUSED\)$/);
    const { port } = server;
    await server.stop();
    expect((await run({})).failure?.reason).toBe("connection_refused");
    await using _expired = await startUnbound({ port, expired: true });
    expect((await run({})).failure).toMatchObject({
      reason: "dns",
      message: `the name server 127.0.0.1:${port} failed to find an answer (SERVFAIL): a DNSSEC signature has expired`,
    });
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
