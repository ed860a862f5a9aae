import { context, propagation, ROOT_CONTEXT, SpanKind, trace } from "@opentelemetry/api";
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from "@opentelemetry/core";
import { NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Http } from "../../../src/checks/http.ts";
import { HealthMonitor } from "../../../src/engine/monitor.ts";
import { createApplication } from "../../../src/server/application.ts";
import { healthHandler } from "../../../src/server/handler.ts";
import { parentOfRun } from "../../../src/telemetry/traces/parent-of-run.ts";
import { serving } from "../../server/faces.ts";
import { ask } from "../../support/ask.ts";
import { startHttpTarget } from "../../support/http-target.ts";
import { rememberingLogger } from "../../support/logs.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const caller = {
  traceparent: `00-${traceId}-00f067aa0ba902b7-01`,
  tracestate: "vendor=secret",
  baggage: "user=secret",
};

// As a program that embeds the library may have it.
beforeAll(() => {
  new NodeTracerProvider().register({
    propagator: new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] }),
  });
});
afterAll(() => {
  for (const global of [trace, propagation, context]) global.disable();
});

describe("a target gets nothing of a caller but the trace", () => {
  it("who asks the server", async () => {
    await using target = await startHttpTarget((_, response) => response.end());
    const monitor = new HealthMonitor([new Http({ url: target.origin })], { logger: rememberingLogger() });
    await using server = await serving(createApplication(monitor).callback());
    expect((await ask(server.port, "/health/", { headers: caller })).status).toBe(200);
    expect(target.requests.map(({ headers }) => headers)).toEqual([
      expect.objectContaining({ traceparent: expect.stringContaining(traceId) }),
    ]);
    expect(JSON.stringify(target.requests[0]?.headers)).not.toMatch(/secret|baggage|tracestate/);
    await monitor.close();
  });

  it("whose span is active in the program that embeds the library", async () => {
    await using target = await startHttpTarget((_, response) => response.end());
    const monitor = new HealthMonitor([new Http({ url: target.origin })], { logger: rememberingLogger() });
    const extracted = propagation.extract(ROOT_CONTEXT, caller);
    const span = trace.getTracer("host").startSpan("request", { kind: SpanKind.SERVER }, extracted);
    await using server = await serving((request, response) => {
      context.with(trace.setSpan(extracted, span), () => void healthHandler(monitor)(request, response));
    });
    expect((await ask(server.port, "/health/")).status).toBe(200);
    expect(target.requests[0]?.headers.traceparent).toContain(traceId);
    expect(JSON.stringify(target.requests[0]?.headers)).not.toMatch(/secret|baggage|tracestate/);
    await monitor.close();
  });

  it("and the origin to which it redirects gets not even that", async () => {
    await using elsewhere = await startHttpTarget((_, response) => response.end());
    await using target = await startHttpTarget(({ url }, response) =>
      response.writeHead(302, { Location: url === "/" ? "/again" : elsewhere.origin }).end(),
    );
    const monitor = new HealthMonitor([new Http({ url: target.origin })], { logger: rememberingLogger() });
    const report = await monitor.report();
    expect(report.passes).toBe(true);
    expect(target.requests.map(({ headers }) => "traceparent" in headers)).toEqual([true, true]);
    expect(elsewhere.requests.map(({ headers }) => "traceparent" in headers)).toEqual([false]);
    await monitor.close();
  });
});

it("is the caller's own context when there is nothing to leave out", () => {
  const { traceparent } = caller;
  for (const parent of [ROOT_CONTEXT, propagation.extract(ROOT_CONTEXT, { traceparent })]) {
    expect(parentOfRun(parent)).toBe(parent);
  }
});
