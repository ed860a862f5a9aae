import { execFile } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";
import { inspect, promisify } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it, vi } from "vitest";
import { startOtlpReceiver } from "../../support/otlp-receiver.ts";
import { messages, patient, setVariables, startTelemetryAnew, useTelemetry } from "../../support/start-telemetry.ts";
import { closedPort, startTcpServer } from "../../support/throw-away-server.ts";

useTelemetry();

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
}

describe("a collector that is down", () => {
  it.each([
    { name: "refuses", open: async () => ({ port: await closedPort(), [Symbol.asyncDispose]: async () => {} }) },
    { name: "is silent", open: () => startTcpServer() },
  ])("and $name delays an exit by its patience at most", async ({ open }) => {
    await using collector = await open();
    setVariables({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.port}` });
    const { telemetry, monitor, fakeCheck, logger } = await startTelemetryAnew();
    await monitor(fakeCheck({ name: "cache" })).report();
    const startedAt = performance.now();
    expect(await telemetry.flush({ timeoutMillis: 150 })).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(1000);
    expect(await telemetry.shutdown({ timeoutMillis: 150 })).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(2000);
    expect(messages(logger).sort()).toEqual([
      expect.stringMatching(/^warn: metrics cannot be pushed to http:.*: not delivered within 150 ms$/),
      expect.stringMatching(/^warn: traces cannot be pushed to http:.*: not delivered within 150 ms$/),
    ]);
  });

  it("and answers without an end is left once that takes too long", async () => {
    await using collector = await startTcpServer((socket) => {
      const drip = setInterval(() => socket.write("x"), 20);
      socket.once("close", () => clearInterval(drip));
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
    });
    setVariables({
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `http://127.0.0.1:${collector.port}`,
      OTEL_EXPORTER_OTLP_TIMEOUT: "500", // Longer than the pauses between the bytes on a busy machine.
    });
    const { telemetry, monitor, fakeCheck, logger } = await startTelemetryAnew();
    await monitor(fakeCheck({ name: "cache" })).report();
    expect(await telemetry.flush(patient)).toBe(false);
    expect(messages(logger)).toEqual([expect.stringMatching(/^warn: traces cannot be pushed to .*: timed out$/)]);
    await vi.waitFor(() => expect([collector.accepted(), collector.sockets.size]).toEqual([1, 0]));
  });

  it("and closes every connection leaves nothing of them behind", async () => {
    await using collector = await startTcpServer((socket) => socket.destroy());
    setVariables({
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `http://127.0.0.1:${collector.port}`,
      OTEL_EXPORTER_OTLP_TIMEOUT: "500", // Less than the pause before it tries again.
    });
    const { telemetry, monitor, fakeCheck } = await startTelemetryAnew();
    const checks = monitor(fakeCheck({ name: "cache" }));
    const sockets: WeakRef<Socket>[] = [];
    const remember = (message: unknown) => {
      const { socket } = message as { readonly socket: Socket }; // As Node documents `net.client.socket`.
      sockets.push(new WeakRef(socket));
    };
    subscribe("net.client.socket", remember);
    for (let push = 0; push < 20; push += 1) {
      await checks.report();
      expect(await telemetry.flush(patient)).toBe(false);
    }
    unsubscribe("net.client.socket", remember);
    expect(sockets).toHaveLength(20);
    await vi.waitFor(() => {
      collectGarbage();
      // What is in use by Node at the moment may be the last one.
      expect(sockets.filter((socket) => socket.deref() !== undefined).length).toBeLessThanOrEqual(2);
    });
  });

  it("is told once a signal, and once when it is back", async () => {
    await using receiver = await startOtlpReceiver();
    receiver.behaviour = { status: 500 };
    setVariables({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    const { telemetry, monitor, fakeCheck, logger } = await startTelemetryAnew();
    const checks = monitor(fakeCheck({ name: "cache" }));
    for (let round = 0; round < 3; round += 1) {
      await checks.report();
      expect(await telemetry.flush(patient)).toBe(false);
    }
    const failed = (signal: string) =>
      `warn: ${signal} cannot be pushed to ${receiver.url}/v1/${signal}: it answers with the status code 500`;
    expect(messages(logger).sort()).toEqual([failed("metrics"), failed("traces")]);

    receiver.behaviour = { status: 200 };
    for (let round = 0; round < 2; round += 1) {
      await checks.report();
      expect(await telemetry.flush(patient)).toBe(true);
    }
    expect(messages(logger).slice(2).sort()).toEqual([
      `info: metrics are pushed to ${receiver.url}/v1/metrics again`,
      `info: traces are pushed to ${receiver.url}/v1/traces again`,
    ]);
    const failures = receiver.points.filter(({ metric }) => metric === "healthspan.telemetry.export.failures");
    expect(failures.map(({ value }) => value)).toContain(3);
  });

  it("is hardly waited for at the end when that is known", async () => {
    await using receiver = await startOtlpReceiver();
    receiver.behaviour = { status: 500 };
    setVariables({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_TRACES_EXPORTER: "none" });
    const { telemetry } = await startTelemetryAnew();
    await telemetry.flush(patient);
    receiver.behaviour = { status: 200, afterMilliseconds: Number.POSITIVE_INFINITY };
    const startedAt = performance.now();
    expect(await telemetry.shutdown(patient)).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });

  it("gets what it asked to be sent later", async () => {
    await using receiver = await startOtlpReceiver();
    receiver.behaviour = { status: 503 };
    setVariables({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${receiver.url}/v1/traces` });
    const { telemetry, monitor, fakeCheck, logger } = await startTelemetryAnew();
    await monitor(fakeCheck({ name: "cache" })).report();
    const flushed = telemetry.flush(patient);
    await vi.waitFor(() => expect(receiver.requests).toHaveLength(1));
    receiver.behaviour = { status: 200 };
    expect(await flushed).toBe(true);
    expect(receiver.spans).toMatchObject([{ name: "check cache" }]);
    expect(messages(logger)).toEqual([]);
  });

  it("keeps no more spans than OTEL_BSP_MAX_QUEUE_SIZE, without a word about those that it drops", async () => {
    await using collector = await startTcpServer();
    setVariables({
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `http://127.0.0.1:${collector.port}`,
      OTEL_EXPORTER_OTLP_TIMEOUT: "50",
      OTEL_BSP_MAX_QUEUE_SIZE: "10",
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "5",
      OTEL_BSP_SCHEDULE_DELAY: "1",
    });
    const { monitor, fakeCheck, logger } = await startTelemetryAnew();
    const checks = monitor(...Array.from({ length: 40 }, (_, index) => fakeCheck({ name: `check ${index}` })));
    await vi.waitFor(
      async () => {
        await checks.report();
        expect(collector.accepted()).toBeGreaterThan(4);
      },
      { timeout: 5000 },
    );
    expect(messages(logger)).toEqual([expect.stringMatching(/^warn: traces cannot be pushed/)]);
  });

  it("is not asked again by a command that wants to end soon", async () => {
    setVariables({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await closedPort()}` });
    const { telemetry, logger } = await startTelemetryAnew({ maxPushMilliseconds: 700 });
    const startedAt = performance.now();
    expect(await telemetry.flush(patient)).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(700);
    expect(messages(logger)).toEqual([
      expect.stringMatching(/^warn: metrics cannot be pushed to .*: connection refused$/),
    ]);
  });

  it("keeps no command alive that has shut down", async () => {
    await using collector = await startTcpServer();
    const url = new URL("../../../src/telemetry/setup.ts", import.meta.url);
    const script = `
      const { startTelemetry } = await import(${JSON.stringify(url)});
      const { trace } = await import("@opentelemetry/api");
      const logger = { info() {}, warn(details, message) { console.log(message); }, error() {} };
      const service = { name: "shop" };
      const telemetry = await startTelemetry({ service, prometheus: false, logger });
      trace.getTracer("test").startSpan("test").end();
      const startedAt = performance.now();
      console.log(await telemetry.shutdown({ timeoutMillis: 200 }));
      process.on("exit", () => console.log(performance.now() - startedAt < 2000));`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script], {
      cwd: import.meta.dirname,
      env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.port}` },
    });
    expect(stdout.trim().split("\n").sort()).toEqual([
      "false",
      expect.stringContaining("metrics cannot be pushed"),
      expect.stringContaining("traces cannot be pushed"),
      "true",
    ]);
  });

  it.each([
    { name: "repeats them", header: "Authorization=Bearer%20S3cret-token" },
    { name: "cannot be sent them", header: "X Bad=S3cret-bad" },
    { name: "takes only a part, and repeats them", header: "Authorization=S3cret-token", partial: true },
  ])("never makes a header or a password appear in the log, when it $name", async ({ header, partial = false }) => {
    await using collector = await startTcpServer((socket) => {
      socket.once("data", (request) => {
        const headers = request.toString("latin1").split("\r\n").slice(1, 9).join(" ");
        // ExportTracePartialSuccess { rejected_spans = 1, error_message = 2 }, in field 1 of the answer
        const message = Buffer.from(headers.slice(0, 120));
        const success = Buffer.concat([Buffer.from([8, 1, 18, message.length]), message]);
        const body = Buffer.concat([Buffer.from([10, success.length]), success]);
        const head = partial ? "HTTP/1.1 200 OK" : `HTTP/1.1 400 ${headers}`;
        socket.end(Buffer.concat([Buffer.from(`${head}\r\nContent-Length: ${body.length}\r\n\r\n`), body]));
      });
    });
    setVariables({
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://someone:S3cret-password@127.0.0.1:${collector.port}`,
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "htp//someone:S3cret-password@collector",
      OTEL_EXPORTER_OTLP_HEADERS: `${header},X-Key=S3cret-key`,
    });
    const { telemetry, monitor, fakeCheck, logger } = await startTelemetryAnew();
    await monitor(fakeCheck({ name: "cache" })).report();
    expect(await telemetry.flush(patient)).toBe(false);
    const everything = inspect(logger.lines, { depth: 9 });
    expect(logger.lines).toHaveLength(3);
    for (const secret of ["S3cret", Buffer.from("someone:S3cret-password").toString("base64"), "someone"]) {
      expect(everything).not.toContain(secret);
    }
  });
});
