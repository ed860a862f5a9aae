import Koa from "koa";
import { describe, expect, it, vi } from "vitest";
import { Dns } from "../../../src/checks/dns.ts";
import { Http } from "../../../src/checks/http.ts";
import { Ssh } from "../../../src/checks/ssh.ts";
import { Tcp } from "../../../src/checks/tcp.ts";
import type { HealthCheck } from "../../../src/health/health-check.ts";
import { Secret } from "../../../src/health/secret.ts";
import type { Resolve } from "../../../src/net/name-lookups.ts";
import { AllowList } from "../../../src/net/probing/allow-list.ts";
import { Network } from "../../../src/net/probing/network.ts";
import { Prober } from "../../../src/server/prober.ts";
import { type Probing, probeRouter } from "../../../src/server/routes/probe.ts";
import { ask } from "../../support/ask.ts";
import { certificates } from "../../support/certificates.ts";
import { startHttpTarget } from "../../support/http-target.ts";
import { rememberingLogger } from "../../support/logs.ts";
import { startDnsServer } from "../../support/throw-away-dns-server.ts";
import { closedPort, startTcpServer } from "../../support/throw-away-server.ts";
import { startTlsServer } from "../../support/throw-away-tls-server.ts";
import { serving } from "../faces.ts";

/** `well.example` is this host, at once; `gone.example` does not exist. */
const resolve: Resolve = (hostname, _options, callback) => {
  if (hostname === "well.example") callback(null, [{ address: "127.0.0.1", family: 4 }]);
  else callback(Object.assign(new Error("it is gone"), { code: "ENOTFOUND" }), []);
};

async function start(check: HealthCheck, { auth, sendCredentials = [] }: Partial<Options> = {}) {
  const networks = ["127.0.0.1", "::1"].flatMap((text) => Network.parse(text) ?? []);
  const probing: Probing = {
    checks: new Map([[check.name, check]]),
    sendCredentials: new Set(sendCredentials),
    allowList: new AllowList({ hosts: ["*.example"], networks }),
    concurrency: 10,
    auth,
  };
  const application = new Koa().use(probeRouter(() => probing, new Prober(rememberingLogger(), resolve)).routes());
  const server = await serving(application.callback());
  return {
    /** Every sample but those with the check's labels, as `name{labels}` and value. */
    samples: async (query: string): Promise<Readonly<Record<string, number>>> => {
      const { status, text } = await ask(server.port, `/probe?${query}`);
      expect(status).toBe(200);
      const lines = text.split("\n").filter((line) => line.startsWith("probe_"));
      return Object.fromEntries(lines.map((line) => [line.replace(/ \S+$/, ""), Number(line.split(" ").at(-1))]));
    },
    ask: (query: string, headers: Readonly<Record<string, string>> = {}) =>
      ask(server.port, `/probe?${query}`, { headers }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

interface Options {
  readonly auth: Probing["auth"];
  readonly sendCredentials: readonly string[];
}

const phase = (name: string): string => `probe_http_duration_seconds{phase="${name}"}`;
const phases = ["resolve", "connect", "tls", "processing", "transfer"].map(phase);

/** What the blackbox exporter has of an http module whose target was not reached. */
const unreached = {
  probe_success: 0,
  probe_duration_seconds: expect.any(Number),
  probe_dns_lookup_time_seconds: expect.any(Number),
  probe_ip_protocol: 4,
  probe_ip_addr_hash: expect.any(Number),
  probe_failed_due_to_regex: 0,
  ...Object.fromEntries(phases.map((name) => [name, 0])),
  probe_http_status_code: 0,
  probe_http_content_length: 0,
  probe_http_uncompressed_body_length: 0,
  probe_http_redirects: 0,
  probe_http_ssl: 0,
  probe_http_version: 0,
};

const web = new Http({ name: "web", url: "http://own.invalid/", timeout: "2s" });

describe("/probe, read as the blackbox exporter's", () => {
  it("has the values of an answer, and the time of each phase", async () => {
    await using target = await startHttpTarget((request, response) => {
      if (request.url === "/") response.writeHead(302, { Location: "/moved" }).end("elsewhere");
      else response.writeHead(200, { "Content-Length": 5 }).end("hello");
    });
    await using server = await start(web);
    const samples = await server.samples(`check=web&target=well.example:${target.port}`);
    expect(samples).toEqual({
      ...unreached,
      probe_success: 1,
      ...Object.fromEntries(phases.map((name) => [name, expect.any(Number)])),
      // FNV-1a of ::ffff:127.0.0.1, computed elsewhere.
      probe_ip_addr_hash: 99_635_399,
      probe_http_status_code: 200,
      probe_http_content_length: 5,
      probe_http_uncompressed_body_length: 5,
      probe_http_redirects: 1,
      probe_http_version: 1.1,
    });
    expect(samples[phase("tls")]).toBe(0);
    for (const name of ["connect", "processing"]) expect(samples[phase(name)], name).toBeGreaterThan(0);
    const sum = phases.reduce((total, name) => total + (samples[name] ?? 0), 0);
    expect(sum).toBeLessThanOrEqual(samples.probe_duration_seconds ?? 0);
  });

  it("has the certificate's end and the version of TLS", async () => {
    await using target = await startHttpTarget((_request, response) => void response.end("hi"), certificates.server);
    await using server = await start(new Http({ name: "web", url: "https://own.invalid/", ca: certificates.ca }));
    const samples = await server.samples(`check=web&target=127.0.0.1:${target.port}`);
    expect(samples).toMatchObject({
      probe_success: 1,
      probe_http_ssl: 1,
      'probe_tls_version_info{version="TLS 1.3"}': 1,
    });
    expect(samples.probe_ssl_earliest_cert_expiry).toBeGreaterThan(Date.now() / 1000);
    expect(samples[phase("tls")]).toBeGreaterThan(0);
    expect(samples.probe_dns_lookup_time_seconds).toBe(0);
  });

  it("says that no length was announced, and nothing of a body that it did not read to its end", async () => {
    await using target = await startHttpTarget((_request, response) => void response.end(Buffer.alloc(2000)));
    await using chunked = await startHttpTarget((_request, response) => {
      response.write("in");
      response.end("pieces");
    });
    await using server = await start(new Http({ name: "web", url: "http://own.invalid/", maxBodySize: "1KiB" }));
    expect(await server.samples(`check=web&target=127.0.0.1:${chunked.port}`)).toMatchObject({
      probe_http_content_length: -1,
      probe_http_uncompressed_body_length: 8,
    });
    const samples = await server.samples(`check=web&target=127.0.0.1:${target.port}`);
    expect(samples).toMatchObject({ probe_success: 1, probe_http_content_length: 2000 });
    expect(samples).not.toHaveProperty("probe_http_uncompressed_body_length");
  });

  it("has 0 for everything of an answer that never came, and the reason", async () => {
    await using server = await start(web);
    const refused = await server.samples(`check=web&target=127.0.0.1:${await closedPort()}`);
    expect(refused).toEqual({ ...unreached, 'probe_failure_info{reason="connection_refused"}': 1 });

    const gone = await server.samples("check=web&target=gone.example");
    const noAddress = { probe_ip_protocol: 0, probe_ip_addr_hash: 0 };
    expect(gone).toEqual({ ...unreached, ...noAddress, 'probe_failure_info{reason="dns"}': 1 });

    await using silent = await startTcpServer();
    await using impatient = await start(new Http({ name: "web", url: "http://own.invalid/", timeout: "300ms" }));
    const late = await impatient.samples(`check=web&target=well.example:${silent.port}`);
    const reached = { [phase("connect")]: expect.any(Number), [phase("resolve")]: expect.any(Number) };
    expect(late).toEqual({ ...unreached, ...reached, 'probe_failure_info{reason="timeout"}': 1 });
    expect(late[phase("connect")]).toBeGreaterThan(0);
  });

  it("has the answer that was not the right one, and says when its content was not", async () => {
    await using target = await startHttpTarget((request, response) => {
      response.writeHead(request.url === "/" ? 200 : 503).end("nothing to see");
    });
    await using server = await start(new Http({ name: "web", url: "http://own.invalid/", bodyContains: "Welcome" }));
    expect(await server.samples(`check=web&target=127.0.0.1:${target.port}`)).toMatchObject({
      probe_success: 0,
      probe_failed_due_to_regex: 1,
      probe_http_status_code: 200,
      'probe_failure_info{reason="assertion"}': 1,
    });
    expect(await server.samples(`check=web&target=${target.origin}/ill`)).toMatchObject({
      probe_success: 0,
      probe_failed_due_to_regex: 0,
      probe_http_status_code: 503,
      'probe_failure_info{reason="status_code"}': 1,
    });
  });

  it("has no status of an earlier answer when a redirect led to nowhere", async () => {
    const nowhere = await closedPort();
    await using target = await startHttpTarget((_request, response) => {
      response.writeHead(302, { Location: `http://127.0.0.1:${nowhere}/` }).end();
    });
    await using server = await start(web);
    expect(await server.samples(`check=web&target=127.0.0.1:${target.port}`)).toMatchObject({
      probe_success: 0,
      probe_http_status_code: 0,
      probe_http_redirects: 1,
    });
  });

  const ofTcp = {
    probe_success: 1,
    probe_duration_seconds: expect.any(Number),
    probe_dns_lookup_time_seconds: expect.any(Number),
    probe_ip_protocol: 4,
    probe_ip_addr_hash: expect.any(Number),
    probe_failed_due_to_regex: 0,
  };

  it("has what the tcp module has of tcp and ssh, and nothing of http", async () => {
    await using target = await startTcpServer((socket) => void socket.write("220 well\r\n"));
    await using server = await start(new Tcp({ name: "port", host: "own.invalid", port: 1, answerContains: "220 " }));
    expect(await server.samples(`check=port&target=127.0.0.1:${target.port}`)).toEqual(ofTcp);
    await using strict = await start(
      new Tcp({ name: "port", host: "own.invalid", port: 1, answerContains: "OK", timeout: "500ms" }),
    );
    expect(await strict.samples(`check=port&target=127.0.0.1:${target.port}`)).toEqual({
      ...ofTcp,
      probe_success: 0,
      probe_failed_due_to_regex: 1,
      'probe_failure_info{reason="assertion"}': 1,
    });
    await using ssh = await start(new Ssh({ name: "git", host: "own.invalid" }));
    expect(await ssh.samples(`check=git&target=127.0.0.1:${await closedPort()}`)).toEqual({
      ...ofTcp,
      probe_success: 0,
      'probe_failure_info{reason="connection_refused"}': 1,
    });
  });

  it("has the certificate of tcp with TLS", async () => {
    await using target = await startTlsServer(certificates.server);
    await using server = await start(
      new Tcp({ name: "port", host: "own.invalid", port: 1, tls: true, ca: certificates.ca }),
    );
    const samples = await server.samples(`check=port&target=127.0.0.1:${target.port}`);
    expect(samples).toMatchObject({ probe_success: 1, 'probe_tls_version_info{version="TLS 1.3"}': 1 });
    expect(samples.probe_ssl_earliest_cert_expiry).toBeGreaterThan(Date.now() / 1000);
  });

  it.each(["check", "module"])("takes the check's name as %s", async (parameter) => {
    await using target = await startTcpServer();
    await using server = await start(new Tcp({ name: "port", host: "own.invalid", port: 1 }));
    expect((await server.samples(`${parameter}=port&target=127.0.0.1:${target.port}`)).probe_success).toBe(1);
    const both = await server.ask(`module=port&check=port&target=127.0.0.1:${target.port}`);
    expect(both).toMatchObject({ status: 400, text: expect.stringContaining("Name one check") });
  });
});

describe("/probe of dns", () => {
  const question = { name: "resolver", hostname: "shop.test", probeTarget: "server", timeout: "1500ms" } as const;
  const ofDns = {
    probe_success: 1,
    probe_duration_seconds: expect.any(Number),
    probe_dns_lookup_time_seconds: expect.any(Number),
    probe_ip_protocol: 4,
    probe_ip_addr_hash: expect.any(Number),
    'probe_dns_duration_seconds{phase="resolve"}': expect.any(Number),
    'probe_dns_duration_seconds{phase="connect"}': 0,
    'probe_dns_duration_seconds{phase="request"}': expect.any(Number),
  };

  it("asks the target for the name of the check, when the target is the server", async () => {
    const asked: string[] = [];
    await using name = await startDnsServer((hostname, type) => {
      asked.push(`${type} ${hostname}`);
      return [Buffer.from([192, 0, 2, 1])];
    });
    await using server = await start(new Dns({ ...question, servers: "192.0.2.53", expected: "192.0.2.1" }));
    for (const host of ["127.0.0.1", "well.example"]) {
      const samples = await server.samples(`module=resolver&target=${host}:${name.port}`);
      expect(samples).toEqual(ofDns);
      expect(samples['probe_dns_duration_seconds{phase="request"}']).toBeGreaterThan(0);
    }
    expect(asked).toEqual(["A shop.test", "A shop.test"]);
    const { text } = await server.ask(`module=resolver&target=127.0.0.1:${name.port}`);
    expect(text).toContain(`hostname="shop.test",recordType="A",servers="127.0.0.1:${name.port}"`);
  });

  it("tells a server that is silent, one that has no address, and one that may not be asked", async () => {
    await using silent = await startDnsServer(() => undefined);
    await using server = await start(new Dns(question));
    const target = `127.0.0.1:${silent.port}`;
    expect(await server.samples(`module=resolver&target=${target}`)).toEqual({
      ...ofDns,
      probe_success: 0,
      'probe_failure_info{reason="timeout"}': 1,
    });
    expect((await server.ask(`module=resolver&debug=true&target=${target}`)).text).toContain(
      `unhealthy (timeout): Unavailable: the name server ${target} did not answer in time`,
    );
    const { text } = await server.ask("module=resolver&debug=true&target=gone.example");
    expect(text).toContain("unhealthy (dns): Unavailable: the address of the name server gone.example was not found");
    expect(text).toContain("\nprobe_ip_protocol 0\n");
    for (const refused of ["192.0.2.53", "other.test", "http://127.0.0.1", "2001:db8::53"]) {
      expect((await server.ask(`module=resolver&target=${encodeURIComponent(refused)}`)).status, refused).toBe(400);
    }
  });

  it("looks the target up as before, when the check says nothing else", async () => {
    const asked: string[] = [];
    await using name = await startDnsServer((hostname) => {
      asked.push(hostname);
      return [Buffer.from([192, 0, 2, 1])];
    });
    await using server = await start(
      new Dns({ name: "name", hostname: "own.test", servers: `127.0.0.1:${name.port}` }),
    );
    const samples = await server.samples("check=name&target=well.example");
    expect(Object.keys(samples)).toEqual(["probe_success", "probe_duration_seconds", "probe_dns_lookup_time_seconds"]);
    expect(samples.probe_dns_lookup_time_seconds).toBeGreaterThan(0);
    expect(asked).toEqual(["well.example"]);
  });
});

describe("/probe with debug=true", () => {
  it("tells what was asked, the way with its times and addresses, the answer, what is wrong, and the metrics", async () => {
    await using target = await startHttpTarget(
      (_request, response) => void response.writeHead(503, { "Content-Length": 3 }).end("ill"),
    );
    await using server = await start(web);
    const { status, headers, text } = await server.ask(`check=web&debug=true&target=well.example:${target.port}`);
    expect(status).toBe(200);
    expect(headers["content-type"]).toBe("text/plain; charset=utf-8");
    const [told = "", metrics] = text.split("\nMetrics:\n");
    expect(told.replaceAll(/\d+\.\d{3} s/g, "TIME").replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "MOMENT")).toBe(`\
The probe "web" (http), begun at MOMENT, with a time-out of 2 s
  url: http://well.example:${target.port}/
  method: GET

What happened:
  TIME  speaking http
  TIME  request: GET
  TIME  looking up the name
  TIME  found 127.0.0.1
  TIME  done
  TIME  connecting
  TIME  trying 127.0.0.1:${target.port}
  TIME  connected to 127.0.0.1:${target.port}
  TIME  done
  TIME  waiting for the answer
  TIME  done
  TIME  reading the answer
  TIME  done
  TIME  answer: status 503, HTTP/1.1, 3 bytes announced, 3 bytes of body read
  TIME  ended

Result: unhealthy (status_code): Unexpected Result: status 503, expected 2xx
`);
    expect(metrics).toContain("\nprobe_http_status_code 503\n");
    expect(metrics).toContain('\nprobe_failure_info{reason="status_code"} 1\n');
  });

  it("shows where it still was when the time was over", async () => {
    await using silent = await startTcpServer();
    await using server = await start(
      new Tcp({ name: "port", host: "own.invalid", port: 1, answerContains: "220 ", timeout: "200ms" }),
    );
    const { text } = await server.ask(`check=port&debug=true&target=127.0.0.1:${silent.port}`);
    expect(text).toMatch(/ waiting for the answer\n(?:.* failed: timed out after 200ms\n)?.* ended\n/);
    expect(text).toContain("Result: unhealthy (timeout): Unavailable: timed out after 200ms");
  });

  it("asks for the same credentials as the probe, and refuses the same", async () => {
    await using server = await start(web, { auth: { bearer: new Secret("token") } });
    const query = "check=web&debug=true&target=10.0.0.1";
    expect((await server.ask(query)).status).toBe(401);
    expect(await server.ask(query, { Authorization: "Bearer token" })).toMatchObject({
      status: 400,
      text: "The target is not among those that may be probed.\n",
    });
  });

  it("tells no secret of the check, whatever the target answers", async () => {
    const secret = "s3cret-that-nobody-may-see";
    await using target = await startHttpTarget((request, response) => {
      const { "x-key": key, authorization } = request.headers;
      response.writeHead(302, { Location: `http://${secret}.example/${key}?${authorization}` }).end(secret);
    });
    const options = {
      name: "web",
      url: `http://user:${secret}@own.invalid/?token=${secret}`,
      headers: { "X-Key": secret },
    };
    for (const sendCredentials of [[], ["web"]]) {
      await using server = await start(new Http({ ...options, timeout: "1s" }), { sendCredentials });
      const { text } = await server.ask(`check=web&debug=true&target=127.0.0.1:${target.port}`);
      expect(text).toContain("answer: status 302");
      expect(text).not.toContain(secret);
      expect(text).not.toContain(Buffer.from(`user:${secret}`).toString("base64"));
    }
    await vi.waitFor(() => expect(target.requests).toHaveLength(2));
  });
});
