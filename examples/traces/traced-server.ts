import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { context, propagation, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";

/** What a program answers at each of its paths. */
export type Routes = Readonly<Record<string, () => Promise<unknown>>>;

/**
 * Serves JSON on loopback, with a SERVER span for each request that belongs to the trace of its caller. The spans are pushed to
 * `OTEL_EXPORTER_OTLP_ENDPOINT`. Prints the port as a line of JSON once it listens; SIGTERM ends it when its spans are pushed.
 */
export function startTracedServer(service: string, routes: Routes): void {
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ "service.name": service }),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  provider.register(); // With W3C Trace Context, whose header is traceparent.
  const tracer = trace.getTracer(service);

  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const caller = propagation.extract(context.active(), request.headers);
    const attributes = { "http.request.method": request.method, "url.path": pathname };
    tracer.startActiveSpan(`GET ${pathname}`, { kind: SpanKind.SERVER, attributes }, caller, async (span) => {
      const route = Object.hasOwn(routes, pathname) ? routes[pathname] : undefined;
      let status = route === undefined ? 404 : 200;
      let body: unknown = { status: "not found" };
      try {
        if (route !== undefined) body = await route();
      } catch (error) {
        status = 500;
        body = { status: "failed" };
        span.recordException(error as Error);
        span.setStatus({ code: SpanStatusCode.ERROR });
      }
      span.setAttribute("http.response.status_code", status);
      span.end();
      response.writeHead(status, { "Content-Type": "application/json" }).end(`${JSON.stringify(body)}\n`);
    });
  });
  server.listen(Number(process.env.PORT ?? "0"), "127.0.0.1", () => {
    const { port } = server.address() as AddressInfo; // It listens on TCP.
    process.stdout.write(`${JSON.stringify({ port })}\n`);
  });

  process.once("SIGTERM", async () => {
    server.close();
    await provider.shutdown();
    process.exit();
  });
}
