import { connect } from "node:net";
import { describe, expect, it, vi } from "vitest";
import { HealthMonitor } from "../../../src/engine/monitor.ts";
import { Secret } from "../../../src/health/secret.ts";
import { createApplication } from "../../../src/server/application.ts";
import { type MetricsRouterOptions, metricsRouter } from "../../../src/server/routes/metrics.ts";
import type { PrometheusReader } from "../../../src/telemetry/open-metrics/prometheus-reader.ts";
import { ScrapeError } from "../../../src/telemetry/open-metrics/scrape-error.ts";
import { ask } from "../../support/ask.ts";
import { rememberingLogger } from "../../support/logs.ts";
import { serving } from "../faces.ts";

type Scrape = PrometheusReader["scrape"];

const openMetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores";
const textType = "text/plain; version=0.0.4; charset=utf-8; escaping=underscores";

const protobufType =
  "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=underscores";

const expositions: Readonly<Record<string, string>> = {
  [openMetricsType]: "openmetrics",
  "application/openmetrics-text; version=2.0.0; charset=utf-8": "openmetrics2",
  [protobufType]: "protobuf",
  [textType]: "prometheus",
};

describe("metricsRouter", () => {
  it.each([
    [
      "Prometheus 3.5",
      "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
      openMetricsType,
    ],
    [
      "Prometheus 3.5 with native histograms",
      "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
      protobufType,
    ],
    [
      "who prefers a text to protobuf",
      "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.4,text/plain;version=0.0.4;q=0.5",
      textType,
    ],
    [
      "who wants another message in protobuf",
      "application/vnd.google.protobuf;proto=io.prometheus.write.v2.Request;encoding=delimited,text/plain;q=0.1",
      textType,
    ],
    [
      "who wants protobuf as text",
      "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text,text/plain;q=0.1",
      textType,
    ],
    ["who takes any application", "application/*", openMetricsType],
    [
      "OpenMetrics 2.0",
      "application/openmetrics-text;version=2.0.0,application/openmetrics-text;version=1.0.0;q=0.8,*/*;q=0.1",
      "application/openmetrics-text; version=2.0.0; charset=utf-8",
    ],
    [
      "Prometheus 2.45",
      "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
      openMetricsType,
    ],
    [
      "Prometheus 2.5",
      "application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
      textType,
    ],
    ["VictoriaMetrics", "text/plain;version=0.0.4;q=1,*/*;q=0.1", textType],
    ["a browser", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", textType],
    ["curl", "*/*", textType],
    ["OpenMetrics of any version", "application/openmetrics-text", openMetricsType],
    ["who wants something else", "application/json", textType],
    ["who wants nothing", "*/*;q=0", textType],
    ["nonsense", ";;;,", textType],
  ])("answers %s", async (_, accept, contentType) => {
    await using server = await start();
    const { status, headers, text } = await ask(server.port, "/metrics", { headers: { Accept: accept } });
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      "content-type": contentType,
      vary: "Accept, Accept-Encoding",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    });
    expect(headers["content-encoding"]).toBeUndefined();
    expect(text).toBe(`${expositions[contentType]} 1\n`);
  });

  it("answers without an Accept header, with a final slash, and to HEAD", async () => {
    await using server = await start();
    expect(await ask(server.port, "/metrics/")).toMatchObject({ status: 200, text: "prometheus 1\n" });
    const head = await ask(server.port, "/metrics", { method: "HEAD" });
    expect(head).toMatchObject({ status: 200, headers: { "content-type": textType }, text: "" });
    expect((await ask(server.port, "/metrics/other")).status).toBe(404);
    expect((await ask(server.port, "/Metrics")).status).toBe(404);
  });

  it.each([
    ["gzip", "gzip"],
    ["gzip, deflate, br, zstd", "gzip"],
    ["*", "gzip"],
    ["br", undefined],
    ["gzip;q=0", undefined],
    ["identity, gzip;q=0.5", undefined],
  ])("sends to whom reads %s what is encoded as %s", async (accepted, encoding) => {
    await using server = await start();
    const headers = { "Accept-Encoding": accepted };
    const response = await fetch(`http://127.0.0.1:${server.port}/metrics`, { headers });
    expect(response.headers.get("content-encoding") ?? undefined).toBe(encoding);
    expect(await response.text()).toBe("prometheus 1\n");
    expect((await ask(server.port, "/metrics", { method: "HEAD", headers })).headers["content-encoding"]).toBe(
      encoding,
    );
  });

  it("tells which methods there are", async () => {
    await using server = await start();
    const allow = "GET, HEAD, OPTIONS";
    expect(await ask(server.port, "/metrics", { method: "OPTIONS" })).toMatchObject({
      status: 204,
      headers: { allow },
    });
    for (const method of ["POST", "PUT", "DELETE", "PATCH"]) {
      const answer = await ask(server.port, "/metrics", { method });
      expect(answer).toMatchObject({ status: 405, headers: { allow }, text: "Ask with GET or HEAD.\n" });
    }
  });

  it.each([
    ["bearer", { bearer: new Secret("token") }, "Bearer token", 'Bearer realm="health"'],
    [
      "basic",
      { basic: { username: "u", password: new Secret("p") } },
      `Basic ${btoa("u:p")}`,
      'Basic realm="health", charset="UTF-8"',
    ],
  ])("asks for %s credentials when told to", async (_, authentication, authorization, challenge) => {
    await using server = await start({ authentication });
    const refused = await ask(server.port, "/metrics");
    expect(refused).toMatchObject({ status: 401, headers: { "www-authenticate": challenge } });
    expect(refused.text).toBe("The metrics ask for credentials.\n");
    expect(
      (await ask(server.port, "/metrics", { headers: { Authorization: authorization.toUpperCase() } })).status,
    ).toBe(401);
    const headers = { Authorization: authorization };
    expect(await ask(server.port, "/metrics", { headers })).toMatchObject({ status: 200, text: "prometheus 1\n" });
  });

  it("asks for the credentials that count now", async () => {
    let token = "one";
    await using server = await start({
      get authentication() {
        return { bearer: new Secret(token) };
      },
    });
    const statusWith = async (given: string) =>
      (await ask(server.port, "/metrics", { headers: { Authorization: `Bearer ${given}` } })).status;
    expect(await statusWith("one")).toBe(200);
    token = "two";
    expect(await statusWith("one")).toBe(401);
    expect(await statusWith("two")).toBe(200);
  });

  it("is served under a secret path alone when told to, and names it in no route", async () => {
    const options = { authentication: { path: new Secret("s3 cret") }, path: "/prom" };
    await using server = await start(options);
    expect((await ask(server.port, "/prom/s3%20cret")).status).toBe(200);
    expect((await ask(server.port, "/prom/s3%20cret/")).status).toBe(200);
    for (const path of ["/prom", "/prom/", "/prom/other", "/metrics"]) {
      expect(await ask(server.port, path)).toMatchObject({ status: 404, text: "Nothing is served here.\n" });
    }
    const routes = metricsRouter({ scrape: always("x") }, options).stack.map(({ path }) => path);
    expect(routes.join()).not.toContain("s3");
  });

  it("lets a collection take as long as Prometheus waits", async () => {
    const scrape = vi.fn(always("x 1\n"));
    await using server = await start({}, scrape);
    await ask(server.port, "/metrics", { headers: { "X-Prometheus-Scrape-Timeout-Seconds": "3.000000" } });
    await ask(server.port, "/metrics");
    expect(scrape.mock.calls.map(([, options]) => options.timeoutMillis)).toEqual([2700, 9500]);
  });

  it("answers 500 when a collection fails, never with less than there is", async () => {
    const logger = rememberingLogger();
    const failing: Scrape = () => Promise.reject(new ScrapeError([new Error("no such sensor")]));
    await using server = await start({}, failing, logger);
    const inProtobuf = { headers: { Accept: protobufType, "Accept-Encoding": "gzip" } };
    const { status, headers, text } = await ask(server.port, "/metrics", inProtobuf);
    expect({ status, text }).toEqual({
      status: 500,
      text: "The metrics could not be collected. The server's log tells why.\n",
    });
    expect(headers["content-type"]).toBe("text/plain; charset=utf-8");
    expect(headers["content-encoding"]).toBeUndefined();
    expect((await ask(server.port, "/metrics", { method: "HEAD" })).status).toBe(500);
    expect(JSON.stringify(logger.lines)).toContain("no such sensor");
  });

  it.each(["identity", "gzip"])("cuts the answer off when writing fails (%s), and logs it", async (encoding) => {
    const logger = rememberingLogger();
    async function* breaking(): AsyncGenerator<string, void> {
      yield "x 1\n".repeat(50_000);
      throw new Error("out of ink");
    }
    await using server = await start({}, async () => breaking(), logger);
    await expect(ask(server.port, "/metrics", { headers: { "Accept-Encoding": encoding } })).rejects.toThrow();
    await vi.waitFor(() => expect(JSON.stringify(logger.lines)).toContain("out of ink"));
    expect(logger.lines).toHaveLength(1);
  });

  it.each(["identity", "gzip"])("stops when the client goes away (%s), and leaves nothing behind", async (encoding) => {
    const logger = rememberingLogger();
    let open = 0;
    async function* endless(): AsyncGenerator<string, void> {
      open += 1;
      try {
        for (;;) yield `x{y="${Math.random()}"} 1\n`.repeat(1000);
      } finally {
        open -= 1;
      }
    }
    await using server = await start({}, async () => endless(), logger);
    const sockets = Array.from({ length: 40 }, () => {
      const socket = connect(server.port, "127.0.0.1");
      socket.on("error", () => {}); // It is cut off on purpose.
      socket.write(`GET /metrics HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: ${encoding}\r\n\r\n`);
      socket.pause();
      return socket;
    });
    await vi.waitFor(() => expect(open).toBe(40));
    const refused = await ask(server.port, "/metrics");
    expect(refused).toMatchObject({ status: 503, text: "40 others are being answered. Ask again later.\n" });
    for (const socket of sockets) socket.resetAndDestroy();
    await vi.waitFor(async () => expect(await server.connections()).toBe(0));
    await vi.waitFor(() => expect(open).toBe(0));
    expect((await ask(server.port, "/metrics", { method: "HEAD" })).status).toBe(200);
    expect(logger.lines).toEqual([]);
  });

  it("answers who reads although others hold every place and read nothing", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    try {
      let open = 0;
      async function* endless(): AsyncGenerator<string, void> {
        open += 1;
        for (;;) yield "x 1\n".repeat(10_000);
      }
      let asked = 0;
      await using server = await start({}, async () => (asked++ < 40 ? endless() : chunk("x 1\n")));
      const sockets = Array.from({ length: 40 }, () => {
        const socket = connect(server.port, "127.0.0.1");
        socket.on("error", () => {}); // It is cut off.
        socket.write("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
        return socket.pause();
      });
      while (open < 40) await new Promise((resolve) => setImmediate(resolve));
      expect((await ask(server.port, "/metrics")).status).toBe(503);
      vi.advanceTimersByTime(5000);
      for (let count = 0; count < 3; count += 1) expect((await ask(server.port, "/metrics")).text).toBe("x 1\n");
      for (const socket of sockets) socket.destroy();
    } finally {
      vi.useRealTimers();
    }
  });

  it("refuses who comes while every place is taken by an answer that is still being made", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    try {
      const collection = Promise.withResolvers<void>();
      const scrape = vi.fn(async () => {
        await collection.promise;
        return chunk("x 1\n");
      });
      await using server = await start({}, scrape);
      const waiting = Array.from({ length: 40 }, () => ask(server.port, "/metrics"));
      while (scrape.mock.calls.length < 40) await new Promise((resolve) => setImmediate(resolve));
      vi.advanceTimersByTime(5000);
      expect((await ask(server.port, "/metrics")).status).toBe(503);
      collection.resolve();
      expect(new Set((await Promise.all(waiting)).map(({ text }) => text))).toEqual(new Set(["x 1\n"]));
    } finally {
      vi.useRealTimers();
    }
  });

  it("does not write for a client that went away during the collection", async () => {
    let written = 0;
    async function* writing(): AsyncGenerator<string, void> {
      written += 1;
      yield "x 1\n";
    }
    const collection = Promise.withResolvers<void>();
    const scrape = vi.fn(async () => {
      await collection.promise;
      return writing();
    });
    await using server = await start({}, scrape);
    const socket = connect(server.port, "127.0.0.1");
    socket.write("GET /metrics HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n");
    await vi.waitFor(() => expect(scrape).toHaveBeenCalled());
    socket.destroy();
    await vi.waitFor(async () => expect(await server.connections()).toBe(0));
    collection.resolve();
    expect((await ask(server.port, "/metrics")).text).toBe("x 1\n");
    expect(written).toBe(1);
  });

  it("gives up a client that does not read", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      let ended = false;
      async function* endless(): AsyncGenerator<string, void> {
        try {
          for (;;) yield "x 1\n".repeat(10_000);
        } finally {
          ended = true;
        }
      }
      await using server = await start({}, async () => endless());
      const socket = connect(server.port, "127.0.0.1");
      socket.on("error", () => {}); // It is cut off.
      socket.write("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
      socket.once("data", () => socket.pause());
      while (socket.isPaused() === false) await new Promise((resolve) => setImmediate(resolve));
      expect(ended).toBe(false);
      vi.advanceTimersByTime(60_000);
      while (!ended) await new Promise((resolve) => setImmediate(resolve));
      socket.destroy();
    } finally {
      vi.useRealTimers();
    }
  });
});

function start(options: MetricsRouterOptions = {}, scrape: Scrape = exposition, logger = rememberingLogger()) {
  const monitor = new HealthMonitor([], { endpoints: [], logger });
  return serving(createApplication(monitor, { metrics: () => metricsRouter({ scrape }, options) }).callback());
}

/** A scrape that says what it was asked for. */
const exposition: Scrape = async (wanted) => chunk(`${wanted} 1\n`);

function always(text: string): Scrape {
  return async () => chunk(text);
}

async function* chunk(text: string): AsyncGenerator<string, void> {
  yield text;
}
