import { metrics } from "@opentelemetry/api";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { Http } from "../../../src/checks/http.ts";
import { Tcp } from "../../../src/checks/tcp.ts";
import { HealthMonitor } from "../../../src/engine/monitor.ts";
import { Secret } from "../../../src/health/secret.ts";
import { AllowList } from "../../../src/net/probing/allow-list.ts";
import { Network } from "../../../src/net/probing/network.ts";
import { createApplication } from "../../../src/server/application.ts";
import { Prober } from "../../../src/server/prober.ts";
import { metricsRouter } from "../../../src/server/routes/metrics.ts";
import { type Probing, probeRouter } from "../../../src/server/routes/probe.ts";
import { CheckMetricProducer } from "../../../src/telemetry/metrics/check-metric-producer.ts";
import { PrometheusReader } from "../../../src/telemetry/open-metrics/prometheus-reader.ts";
import { ask } from "../../support/ask.ts";
import { startHttpTarget } from "../../support/http-target.ts";
import { itWithService } from "../../support/it-with-service.ts";
import { rememberingLogger } from "../../support/logs.ts";
import { parse, pythonParser } from "../../support/python-parser.ts";
import { recordTelemetry } from "../../support/telemetry.ts";
import { startTcpServer } from "../../support/throw-away-server.ts";
import { serving } from "../faces.ts";

const secret = "s3cret-that-nobody-may-see";

const web = new Http({
  name: "web",
  url: `http://user:${secret}@own.invalid/health?token=${secret}`,
  headers: { "X-Key": secret },
});
const port = new Tcp({ name: "port", host: "own.invalid", port: 1 });

const rules: Probing = {
  checks: new Map([web, port].map((check) => [check.name, check])),
  sendCredentials: new Set(),
  allowList: new AllowList({ hosts: ["*.example"], networks: [Network.parse("127.0.0.1") ?? never()] }),
  concurrency: 10,
};

function never(): never {
  throw new Error("it is a network");
}

/** A server of a probe and of the metrics; `probing` may be changed as by a reload. */
async function start(probing: Probing | undefined = rules) {
  const producer = new CheckMetricProducer();
  const reader = new PrometheusReader({ checks: producer });
  const provider = new MeterProvider({ readers: [reader] });
  metrics.setGlobalMeterProvider(provider);
  const logger = rememberingLogger();
  const monitor = new HealthMonitor([], { observe: producer.observe, logger, endpoints: [] });
  const state: { probing: Probing | undefined } = { probing };
  const server = await serving(
    createApplication(monitor, {
      metrics: () => metricsRouter(reader),
      others: () => [probeRouter(() => state.probing, new Prober(logger))],
    }).callback(),
  );
  return {
    state,
    logger,
    port: server.port,
    probe: (query: string, headers: Readonly<Record<string, string>> = {}) =>
      ask(server.port, `/probe?${query}`, { headers }),
    metrics: async () => (await ask(server.port, "/metrics")).text,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await monitor.close();
      await provider.shutdown();
      metrics.disable();
    },
  };
}

describe("/probe", () => {
  it("answers with the metrics of the run", async () => {
    await using target = await startHttpTarget((_request, response) => void response.end());
    await using server = await start();
    const { status, headers, text } = await server.probe(`check=web&target=${target.origin}/x`);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      "content-type": "text/plain; version=0.0.4; charset=utf-8; escaping=underscores",
      "cache-control": "no-store",
    });
    const labels = `check="web",type="http",url="${target.origin}/x",method="GET"`;
    expect(text.replaceAll(/ \d+\.[\de.-]+$/gm, " TIME")).toBe(`\
# TYPE health_check_status gauge
# HELP health_check_status Whether the check passes: 1 when it is healthy, else 0.
health_check_status{${labels}} 1
# TYPE health_check_state gauge
# HELP health_check_state The check's state: 1 for the one it is in, 0 for the others.
health_check_state{${labels},state="healthy"} 1
health_check_state{${labels},state="degraded"} 0
health_check_state{${labels},state="unhealthy"} 0
health_check_state{${labels},state="unknown"} 0
health_check_state{${labels},state="skipped"} 0
# TYPE health_check_response_time_seconds gauge
# HELP health_check_response_time_seconds How long the check's last run took; not a number before the first.
health_check_response_time_seconds{${labels}} TIME
# TYPE probe_success gauge
# HELP probe_success Whether the target passes: 1 when it is healthy, else 0.
probe_success 1
# TYPE probe_duration_seconds gauge
# HELP probe_duration_seconds How long the probe took.
probe_duration_seconds TIME
# TYPE probe_dns_lookup_time_seconds gauge
# HELP probe_dns_lookup_time_seconds How long the lookup of the target's name took; 0 when the target is an address.
probe_dns_lookup_time_seconds 0
# TYPE probe_ip_protocol gauge
# HELP probe_ip_protocol The version of IP by which the target was reached or tried: 4 or 6; 0 when no address was found.
probe_ip_protocol 4
# TYPE probe_ip_addr_hash gauge
# HELP probe_ip_addr_hash A hash of the target's address, which shows that it has changed; 0 when no address was found.
probe_ip_addr_hash 99635399
# TYPE probe_failed_due_to_regex gauge
# HELP probe_failed_due_to_regex Whether the content of the answer was not what the check expects: 1, else 0. Of http, tcp and ssh.
probe_failed_due_to_regex 0
# TYPE probe_http_duration_seconds gauge
# HELP probe_http_duration_seconds How long each phase of the requests took, redirects included; 0 for one that was not completed. Of http.
probe_http_duration_seconds{phase="resolve"} 0
probe_http_duration_seconds{phase="connect"} TIME
probe_http_duration_seconds{phase="tls"} 0
probe_http_duration_seconds{phase="processing"} TIME
probe_http_duration_seconds{phase="transfer"} TIME
# TYPE probe_http_status_code gauge
# HELP probe_http_status_code The status code of the last answer; 0 without one. Of http.
probe_http_status_code 200
# TYPE probe_http_content_length gauge
# HELP probe_http_content_length The length in bytes that the last answer announced; -1 when it announced none, 0 without an answer. Of http.
probe_http_content_length 0
# TYPE probe_http_uncompressed_body_length gauge
# HELP probe_http_uncompressed_body_length The length in bytes of the last answer's body, as it came; absent when it was not read to its end. Of http.
probe_http_uncompressed_body_length 0
# TYPE probe_http_redirects gauge
# HELP probe_http_redirects How many redirects were followed. Of http.
probe_http_redirects 0
# TYPE probe_http_ssl gauge
# HELP probe_http_ssl Whether the last answer came by TLS: 1, else 0. Of http.
probe_http_ssl 0
# TYPE probe_http_version gauge
# HELP probe_http_version The version of HTTP of the last answer; 0 without one. Of http.
probe_http_version TIME
`);
  });

  it("answers 200 for a target that is down, and says so", async () => {
    await using server = await start();
    const { status, text } = await server.probe("check=port&target=127.0.0.1:1");
    expect(status).toBe(200);
    expect(text).toContain("\nprobe_success 0\n");
    expect(text).toContain('health_check_state{check="port",type="tcp",host="127.0.0.1",port="1",state="unhealthy"} 1');
  });

  itWithService([pythonParser], "answers as Prometheus asks, in what a strict parser accepts", async () => {
    await using server = await start();
    const accept =
      "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
    const { headers, text } = await server.probe("check=port&target=127.0.0.1:1", { Accept: accept });
    expect(headers["content-type"]).toContain("application/openmetrics-text; version=1.0.0");
    const families = await parse("openmetrics", text);
    expect(families.map(({ name }) => name)).toEqual([
      "health_check_status",
      "health_check_state",
      "health_check_response_time_seconds",
      "probe_success",
      "probe_duration_seconds",
      "probe_failure_info",
      "probe_dns_lookup_time_seconds",
      "probe_ip_protocol",
      "probe_ip_addr_hash",
      "probe_failed_due_to_regex",
    ]);
  });

  it.each([
    ["nothing", "", "Name one check"],
    ["no check", "target=127.0.0.1", "Name one check"],
    ["an empty check", "check=&target=127.0.0.1", "Name one check"],
    ["two checks", "check=web&check=port&target=127.0.0.1", "Name one check"],
    ["no target", "check=web", "Name one target"],
    ["two targets", "check=web&target=127.0.0.1&target=127.0.0.1", "Name one target"],
    ["an unknown check", "check=other&target=127.0.0.1", 'No check that may be probed is called "other".'],
    ["a forbidden target", "check=web&target=10.0.0.1", "The target is not among those that may be probed."],
    ["what is no target", "check=web&target=ftp://shop.example", "The target must be a host"],
  ])("refuses %s with 400 and a sentence", async (_, query, sentence) => {
    await using server = await start();
    const { status, headers, text } = await server.probe(query);
    expect(status).toBe(400);
    expect(headers["content-type"]).toBe("text/plain; charset=utf-8");
    expect(text).toContain(sentence);
    expect(text).toMatch(/^.+\.\n$/);
  });

  it("asks for credentials where the configuration does, and takes no other method", async () => {
    await using server = await start({ ...rules, auth: { bearer: new Secret("token") } });
    const refused = await server.probe("check=port&target=127.0.0.1:1");
    expect(refused).toMatchObject({ status: 401, headers: { "www-authenticate": 'Bearer realm="health"' } });
    expect((await server.probe("check=port&target=127.0.0.1:1", { Authorization: "Bearer token" })).status).toBe(200);
    expect((await ask(server.port, "/probe", { method: "POST" })).status).toBe(401);
    expect(await server.metrics()).toContain('healthspan_probes_refused_total{reason="authentication"} 2');
    server.state.probing = rules;
    expect(await ask(server.port, "/probe", { method: "POST" })).toMatchObject({ status: 405 });
    expect(await ask(server.port, "/probe", { method: "OPTIONS" })).toMatchObject({ status: 204 });
    const head = await ask(server.port, "/probe/?check=port&target=127.0.0.1:1", { method: "HEAD" });
    expect(head).toMatchObject({ status: 200, text: "" });
  });

  it("is not there unless it is configured", async () => {
    await using server = await start();
    server.state.probing = undefined;
    expect((await server.probe("check=port&target=127.0.0.1:1")).status).toBe(404);
  });

  it("refuses with 503 what is too much at once", async () => {
    await using silent = await startTcpServer();
    await using server = await start({ ...rules, concurrency: 1 });
    const query = `check=web&target=127.0.0.1:${silent.port}`;
    const first = server.probe(query, { "X-Prometheus-Scrape-Timeout-Seconds": "0.5" });
    await vi.waitFor(() => expect(silent.sockets.size).toBe(1));
    expect(await server.probe(query)).toMatchObject({ status: 503, headers: { "retry-after": "1" } });
    const { status, text } = await first;
    expect(status).toBe(200);
    expect(text).toContain("\nprobe_success 0\n");
    expect(Number(/^probe_duration_seconds (.+)$/m.exec(text)?.[1])).toBeLessThan(0.5);
  });

  it("lets go of the target when whoever asked leaves", async () => {
    await using silent = await startTcpServer();
    // Which gives up by itself long after the test.
    const patient = new Http({ name: "web", url: "http://own.invalid/", timeout: "10m" });
    await using server = await start({ ...rules, checks: new Map([["web", patient]]) });
    const leaving = new AbortController();
    const asking = fetch(`http://127.0.0.1:${server.port}/probe?check=web&target=127.0.0.1:${silent.port}`, {
      signal: leaving.signal,
    });
    await vi.waitFor(() => expect(silent.sockets.size).toBe(1));
    leaving.abort();
    await expect(asking).rejects.toThrow();
    await vi.waitFor(() => expect(silent.sockets.size).toBe(0));
    expect(server.logger.lines).toEqual([]);
  });

  it("leaves nothing in /metrics but counts", async () => {
    await using server = await start();
    const before = await server.metrics();
    expect(before).toContain('healthspan_probes_total{state="healthy"} 0');
    expect(before).toContain('healthspan_probes_refused_total{reason="concurrency"} 0');
    await server.probe("check=port&target=127.0.0.1:1");
    await server.probe("check=port&target=10.0.0.1:1");
    await server.probe("check=other&target=127.0.0.1:1");
    const after = await server.metrics();
    expect(after).toContain('healthspan_probes_total{state="unhealthy"} 1');
    expect(after).toContain('healthspan_probes_refused_total{reason="target"} 1');
    expect(after).toContain('healthspan_probes_refused_total{reason="check"} 1');
    expect(after).not.toContain("127.0.0.1");
    expect(after).not.toContain('check="port"');
  });

  it("makes the run a child of the request", async () => {
    await using server = await start();
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    const { spans } = await recordTelemetry(async () => {
      await server.probe("check=port&target=127.0.0.1:1", { traceparent: `00-${traceId}-b7ad6b7169203331-01` });
    });
    const request = spans.find(({ name }) => name === "GET /probe");
    expect(request).toMatchObject({ traceId, attributes: { "http.response.status_code": 200 } });
    expect(spans.find(({ name }) => name === "check port")).toMatchObject({ traceId, parentSpanId: request?.spanId });
  });

  it("tells no secret, whatever the target answers", async () => {
    await using echo = await startHttpTarget((request, response) => {
      response.writeHead(302, { Location: `http://${secret}.test/${request.headers["x-key"]}` }).end(secret);
    });
    for (const sendCredentials of [new Set<string>(), new Set(["web"])]) {
      await using server = await start({ ...rules, sendCredentials });
      const texts: string[] = [];
      const { spans } = await recordTelemetry(async () => {
        for (const target of [echo.origin, `127.0.0.1:${echo.port}`, "127.0.0.1:1", `http://${secret}@127.0.0.1/`]) {
          const { text, headers } = await server.probe(`check=web&target=${encodeURIComponent(target)}`);
          texts.push(text, JSON.stringify(headers));
        }
      });
      expect(JSON.stringify([texts, spans, server.logger.lines, await server.metrics()])).not.toContain(secret);
    }
    const [withoutCredentials, ...others] = echo.requests.map((request) => JSON.stringify(request));
    expect(withoutCredentials).not.toContain(secret);
    expect(others.at(-1)).toContain(secret);
  });

  it("bears any query", async () => {
    await using server = await start();
    const piece = fc.oneof(
      fc.string({ maxLength: 30 }),
      fc.string({ unit: "binary", maxLength: 30 }),
      fc.ipV4(),
      fc.ipV6(),
      fc.domain(),
      fc.webUrl({ withQueryParameters: true, withFragments: true }),
      fc.constantFrom("web", "port", "__proto__", "127.0.0.1:1", "0", "%", "%00", "[::1]:1", "\u0000", "constructor"),
    );
    const parameter = (name: string) =>
      fc.tuple(piece, fc.boolean()).map(([value, raw]) => {
        const printable = value.replaceAll(/[^\x21-\x7e]|#/g, "");
        return `${name}=${raw ? printable : encodeURIComponent(value.toWellFormed())}`;
      });
    const named = fc.oneof(fc.constantFrom("check=web", "check=port"), parameter("check"));
    const others = fc.array(fc.constantFrom("check", "target", "format", "").chain(parameter), { maxLength: 1 });
    const query = fc.tuple(named, parameter("target"), others).map((parts) => parts.flat().join("&"));
    await fc.assert(
      fc.asyncProperty(query, async (asked) => {
        const { status, text } = await server.probe(asked);
        expect([200, 400]).toContain(status);
        expect(text).not.toContain("undefined");
        if (status === 200) expect(text).toMatch(/^probe_success [01]$/m);
        else expect(text).toMatch(/^.+\.\n$/s);
      }),
      { numRuns: 250 },
    );
    expect(server.logger.lines.filter(({ level }) => level === "error")).toEqual([]);
  }, 20_000);
});
