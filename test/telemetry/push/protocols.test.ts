import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { describe, expect, it, vi } from "vitest";
import manifest from "../../../package.json" with { type: "json" };
import { startOtlpReceiver } from "../../support/otlp-receiver.ts";
import { messages, patient, setVariables, startTelemetryAnew, useTelemetry } from "../../support/start-telemetry.ts";

useTelemetry();

/** A call by gRPC as it arrived. */
interface ReceivedCall {
  readonly path: string;
  readonly tenant: unknown;
  readonly bytes: number;
}

async function startGrpcReceiver(answer = Buffer.alloc(0)) {
  const calls: ReceivedCall[] = [];
  const server = new Server();
  const bytesOnly = { serialize: (value: Buffer) => value, deserialize: (value: Buffer) => value };
  for (const [service, path] of [
    ["trace", "/opentelemetry.proto.collector.trace.v1.TraceService/Export"],
    ["metrics", "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"],
    ["logs", "/opentelemetry.proto.collector.logs.v1.LogsService/Export"],
  ] as const) {
    const method = {
      path,
      requestStream: false,
      responseStream: false,
      requestSerialize: bytesOnly.serialize,
      requestDeserialize: bytesOnly.deserialize,
      responseSerialize: bytesOnly.serialize,
      responseDeserialize: bytesOnly.deserialize,
    } as const;
    server.addService({ export: method } as never, {
      export: (
        call: { request: Buffer; metadata: { get(name: string): unknown[] } },
        done: (error: null, answer: Buffer) => void,
      ) => {
        calls.push({ path: service, tenant: call.metadata.get("x-tenant")[0], bytes: call.request.length });
        done(null, answer);
      },
    });
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { calls, port, [Symbol.asyncDispose]: async () => server.forceShutdown() };
}

describe("OTLP by gRPC", () => {
  it.each(["http://127.0.0.1:PORT", "127.0.0.1:PORT"])("brings every signal to %s", async (address) => {
    await using receiver = await startGrpcReceiver();
    setVariables({
      OTEL_EXPORTER_OTLP_ENDPOINT: address.replace("PORT", String(receiver.port)),
      OTEL_EXPORTER_OTLP_INSECURE: "true",
      OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
      OTEL_EXPORTER_OTLP_HEADERS: "X-Tenant=blue",
    });
    const { telemetry, logger, monitor, fakeCheck } = await startTelemetryAnew();
    await monitor(fakeCheck({ name: "cache" })).report();
    telemetry.logger.info({}, "something happened");
    expect(await telemetry.flush(patient)).toBe(true);
    expect(receiver.calls.map(({ path }) => path).toSorted()).toEqual(["logs", "metrics", "trace"]);
    for (const call of receiver.calls) {
      expect(call.tenant).toBe("blue");
      expect(call.bytes).toBeGreaterThan(100);
    }
    expect(messages(logger)).toEqual(["info: something happened"]);
  });

  it("tells what a collector refuses, as by HTTP", async () => {
    await using receiver = await startGrpcReceiver(Buffer.from("\x0a\x0b\x08\x02\x12\x07too old", "latin1"));
    setVariables({
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `http://127.0.0.1:${receiver.port}`,
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "grpc",
    });
    const { telemetry, logger, monitor, fakeCheck } = await startTelemetryAnew();
    await monitor(fakeCheck({ name: "cache" })).report();
    expect(await telemetry.flush(patient)).toBe(false);
    expect(messages(logger)).toEqual([
      `warn: traces cannot be pushed to http://127.0.0.1:${receiver.port}/: it refused 2 spans: too old`,
    ]);
  });

  it("is left out with the line that installs its package, and everything else goes on", async () => {
    vi.doMock("@opentelemetry/otlp-grpc-exporter-base", () => {
      throw Object.assign(new Error("not found"), { code: "ERR_MODULE_NOT_FOUND" });
    });
    await using receiver = await startOtlpReceiver();
    setVariables({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "grpc" });
    const { telemetry, logger } = await startTelemetryAnew();
    vi.doUnmock("@opentelemetry/otlp-grpc-exporter-base");
    await telemetry.flush(patient);
    expect(receiver.requests.map(({ path }) => path)).toEqual(["/v1/metrics"]);
    const name = "@opentelemetry/otlp-grpc-exporter-base";
    const wanted = `${name}@${manifest.peerDependencies[name]}`;
    expect(messages(logger)).toEqual([
      `error: traces are not pushed: OTLP by gRPC needs the package "${wanted}". Run: npm install ${wanted}`,
    ]);
  });
});

describe("OTLP by HTTP", () => {
  it("writes JSON where that is asked for", async () => {
    const bodies: Record<string, unknown> = {};
    const server = createServer(async (request, response) => {
      expect(request.headers["content-type"]).toBe("application/json");
      bodies[request.url ?? ""] = JSON.parse((await buffer(request)).toString());
      response.writeHead(200, { "Content-Type": "application/json" }).end("{}");
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    setVariables({
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    });
    const { telemetry, logger, monitor, fakeCheck } = await startTelemetryAnew();
    await monitor(fakeCheck({ name: "cache" })).report();
    expect(await telemetry.flush(patient)).toBe(true);
    expect(bodies["/v1/traces"]).toMatchObject({
      resourceSpans: [{ scopeSpans: [{ scope: { name: "healthspan" }, spans: [{ name: "check cache" }] }] }],
    });
    expect(bodies).toHaveProperty("/v1/metrics");
    expect(messages(logger)).toEqual([]);
    server.closeAllConnections();
    server.close();
  });

  it("takes the login page of a proxy for a failure, counted, and told once", async () => {
    const server = createServer((request, response) => {
      request.resume();
      response.writeHead(200, { "Content-Type": "text/html" }).end("<!DOCTYPE html><title>Log in</title>");
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    setVariables({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${url}/v1/traces` });
    const { telemetry, logger, monitor, fakeCheck } = await startTelemetryAnew();
    const checks = monitor(fakeCheck({ name: "cache" }));
    for (let round = 0; round < 2; round += 1) {
      await checks.report();
      expect(await telemetry.flush(patient)).toBe(false);
    }
    expect(messages(logger)).toEqual([
      `warn: traces cannot be pushed to ${url}/v1/traces: what answers there is no OTLP receiver: check the address, and proxies on the way to it`,
    ]);
    server.closeAllConnections();
    server.close();
  });
});
