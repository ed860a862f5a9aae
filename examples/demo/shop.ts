import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { context, propagation, type Span, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";

/**
 * A traced demonstration shop for Healthspan to monitor, so that the trace of a slow check shows the reason. With
 * `DEMO_FAULTS=1` every fourth order list, starting with the first, takes 1.2 seconds, and payments are down.
 */
const { PORT = "8080", HOST = "0.0.0.0", DEMO_FAULTS = "0", OTEL_EXPORTER_OTLP_ENDPOINT } = process.env;
const faulty = DEMO_FAULTS === "1";
const slowEvery = 4;
const slowMilliseconds = 1200;

const provider = new NodeTracerProvider({
  resource: resourceFromAttributes({ "service.name": "shop" }),
  // Without a collector there is nowhere to send spans.
  spanProcessors: OTEL_EXPORTER_OTLP_ENDPOINT ? [new BatchSpanProcessor(new OTLPTraceExporter())] : [],
});
provider.register();
const tracer = trace.getTracer("shop");

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

let orderLists = 0;

async function listOrders(): Promise<Answer> {
  const slow = faulty && orderLists++ % slowEvery === 0;
  await tracer.startActiveSpan("wait for the lock of the table orders", async (span) => {
    await pause(slow ? slowMilliseconds : 5);
    span.end();
  });
  return { status: 200, body: { status: "open", waiting: 3 } };
}

const routes: Readonly<Record<string, () => Answer | Promise<Answer>>> = {
  "/": () => ({ status: 200, body: { status: "open" } }),
  "/api/orders": listOrders,
  "/api/payments": () =>
    faulty
      ? { status: 503, body: { status: "down", reason: "the payment provider does not respond" } }
      : { status: 200, body: { status: "open" } },
};

async function answer(request: IncomingMessage, response: ServerResponse, span: Span): Promise<void> {
  const path = (request.url ?? "/").replace(/\?.*$/, "");
  const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
  const { status, body } = (await route?.()) ?? { status: 404, body: { status: "not found" } };
  span.setAttributes({ "http.request.method": "GET", "url.path": path, "http.response.status_code": status });
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
  response.writeHead(status, { "Content-Type": "application/json" }).end(`${JSON.stringify(body)}\n`);
}

const server = createServer((request, response) => {
  const caller = propagation.extract(context.active(), request.headers);
  tracer.startActiveSpan(`GET ${request.url}`, { kind: SpanKind.SERVER }, caller, (span) => {
    answer(request, response, span).catch((error: unknown) => response.destroy(error as Error)); // Only errors of Node.js itself get here.
  });
});

server.listen(Number(PORT), HOST, () => {
  process.stdout.write(`${JSON.stringify(server.address())}\n`);
});

process.once("SIGTERM", async () => {
  server.close();
  await provider.shutdown();
  process.exit();
});
