import { setImmediate as turn } from "node:timers/promises";
import { ROOT_CONTEXT } from "@opentelemetry/api";
import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { Http } from "../../src/checks/http.ts";
import { Tcp } from "../../src/checks/tcp.ts";
import { ServiceWarning } from "../../src/health/errors.ts";
import { secret } from "../../src/health/fields.ts";
import { type HealthCheck, healthCheck } from "../../src/health/health-check.ts";
import type { ProbeTerms } from "../../src/health/probe-terms.ts";
import type { Resolve } from "../../src/net/name-lookups.ts";
import { AllowList } from "../../src/net/probing/allow-list.ts";
import { Network } from "../../src/net/probing/network.ts";
import { InvalidTargetError } from "../../src/net/probing/retarget.ts";
import { type ProbeOutcome, type ProbeRules, Prober } from "../../src/server/prober.ts";
import { writeProbe } from "../../src/telemetry/open-metrics/write-probe.ts";
import { certificates } from "../support/certificates.ts";
import { fakeCheck } from "../support/checks.ts";
import { startHttpTarget } from "../support/http-target.ts";
import { rememberingLogger } from "../support/logs.ts";
import { recordTelemetry } from "../support/telemetry.ts";
import { startTcpServer } from "../support/throw-away-server.ts";
import { startTlsServer } from "../support/throw-away-tls-server.ts";

interface Rules {
  readonly networks?: readonly string[];
  readonly sendCredentials?: readonly string[];
  readonly concurrency?: number;
}

/** Rules that admit names below `.example`, and the given networks; by default this host's 127.0.0.1. */
function rulesFor(checks: readonly HealthCheck[], { networks = ["127.0.0.1"], ...rules }: Rules = {}): ProbeRules {
  return {
    checks: new Map(checks.map((check) => [check.name, check])),
    sendCredentials: new Set(rules.sendCredentials),
    allowList: new AllowList({
      hosts: ["*.example"],
      networks: networks.flatMap((text) => Network.parse(text) ?? []),
    }),
    concurrency: rules.concurrency ?? 10,
  };
}

/** Names that lead to the addresses given, one a lookup; the last one stays. */
function names(addresses: Readonly<Record<string, readonly string[]>>): Resolve & { readonly asked: string[] } {
  const asked: string[] = [];
  const resolve: Resolve = (hostname, _options, callback) => {
    const all = addresses[hostname] ?? [];
    const address = all[asked.filter((name) => name === hostname).length] ?? all.at(-1) ?? "";
    asked.push(hostname);
    callback(null, [{ address, family: address.includes(":") ? 6 : 4 }]);
  };
  return Object.assign(resolve, { asked });
}

interface Asking {
  readonly check?: string;
  readonly timeoutMilliseconds?: number;
  readonly signal?: AbortSignal;
  readonly resolve?: Resolve;
  readonly prober?: Prober;
}

function probe(rules: ProbeRules, target: string, asking: Asking = {}): Promise<ProbeOutcome> {
  const { prober = new Prober(rememberingLogger(), asking.resolve), check, signal, timeoutMilliseconds } = asking;
  return prober.probe(rules, {
    check: check ?? [...rules.checks.keys()][0],
    target,
    timeoutMilliseconds,
    context: ROOT_CONTEXT,
    signal: signal ?? new AbortController().signal,
  });
}

const web = new Http({ name: "web", url: "http://own.invalid/health" });

describe("Prober", () => {
  it("runs a check with another target, which nothing is kept of", async () => {
    await using server = await startHttpTarget((_request, response) => void response.end("ok"));
    const { spans } = await recordTelemetry(async () => {
      const outcome = await probe(rulesFor([web]), `127.0.0.1:${server.port}`);
      expect(outcome).toMatchObject({
        state: "healthy",
        report: {
          check: { name: "web", labels: { url: `${server.origin}/health`, method: "GET" } },
          state: "healthy",
          failure: undefined,
          transitions: [],
        },
      });
    });
    expect(server.requests.map(({ url }) => url)).toEqual(["/health"]);
    expect(spans.find(({ name }) => name === "check web")?.attributes).toMatchObject({
      "url.full": `${server.origin}/health`,
      "health.check.state": "healthy",
    });
    expect(web.labels.url).toBe("http://own.invalid/health");
  });

  it("tells what the run measured of the target, and of no other", async () => {
    await using server = await startHttpTarget((_request, response) => void response.end(), certificates.server);
    const secure = new Http({ name: "secure", url: "https://own.invalid/", ca: certificates.ca });
    const outcome = await probe(rulesFor([secure]), server.origin);
    if (outcome.refused !== undefined) throw new Error(outcome.sentence);
    const { report, steps } = outcome;
    expect(report.measures).toMatchObject([{ name: "certificateDays", unit: "d", value: expect.any(Number) }]);
    expect(writeProbe(report, steps, "openmetrics")).toMatch(
      /^health_check_value\{check="secure",type="http",url="https:[^"]*",method="GET",measure="certificateDays",unit="d"\} \d+/m,
    );
  });

  it("runs a check of a program's own, which says what a target is", async () => {
    class Doubling extends healthCheck({ labels: { number: z.int() } }) {
      override run(): void {
        if (this.number > 5) throw new ServiceWarning("too large");
      }
      override retarget(target: string, { gate }: ProbeTerms): Doubling {
        gate.enter(`${target}.example`);
        if (!/^\d+$/.test(target)) throw new InvalidTargetError("The target must be a number.");
        return new Doubling({ number: Number(target) });
      }
    }
    const rules = rulesFor([new Doubling({ name: "double", number: 1 })]);
    expect(await probe(rules, "7")).toMatchObject({
      state: "degraded",
      report: { check: { labels: { number: "7" } } },
    });
    expect(await probe(rules, "seven")).toEqual({ refused: "target", sentence: "The target must be a number." });
  });

  it("repeats no secret of the check that the refusal of a target holds", async () => {
    class Telling extends healthCheck({ settings: { password: secret() } }) {
      override run(): void {}
      override retarget(): Telling {
        throw new InvalidTargetError(`The target does not go with ${this.password.reveal()}.`);
      }
    }
    const rules = rulesFor([new Telling({ name: "telling", password: "correct horse" })]);
    const sentence = "The target does not go with [redacted].";
    expect(await probe(rules, "other.example")).toEqual({ refused: "target", sentence });
  });

  it("is given up at once for a client who has left before it began", async () => {
    await using server = await startTcpServer(); // It never answers.
    const signal = AbortSignal.abort();
    expect(await probe(rulesFor([web]), `127.0.0.1:${server.port}`, { signal })).toMatchObject({
      state: "unknown",
      report: { failure: undefined },
    });
  });

  it("tells what is wrong with a target that can be asked", async () => {
    await using server = await startHttpTarget((_request, response) => void response.writeHead(503).end());
    expect(await probe(rulesFor([web]), server.origin)).toMatchObject({
      state: "unhealthy",
      report: { failure: { reason: "status_code" }, lastSuccessAt: undefined, consecutiveFailures: 1 },
    });
  });

  it("counts no warning as a failure", async () => {
    await using server = await startHttpTarget((_request, response) => void setTimeout(() => response.end(), 20));
    const slow = new Http({ name: "web", url: server.origin, maxResponseTime: "1ms" });
    expect(await probe(rulesFor([slow]), server.origin)).toMatchObject({
      state: "degraded",
      report: { failure: { reason: "threshold" }, consecutiveFailures: 0 },
    });
  });

  it.each([
    ["a check that does not exist", "other", "127.0.0.1", { refused: "check" }],
    ["a check that knows no other target", "fake-check", "127.0.0.1", { refused: "check" }],
    ["no target", "web", undefined, { refused: "target" }],
    ["a target that is too long", "web", "a".repeat(3000), { refused: "target" }],
    ["another host", "web", "evil.test", { refused: "target" }],
    ["an option that the check then refuses", "expiry", "http://127.0.0.1/", { refused: "target" }],
  ])("refuses %s, in a sentence", async (_, check, target, refusal) => {
    const expiry = new Http({ name: "expiry", url: "https://own.invalid/", minCertificateDays: 14 });
    const rules = rulesFor([web, fakeCheck({ name: "fake-check" }), expiry]);
    const prober = new Prober(rememberingLogger());
    const { signal } = new AbortController();
    const outcome = await prober.probe(rules, {
      check,
      target,
      signal,
      timeoutMilliseconds: undefined,
      context: ROOT_CONTEXT,
    });
    expect(outcome).toEqual({ ...refusal, sentence: expect.stringMatching(/^[A-Za-z].*\.$/) });
  });

  it.each([
    ["loopback", "127.0.0.2"],
    ["IPv6 loopback", "::1"],
    ["link-local", "169.254.169.254"],
    ["IPv6 link-local with a zone", "fe80::1%1"],
    ["private", "10.0.0.1"],
    ["IPv6 private", "fd00::1"],
    ["unspecified", "0.0.0.0"],
    ["mapped", "::ffff:127.0.0.2"],
    ["translated", "64:ff9b::127.0.0.2"],
    ["6to4", "2002:7f00:2::"],
  ])("refuses a name that leads to an address that is not listed: %s", async (_, address) => {
    await using server = await startTcpServer();
    const check = new Tcp({ name: "port", host: "own.invalid", port: server.port });
    const resolve = names({ "shop.example": [address] });
    for (const one of [check, new Http({ name: "web", url: `http://own.invalid:${server.port}/` })]) {
      expect(await probe(rulesFor([one]), "shop.example", { resolve })).toEqual({
        refused: "target",
        sentence: "The target's name leads to no address that may be probed.",
      });
    }
    expect(resolve.asked).toEqual(["shop.example", "shop.example"]);
    expect(server.accepted()).toBe(0);
  });

  it("connects to the address that was checked, however the name is pointed elsewhere", async () => {
    await using server = await startHttpTarget((_request, response) => void response.end());
    const resolve = names({ "shop.example": ["127.0.0.1", "127.0.0.2"] });
    const check = new Http({ name: "web", url: `http://own.invalid:${server.port}/` });
    expect(await probe(rulesFor([check]), "shop.example", { resolve })).toMatchObject({ state: "healthy" });
    expect(resolve.asked).toEqual(["shop.example"]);
    expect(server.requests[0]?.headers.host).toBe(`shop.example:${server.port}`);
    // From the second time on the name leads elsewhere, where the same answer would be had.
    expect(await probe(rulesFor([check]), "shop.example", { resolve })).toMatchObject({ refused: "target" });
    expect(server.requests).toHaveLength(1);
  });

  it("looks the address of a redirect up anew, and checks it too", async () => {
    await using server = await startHttpTarget((request, response) => {
      if (request.url === "/") response.writeHead(302, { Location: "/next" }).end();
      else response.end();
    });
    const check = new Http({ name: "web", url: `http://own.invalid:${server.port}/` });
    const steady = names({ "shop.example": ["127.0.0.1"] });
    expect(await probe(rulesFor([check]), "shop.example", { resolve: steady })).toMatchObject({ state: "healthy" });
    const rebinding = names({ "shop.example": ["127.0.0.1", "127.0.0.2"] });
    expect(await probe(rulesFor([check]), "shop.example", { resolve: rebinding })).toMatchObject({
      state: "unhealthy",
      report: { failure: { message: "redirects to a host that may not be probed" } },
    });
    expect(server.requests.map(({ url }) => url)).toEqual(["/", "/next", "/"]);
  });

  it.each([
    ["another address", (port: number) => `http://127.0.0.2:${port}/`],
    ["another way to write it", (port: number) => `http://0x7f000002:${port}/`],
    ["a name that is not listed", (port: number) => `http://localhost:${port}/`],
    ["a metadata service", () => "http://169.254.169.254/latest/meta-data/"],
    ["IPv6", (port: number) => `http://[::1]:${port}/`],
  ])("does not follow a redirect to %s", async (_, location) => {
    await using server = await startHttpTarget((_request, response) => {
      response.writeHead(302, { Location: location(server.port) }).end();
    });
    expect(await probe(rulesFor([web]), server.origin)).toMatchObject({
      state: "unhealthy",
      report: { failure: { message: "redirects to a host that may not be probed" } },
    });
    expect(server.requests).toHaveLength(1);
  });

  it("sends credentials to another target only when it is told to", async () => {
    await using server = await startHttpTarget((_request, response) => void response.end());
    const check = new Http({
      name: "web",
      url: "http://user:s3cret-password@own.invalid/?token=s3cret-token",
      headers: { "X-Key": "s3cret-key", Cookie: "s3cret-cookie", Accept: "text/html" },
      propagate: false,
    });
    const bearer = new Http({ name: "bearer", url: "http://own.invalid/", bearer: "s3cret-bearer" });
    const target = `127.0.0.1:${server.port}`;
    for (const one of [check, bearer]) await probe(rulesFor([one]), target);
    expect(JSON.stringify(server.requests)).not.toContain("s3cret");
    expect(JSON.stringify(server.requests)).not.toContain(Buffer.from("user:s3cret").toString("base64").slice(0, 12));
    expect(server.requests[0]?.headers.accept).toBe("text/html");
    for (const one of [check, bearer]) await probe(rulesFor([one], { sendCredentials: [one.name] }), target);
    expect(server.requests[2]).toMatchObject({ url: "/?token=s3cret-token", headers: { "x-key": "s3cret-key" } });
    expect(server.requests[2]?.headers.authorization).toMatch(/^Basic /);
    expect(server.requests[3]?.headers.authorization).toBe("Bearer s3cret-bearer");
  });

  it("shows its client certificate to another target only when it is told to", async () => {
    const clients: string[] = [];
    const options = { ...certificates.server, ca: certificates.ca, requestCert: true, rejectUnauthorized: false };
    await using server = await startTlsServer(options, (socket) => {
      clients.push(String(socket.getPeerCertificate().subject?.CN));
      socket.end("hello");
    });
    const client = { clientCertificate: certificates.client.cert, clientKey: certificates.client.key };
    const common = { tls: true, ca: certificates.ca, answerContains: "hello", host: "own.invalid", port: server.port };
    const check = new Tcp({ name: "port", ...common, ...client });
    for (const sendCredentials of [[], ["port"]]) {
      expect(await probe(rulesFor([check], { sendCredentials }), "127.0.0.1")).toMatchObject({ state: "healthy" });
    }
    expect(clients).toEqual(["undefined", "healthspan"]);
  });

  it("ends with the scrape that waits for it, or at the check's own time-out", async () => {
    await using server = await startTcpServer();
    const slow = new Http({ name: "slow", url: "http://own.invalid/", timeout: "30s" });
    const target = `127.0.0.1:${server.port}`;
    for (const asking of [{ timeoutMilliseconds: 150 }, { timeoutMilliseconds: 0.2 }]) {
      expect(await probe(rulesFor([slow]), target, asking)).toMatchObject({
        state: "unhealthy",
        report: { failure: { reason: "timeout" } },
      });
    }
    const quick = new Http({ name: "quick", url: "http://own.invalid/", timeout: "120ms" });
    expect(await probe(rulesFor([quick]), target, { timeoutMilliseconds: 30_000 })).toMatchObject({
      report: { failure: { message: "timed out after 120ms" } },
    });
    await vi.waitFor(() => expect(server.sockets.size).toBe(0));
  });

  it("ends the run when nobody waits for it any more", async () => {
    await using server = await startTcpServer();
    const departure = new AbortController();
    const probing = probe(rulesFor([web]), `127.0.0.1:${server.port}`, { signal: departure.signal });
    await vi.waitFor(() => expect(server.sockets.size).toBe(1));
    departure.abort();
    expect(await probing).toMatchObject({ state: "unknown" });
    await vi.waitFor(() => expect(server.sockets.size).toBe(0));
  });

  it("refuses more probes than are to be under way, until one has let go", async () => {
    await using server = await startTcpServer();
    const prober = new Prober(rememberingLogger());
    const rules = rulesFor([web], { concurrency: 2 });
    const departure = new AbortController();
    const asking = { prober, signal: departure.signal };
    const target = `127.0.0.1:${server.port}`;
    const probes = [probe(rules, target, asking), probe(rules, target, asking)];
    await vi.waitFor(() => expect(server.sockets.size).toBe(2));
    expect(await probe(rules, target, asking)).toEqual({
      refused: "concurrency",
      sentence: "2 other probes are under way. Ask again later.",
    });
    departure.abort();
    await Promise.all(probes);
    await vi.waitFor(async () => {
      const { refused } = await probe(rules, "evil.test", { prober });
      expect(refused).toBe("target");
    });
  });

  it("counts a probe as under way while the resolver has not answered", async () => {
    const waiting: (() => void)[] = [];
    const resolve: Resolve = (_hostname, _options, callback) => void waiting.push(() => callback(null, []));
    const prober = new Prober(rememberingLogger(), resolve);
    const rules = rulesFor([web], { concurrency: 1 });
    expect(await probe(rules, "shop.example", { prober, timeoutMilliseconds: 50 })).toMatchObject({
      report: { failure: { reason: "timeout" } },
    });
    for (let turns = 0; turns < 5; turns += 1) await turn(); // By then its code has let go.
    expect(await probe(rules, "shop.example", { prober })).toMatchObject({ refused: "concurrency" });
    for (const answer of waiting) answer();
    await vi.waitFor(async () => {
      expect(await probe(rules, "evil.test", { prober })).toMatchObject({ refused: "target" });
    });
  });
});
