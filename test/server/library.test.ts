import { context, metrics, type Span, SpanKind, trace } from "@opentelemetry/api";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import express from "express";
import Koa from "koa";
import { describe, expect, it, vi } from "vitest";
import { HealthMonitor, healthHandler, healthRouter } from "../../src/index.ts";
import { ask } from "../support/ask.ts";
import { fakeCheck } from "../support/checks.ts";
import { rememberingLogger } from "../support/logs.ts";
import { recordTelemetry } from "../support/telemetry.ts";
import { serving } from "./faces.ts";

/** What a program's own instrumentation does: a span for each request, active while it is answered. */
function traced<Result>(answer: (span: Span) => Result): Result {
  const span = trace.getTracer("host").startSpan("host request", { kind: SpanKind.SERVER });
  return context.with(trace.setSpan(context.active(), span), answer, undefined, span);
}

const hosts = {
  "node:http": (monitor: HealthMonitor) => {
    const health = healthHandler(monitor);
    return serving((request, response) => {
      traced((span) => {
        response.once("finish", () => span.end());
        health(request, response);
      });
    });
  },
  Express: (monitor: HealthMonitor) => {
    const application = express();
    application.use((_request, response, next) => {
      traced((span) => {
        response.once("finish", () => span.end());
        next();
      });
    });
    application.use("/internal", healthHandler(monitor));
    return serving(application as Parameters<typeof serving>[0]); // Its type has only an overload of it.
  },
  Koa: (monitor: HealthMonitor) => {
    const application = new Koa();
    application.use((_ctx, next) =>
      traced(async (span) => {
        await next();
        span.end();
      }),
    );
    application.use(healthRouter(monitor).prefix("/internal").routes());
    return serving(application.callback());
  },
};

describe.each(Object.entries(hosts))("in a %s program with its own OpenTelemetry SDK", (name, host) => {
  const path = name === "node:http" ? "/health/" : "/internal/health/";

  it("makes its runs children of the program's spans, and no request spans of its own", async () => {
    const check = fakeCheck({ name: "database" });
    const monitor = new HealthMonitor([check], { logger: rememberingLogger() });
    const { spans } = await recordTelemetry(async () => {
      await using server = await host(monitor);
      expect((await ask(server.port, path)).status).toBe(200);
    });
    const request = spans.find((span) => span.name === "host request");
    const run = spans.find((span) => span.name === "check database");
    expect(spans).toHaveLength(2);
    expect(run).toMatchObject({ traceId: request?.traceId, parentSpanId: request?.spanId });
  });

  it("links the program's span to a run that another request has started", async () => {
    let finish = (): void => {};
    const check = fakeCheck({ name: "database" }, () => new Promise((resolve) => (finish = () => resolve())));
    const monitor = new HealthMonitor([check], { logger: rememberingLogger() });
    const { spans } = await recordTelemetry(async () => {
      await using server = await host(monitor);
      const first = ask(server.port, path);
      await vi.waitFor(() => expect(check.runs).toBe(1));
      const second = ask(server.port, path);
      await ask(server.port, path, { method: "POST" });
      finish();
      await Promise.all([first, second]);
    });
    const run = spans.find((span) => span.name === "check database");
    const links = spans.filter((span) => span.name === "host request").flatMap((span) => span.links);
    expect(links).toMatchObject([{ context: { spanId: run?.spanId } }]);
  });
});

it("gives the program's meter provider the metrics of the checks", async () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const provider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter })] });
  metrics.setGlobalMeterProvider(provider);
  try {
    const check = fakeCheck({ name: "database" });
    const monitor = new HealthMonitor([check], { logger: rememberingLogger() });
    await using server = await serving(healthHandler(monitor));
    await ask(server.port, "/health/");
    await provider.forceFlush();
    const written = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
    const status = written.find(({ descriptor }) => descriptor.name === "health.check.status");
    expect(status?.dataPoints).toMatchObject([
      { value: 1, attributes: { "health.check.name": "database", "health.check.type": "fake-check" } },
    ]);
    const duration = written.find(({ descriptor }) => descriptor.name === "health.check.duration");
    expect(duration?.dataPoints).toMatchObject([
      { value: { count: 1 }, attributes: { "health.check.name": "database" } },
    ]);
    expect(written.map(({ descriptor }) => descriptor.name)).toContain("health.check.overall_status");
    await monitor.close();
  } finally {
    metrics.disable();
    await provider.shutdown();
  }
});
