import { context, propagation, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { startTracedServer } from "./traced-server.ts";

const { WAREHOUSE_URL = "http://127.0.0.1:8081" } = process.env;

/** Asks the warehouse within the trace of the request, as an instrumentation of fetch would. */
function askWarehouse(path: string): Promise<unknown> {
  const url = `${WAREHOUSE_URL}${path}`;
  const options = { kind: SpanKind.CLIENT, attributes: { "http.request.method": "GET", "url.full": url } };
  return trace.getTracer("shop").startActiveSpan("GET", options, async (span) => {
    try {
      const headers: Record<string, string> = {};
      propagation.inject(context.active(), headers);
      const response = await fetch(url, { headers });
      span.setAttribute("http.response.status_code", response.status);
      if (!response.ok) throw new Error(`the warehouse answers with ${response.status}`);
      return await response.json();
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}

// The one that is watched. Its orders need the warehouse.
startTracedServer("shop", {
  "/": async () => ({ status: "open" }),
  "/orders": async () => ({ status: "open", stock: await askWarehouse("/stock") }),
});
