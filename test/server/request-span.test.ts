import { context, INVALID_SPAN_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace } from "@opentelemetry/api";
import { describe, expect, it, vi } from "vitest";
import { HealthMonitor } from "../../src/engine/monitor.ts";
import { ServiceUnavailable } from "../../src/health/errors.ts";
import type { Endpoint } from "../../src/health/report.ts";
import { Secret } from "../../src/health/secret.ts";
import { nothingHere } from "../../src/server/answer.ts";
import { createApplication } from "../../src/server/application.ts";
import type { HealthRequest } from "../../src/server/health-request.ts";
import { RequestTracer } from "../../src/server/request-span.ts";
import { ask } from "../support/ask.ts";
import { fakeCheck } from "../support/checks.ts";
import { rememberingLogger } from "../support/logs.ts";
import { recordTelemetry } from "../support/telemetry.ts";
import { serving } from "./faces.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const spanId = "00f067aa0ba902b7";
const traceparent = `00-${traceId}-${spanId}-01`;
const secret = "s3cret-segment";

function endpoint(path: string, ...checks: string[]): Endpoint {
  return { path, checks, degraded: "fail", failureStatus: 500 };
}

async function start(action: Parameters<typeof fakeCheck>[1] = () => {}, options = {}) {
  const check = fakeCheck({ name: "database", ...options }, action);
  const monitor = new HealthMonitor([check], {
    endpoints: [endpoint("/health/", "database"), endpoint("/secret/", "database"), endpoint("/token/", "database")],
    logger: rememberingLogger(),
  });
  const authentication = new Map([
    ["/secret/", { path: new Secret(secret) }],
    ["/token/", { bearer: new Secret("a token") }],
  ]);
  const server = await serving(createApplication(monitor, { authentication }).callback());
  return { check, monitor, port: server.port, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

it("makes a request the child of its traceparent, and the parent of the runs that it starts", async () => {
  await using server = await start();
  const { spans } = await recordTelemetry(async () => {
    await ask(server.port, "/health/?format=json", { headers: { traceparent, "user-agent": "kube-probe/1.34" } });
  });
  const [run, request] = spans;
  expect(request).toMatchObject({ name: "GET /health/", kind: SpanKind.SERVER, traceId, parentSpanId: spanId });
  expect(request?.status).toEqual({ code: SpanStatusCode.UNSET });
  expect(request?.attributes).toEqual({
    "http.request.method": "GET",
    "http.response.status_code": 200,
    "http.route": "/health/",
    "url.path": "/health/",
    "url.scheme": "http",
    "server.address": "127.0.0.1",
    "server.port": server.port,
    "network.protocol.version": "1.1",
    "client.address": "127.0.0.1",
    "user_agent.original": "kube-probe/1.34",
  });
  expect(run).toMatchObject({ name: "check database", traceId, parentSpanId: request?.spanId });
});

it("is an error when the answer is one of the server's, and not when it is one of the client's", async () => {
  await using server = await start(() => Promise.reject(new ServiceUnavailable("no answer")));
  const { spans } = await recordTelemetry(async () => {
    await ask(server.port, "/health/database");
    await ask(server.port, "/health/?format=none");
    await ask(server.port, "/health/?format=rss");
    await ask(server.port, "/health/", { method: "POST" });
    await ask(server.port, "/health/", { method: "PROPFIND" });
    await ask(server.port, "/token/", { method: "HEAD" });
  });
  const requests = spans.filter(({ kind }) => kind === SpanKind.SERVER);
  expect(
    requests.map(({ name, status, attributes }) => [
      name,
      attributes["http.response.status_code"],
      status.code === SpanStatusCode.ERROR,
      attributes["error.type"],
    ]),
  ).toEqual([
    ["GET /health/database/", 500, true, "500"],
    ["GET /health/", 400, false, undefined],
    ["GET /health/", 200, false, undefined],
    ["POST /health/", 405, false, undefined],
    ["HTTP /health/", 405, false, undefined],
    ["HEAD /token/", 401, false, undefined],
  ]);
  expect(requests[4]?.attributes).toMatchObject({
    "http.request.method": "_OTHER",
    "http.request.method_original": "PROPFIND",
  });
});

it("links to a run that another request has started", async () => {
  let finish = (): void => {};
  await using server = await start(() => new Promise((resolve) => (finish = () => resolve())));
  const { spans } = await recordTelemetry(async () => {
    const first = ask(server.port, "/health/", { headers: { traceparent } });
    await vi.waitFor(() => expect(server.check.runs).toBe(1));
    const second = ask(server.port, "/health/");
    // Its own span has begun when the answer to a third one is there, which waits for nothing.
    await ask(server.port, "/health/", { method: "POST" });
    finish();
    await Promise.all([first, second]);
  });
  const run = spans.find(({ name }) => name === "check database");
  const [first, second] = spans
    .filter(({ name }) => name === "GET /health/")
    .toSorted((a) => (a.traceId === traceId ? -1 : 1));
  expect(server.check.runs).toBe(1);
  expect(run?.parentSpanId).toBe(first?.spanId);
  expect(first?.links).toEqual([]);
  expect(second?.traceId).not.toBe(traceId);
  expect(second?.links).toMatchObject([{ context: { traceId, spanId: run?.spanId } }]);
});

it("leaves out what the request does not say", async () => {
  await using server = await start();
  const { spans } = await recordTelemetry(async () => {
    await ask(server.port, "/health/", { headers: { host: "shop.example" } });
  });
  const attributes = spans.find(({ kind }) => kind === SpanKind.SERVER)?.attributes ?? {};
  expect(attributes).toMatchObject({ "server.address": "shop.example", "url.scheme": "http" });
  for (const name of ["server.port", "user_agent.original", "http.request.method_original", "error.type"]) {
    expect(attributes).not.toHaveProperty(name);
  }
});

describe("within a program that traces its requests itself", () => {
  const request = { incoming: { method: "GET", headers: { traceparent } } } as unknown as HealthRequest;
  const run = { traceId, spanId, traceFlags: TraceFlags.SAMPLED };

  it("makes no span of its own, and links the program's to the runs that it joins, as far as a span has room", async () => {
    const { spans } = await recordTelemetry(async () => {
      const program = trace.getTracer("program").startSpan("GET /");
      context.with(trace.setSpan(context.active(), program), () => {
        new RequestTracer("/health/").trace(request, (span) => {
          expect(trace.getSpan(span.context)).toBe(program);
          span.joined(INVALID_SPAN_CONTEXT);
          for (let count = 0; count < 200; count += 1) span.joined(run);
          return nothingHere;
        });
      });
      expect(program.isRecording()).toBe(true);
      program.end();
    });
    expect(spans.map(({ name }) => name)).toEqual(["GET /"]);
    expect(spans[0]?.links).toHaveLength(128);
    expect(spans[0]?.status.code).toBe(SpanStatusCode.UNSET);
  });
});

it("links to no more runs than a span has room for, and to none that are not traced", async () => {
  const incoming = { method: "GET", headers: {}, socket: {}, httpVersion: "1.1" };
  const request = { incoming, origin: () => "http://localhost" } as unknown as HealthRequest;
  const { spans } = await recordTelemetry(async () => {
    await new RequestTracer("/health/").trace(request, (span) => {
      span.joined(INVALID_SPAN_CONTEXT);
      for (let count = 0; count < 200; count += 1) span.joined({ traceId, spanId, traceFlags: TraceFlags.SAMPLED });
      return Promise.resolve(nothingHere);
    });
  });
  expect(spans[0]?.links).toHaveLength(128);
  expect(spans[0]?.attributes).not.toHaveProperty("client.address");
});

it.each([
  [
    "at once",
    () => {
      throw new Error("x");
    },
  ],
  ["later", () => Promise.reject(new Error("x"))],
])("ends with an error when no answer can be made (%s)", async (_, fail) => {
  const incoming = { method: "GET", headers: {}, socket: {}, httpVersion: "1.1" };
  const request = { incoming, origin: () => "http://localhost" } as unknown as HealthRequest;
  const { spans } = await recordTelemetry(async () => {
    await expect(async () => new RequestTracer("/health/").trace(request, fail)).rejects.toThrow("x");
  });
  expect(spans).toHaveLength(1);
  expect(spans[0]?.attributes["http.response.status_code"]).toBe(500);
  expect(spans[0]?.status.code).toBe(SpanStatusCode.ERROR);
});

it("leaves scheduled runs roots, and answers from memory without a run", async () => {
  const { spans } = await recordTelemetry(async () => {
    await using server = await start(() => {}, { interval: "1m" });
    server.monitor.start();
    await vi.waitFor(() => expect(server.check.runs).toBe(1));
    await ask(server.port, "/health/", { headers: { traceparent } });
    expect(server.check.runs).toBe(1);
    await server.monitor.close();
  });
  expect(spans.map(({ name, parentSpanId }) => [name, parentSpanId])).toEqual([
    ["check database", undefined],
    ["GET /health/", spanId],
  ]);
});

it("is not made for what is no endpoint, and never holds a secret segment", async () => {
  await using server = await start();
  const { spans } = await recordTelemetry(async () => {
    for (const path of ["/livez", "/", "/none", "/secret/", `/secret/${secret}x/`, "/secret/%ff"]) {
      await ask(server.port, path);
    }
    await ask(server.port, `/secret/${secret}/?token=${secret}`);
    await ask(server.port, `/secret/${secret}/database?format=html`);
    await ask(server.port, `/secret/${secret}/${secret}`);
  });
  expect(spans.filter(({ kind }) => kind === SpanKind.SERVER).map(({ name }) => name)).toEqual([
    "GET /secret/",
    "GET /secret/database/",
    "GET /secret/",
  ]);
  expect(JSON.stringify(spans)).not.toContain(secret);
});
