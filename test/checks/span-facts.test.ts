import { createServer as createHttpServer } from "node:http";
import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { describe, expect, it } from "vitest";
import { Dns } from "../../src/checks/dns.ts";
import { Docker } from "../../src/checks/docker.ts";
import { Http } from "../../src/checks/http.ts";
import { Tcp } from "../../src/checks/tcp.ts";
import type { HealthCheck } from "../../src/health/health-check.ts";
import { certificates } from "../support/certificates.ts";
import { startHttpTarget } from "../support/http-target.ts";
import { runCheck } from "../support/run-check.ts";
import { type RecordedSpan, recordTelemetry } from "../support/telemetry.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { startDnsServer, startDnsServerWithTcp } from "../support/throw-away-dns-server.ts";
import { closedPort, startTcpServer } from "../support/throw-away-server.ts";

const { ca, expired, server } = certificates;

/** All spans of a run, and that of the run itself. */
async function spansOf(
  check: HealthCheck,
): Promise<{ readonly spans: readonly RecordedSpan[]; readonly run: RecordedSpan }> {
  const { spans } = await recordTelemetry(async () => void (await runCheck(check)));
  const run = spans.at(-1);
  if (run === undefined) throw new Error("no span was recorded");
  return { spans, run };
}

const certificateFacts = {
  "tls.protocol.name": "tls",
  "tls.protocol.version": "1.3",
  "tls.cipher": expect.stringMatching(/^TLS_AES_/),
  "tls.server.not_after": expect.stringMatching(/^2125-\d\d-\d\dT/),
  "tls.server.subject": expect.stringMatching(/^CN=/),
  "tls.server.issuer": expect.stringMatching(/^CN=/),
  "tls.server.hash.sha256": expect.stringMatching(/^[0-9A-F]{64}$/),
};

describe("the span of a run", () => {
  it("says what HTTP answered, who answered, and by which TLS", async () => {
    await using target = await startHttpTarget((_, response) => void response.end("hello"), server);
    const { spans, run } = await spansOf(new Http({ url: `https://127.0.0.1:${target.port}`, ca }));
    const peer = { "network.peer.address": "127.0.0.1", "network.peer.port": target.port };
    expect(run.attributes).toMatchObject({
      ...peer,
      ...certificateFacts,
      "http.response.status_code": 200,
      "http.response.body.size": 5,
      "network.protocol.version": "1.1",
    });
    expect(run.attributes).not.toHaveProperty("http.request.resend_count");
    const phases = spans.slice(0, -1);
    expect(phases.map(({ name }) => name)).toEqual(["connect", "tls", "first byte", "transfer"]);
    for (const { attributes } of phases) expect(attributes).toEqual(peer);
  });

  it("says the status of an answer that fails it", async () => {
    await using target = await startHttpTarget((_, response) => void response.writeHead(500).end());
    const { run } = await spansOf(new Http({ url: target.origin }));
    expect(run.attributes).toMatchObject({
      "http.response.status_code": 500,
      "http.response.body.size": 0,
      "error.type": "status_code",
    });
  });

  it("says nothing of an answer that did not come, but who refused it", async () => {
    const port = await closedPort();
    const { spans, run } = await spansOf(new Http({ url: `http://127.0.0.1:${port}` }));
    const peer = { "network.peer.address": "127.0.0.1", "network.peer.port": port };
    expect(spans.map(({ name }) => name)).toEqual(["connect", "check Http"]);
    for (const { attributes } of spans) expect(attributes).toMatchObject(peer);
    expect(run.attributes).not.toHaveProperty("http.response.status_code");
  });

  it("counts the redirects that lead to the same origin, and tells of the last answer", async () => {
    await using target = await startHttpTarget(({ url }, response) => {
      if (url === "/") response.end("the end");
      else response.writeHead(302, { Location: url === "/two" ? "/one" : "/" }).end();
    });
    const { spans, run } = await spansOf(new Http({ url: `${target.origin}/two` }));
    expect(run.attributes).toMatchObject({ "http.request.resend_count": 2, "http.response.status_code": 200 });
    expect(spans.filter(({ kind }) => kind === SpanKind.CLIENT)).toEqual([run]);
  });

  it("shows the certificate that has expired", async () => {
    await using target = await startHttpTarget((_, response) => void response.end(), expired);
    const { run } = await spansOf(new Http({ url: `https://localhost:${target.port}`, ca, family: 4 }));
    expect(run.attributes).toMatchObject({
      "error.type": "certificate",
      "tls.protocol.version": "1.3",
      "tls.server.not_after": expect.stringMatching(/^2021-/),
      "network.peer.address": "127.0.0.1",
    });
  });

  it("says what TCP found out", async () => {
    await using target = await startHttpTarget(() => {}, server);
    const { run } = await spansOf(new Tcp({ host: "127.0.0.1", port: target.port, tls: true, ca }));
    expect(run.attributes).toMatchObject({ ...certificateFacts, "network.peer.port": target.port });
  });

  it("has no secret that a server repeats in the name of its certificate, or that is its address", async () => {
    await using target = await startHttpTarget((_, response) => void response.end(), server);
    const url = `https://127.0.0.1:${target.port}`;
    const { run } = await spansOf(new Http({ url, ca }));
    const subject = String(run.attributes["tls.server.subject"]);
    for (const bearer of [subject, "127.0.0.1"]) {
      const { spans } = await spansOf(new Http({ url, ca, bearer, verifyCertificate: false }));
      for (const { attributes } of spans) {
        expect(attributes["tls.server.subject"]).not.toBe(bearer);
        expect(attributes["network.peer.address"]).not.toBe(bearer);
      }
    }
  });

  it("says what is asked of Docker, and by which socket", async () => {
    await using folder = await temporaryFolder({});
    const path = `${folder.path}/docker.sock`;
    const daemon = createHttpServer((_, response) => void response.writeHead(404).end("{}")).listen(path);
    const { run } = await spansOf(new Docker({ container: "shop", host: `unix://${path}` }));
    daemon.close();
    expect(run.attributes).toMatchObject({
      "server.address": path,
      "network.peer.address": path,
      "url.full": "http://localhost/containers/shop/json",
      "http.request.method": "GET",
      "http.response.status_code": 404,
      "http.response.body.size": 2,
    });
    expect(run.attributes).not.toHaveProperty("network.peer.port");
  });
});

describe("the span of a redirect to another origin", () => {
  it("is a CLIENT span of its own, with what that server answered", async () => {
    await using second = await startHttpTarget((_, response) => void response.writeHead(503).end("no"));
    const elsewhere = `http://localhost:${second.port}`;
    await using first = await startHttpTarget(
      (_, response) => void response.writeHead(302, { Location: `${elsewhere}/path?token=hunter2` }).end(),
    );
    const { spans, run } = await spansOf(new Http({ url: first.origin, family: 4 }));
    expect(run).toMatchObject({
      kind: SpanKind.CLIENT,
      attributes: {
        "server.port": first.port,
        "network.peer.port": first.port,
        "http.response.status_code": 302,
        "error.type": "status_code",
      },
    });
    const further = spans.find(({ name }) => name === "GET");
    expect(further).toMatchObject({
      kind: SpanKind.CLIENT,
      parentSpanId: run.spanId,
      status: { code: SpanStatusCode.ERROR, message: "status 503" },
    });
    expect(further?.attributes).toEqual({
      "http.request.method": "GET",
      "http.request.resend_count": 1,
      "http.response.status_code": 503,
      "http.response.body.size": 2,
      "network.protocol.version": "1.1",
      "network.peer.address": "127.0.0.1",
      "network.peer.port": second.port,
      "server.address": "localhost",
      "server.port": second.port,
      "url.full": `${elsewhere}/path`,
      "error.type": "status_code",
    });
    const below = (parent: RecordedSpan | undefined) =>
      spans.filter(({ parentSpanId }) => parentSpanId === parent?.spanId).map(({ name }) => name);
    expect(below(run)).toEqual(["connect", "first byte", "transfer", "GET"]);
    expect(below(further)).toEqual(["dns", "connect", "first byte", "transfer"]);
  });

  it("ends with the run at its time-out, and shows where it was", async () => {
    await using silent = await startTcpServer();
    await using first = await startHttpTarget(
      (_, response) => void response.writeHead(302, { Location: `http://127.0.0.1:${silent.port}/` }).end(),
    );
    const { spans, run } = await spansOf(new Http({ url: first.origin, timeout: "300ms" }));
    const timedOut = { code: SpanStatusCode.ERROR, message: "timed out after 300ms" };
    expect(spans.slice(-3)).toMatchObject([
      { name: "first byte", status: timedOut, attributes: { "network.peer.port": silent.port } },
      { name: "GET", status: timedOut, attributes: { "error.type": "timeout" } },
      { name: "check Http" },
    ]);
    expect(spans.at(-2)?.parentSpanId).toBe(run.spanId);
  });
});

describe("the span of a lookup", () => {
  const dns = (options: object) => new Dns({ hostname: "shop.test", ...options });

  it("says what was asked and answered, and by whom", async () => {
    await using names = await startDnsServer(() => [Buffer.from([192, 0, 2, 1]), Buffer.from([192, 0, 2, 2])]);
    const { run } = await spansOf(dns({ servers: `127.0.0.1:${names.port}` }));
    expect(run.attributes).toMatchObject({
      "dns.question.name": "shop.test",
      "dns.answers": ["192.0.2.1", "192.0.2.2"],
      "network.transport": "udp",
      "network.peer.address": "127.0.0.1",
      "network.peer.port": names.port,
    });
    expect(run.attributes).not.toHaveProperty("health.check.label.hostname");
  });

  it("says that a long answer came over TCP", async () => {
    await using names = await startDnsServerWithTcp((_, __, { transport }) =>
      transport === "udp" ? { truncated: true } : [Buffer.from([192, 0, 2, 1])],
    );
    const { run } = await spansOf(dns({ servers: `127.0.0.1:${names.port}` }));
    expect(run.attributes).toMatchObject({ "network.transport": "tcp", "network.peer.port": names.port });
  });

  it("says what was asked when there is no such name", async () => {
    await using names = await startDnsServer(() => ({ code: 3 }));
    const { run } = await spansOf(dns({ servers: `127.0.0.1:${names.port}` }));
    expect(run.attributes).toMatchObject({ "dns.question.name": "shop.test", "error.type": "dns" });
    expect(run.attributes).not.toHaveProperty("dns.answers");
  });
});
