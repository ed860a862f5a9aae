import type { IncomingMessage } from "node:http";
import { metrics } from "@opentelemetry/api";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HealthMonitor } from "../../src/engine/monitor.ts";
import { Secret } from "../../src/health/secret.ts";
import { createApplication } from "../../src/server/application.ts";
import { FailedLogins } from "../../src/server/failed-logins.ts";
import { ask } from "../support/ask.ts";
import { fakeCheck } from "../support/checks.ts";
import { rememberingLogger } from "../support/logs.ts";
import { serving } from "./faces.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "performance"] }));
afterEach(() => void vi.useRealTimers());

/** Unlike `vi.waitFor`, it does not put the clock forward. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

const from = (remoteAddress: string) => ({ socket: { remoteAddress } }) as IncomingMessage; // All that is read of it.

/** Fails that many times at once. @returns how many have been answered */
function failing(logins: FailedLogins, address: string, times: number): () => number {
  let answered = 0;
  for (let count = 0; count < times; count += 1) {
    void logins.failed(from(address)).then(() => {
      answered += 1;
    });
  }
  return () => answered;
}

describe("failed logins", () => {
  it("are answered at once while they may be mistakes, and later and later after that", async () => {
    const logins = new FailedLogins();
    const answered = failing(logins, "192.0.2.1", 7);
    await vi.advanceTimersByTimeAsync(0);
    expect(answered()).toBe(5);
    await vi.advanceTimersByTimeAsync(100);
    expect(answered()).toBe(6);
    await vi.advanceTimersByTimeAsync(100);
    expect(answered()).toBe(7);
  });

  it("are answered after two seconds at the latest", async () => {
    const logins = new FailedLogins();
    const answered = failing(logins, "192.0.2.1", 12);
    await vi.advanceTimersByTimeAsync(1999);
    expect(answered()).toBe(10); // After 100, 200, 400, 800 and 1600 milliseconds.
    await vi.advanceTimersByTimeAsync(1);
    expect(answered()).toBe(12);
  });

  it("of one address are looked at until twenty wait for their answer", () => {
    const logins = new FailedLogins();
    failing(logins, "192.0.2.1", 24);
    expect(logins.refuses(from("192.0.2.1"))).toBe(false);
    failing(logins, "192.0.2.1", 1);
    expect(logins.refuses(from("192.0.2.1"))).toBe(true);
  });

  it("of one address are looked at some at a time, and those of others as before", async () => {
    const logins = new FailedLogins();
    const answered = failing(logins, "192.0.2.1", 25);
    expect(logins.refuses(from("192.0.2.1"))).toBe(true);
    expect(logins.refuses(from("::ffff:192.0.2.1"))).toBe(true);
    expect(logins.refuses(from("192.0.2.2"))).toBe(false);
    await vi.advanceTimersByTimeAsync(2000);
    expect(answered()).toBe(25);
    expect(logins.refuses(from("192.0.2.1"))).toBe(false);
  });

  it("of one IPv6 network are those of one client", () => {
    const logins = new FailedLogins();
    for (let count = 0; count < 25; count += 1) void logins.failed(from(`2001:db8:0:7::${count}`));
    expect(logins.refuses(from("2001:db8:0:7:1:2:3:4"))).toBe(true);
    expect(logins.refuses(from("2001:db8::7:1:2:3:4"))).toBe(true);
    expect(logins.refuses(from("2001:db8:0:8::1"))).toBe(false);
  });

  it("are forgotten after a while, and never fill the memory", async () => {
    const logins = new FailedLogins();
    failing(logins, "192.0.2.1", 5);
    await vi.advanceTimersByTimeAsync(600_001);
    const answered = failing(logins, "192.0.2.1", 5);
    await vi.advanceTimersByTimeAsync(0);
    expect(answered()).toBe(5);
    for (let index = 0; index < 20_000; index += 1) failing(logins, `10.0.${index >> 8}.${index & 255}`, 1);
    expect(logins.size).toBe(10_000);
  });
});

describe("the counter of failed logins", () => {
  it("is there before the first one", async () => {
    const exporter = new PrometheusExporter({ preventServerStart: true });
    const provider = new MeterProvider({ readers: [exporter] });
    metrics.setGlobalMeterProvider(provider);
    try {
      const logins = new FailedLogins();
      logins.begin();
      const counted = async () => {
        const { resourceMetrics } = await exporter.collect();
        return resourceMetrics.scopeMetrics.flatMap((scope) =>
          scope.metrics.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints.map(({ value }) => value)]),
        );
      };
      expect(await counted()).toEqual([["healthspan.logins.failed", [0]]]);
      failing(logins, "192.0.2.1", 3);
      expect(await counted()).toEqual([["healthspan.logins.failed", [3]]]);
    } finally {
      metrics.disable();
      await provider.shutdown();
    }
  });
});

describe("a server that somebody tries passwords on", () => {
  const token = new Secret("the right token");
  const monitor = new HealthMonitor([fakeCheck({ name: "database" })], { logger: rememberingLogger() });
  const authentication = new Map([["/health/", { bearer: token }]]);
  const start = () => serving(createApplication(monitor, { authentication }).callback());
  const login = (port: number, path: string, given: string) =>
    ask(port, path, { headers: { accept: "text/html", authorization: `Bearer ${given}` } });

  it.each(["/health/", "/", "/heartbeat/x"])(
    "slows them down at %s, and lets the right one in at once",
    async (path) => {
      await using server = await start();
      const answers = Array.from({ length: 50 }, (_, index) => login(server.port, path, `guess-${index}`));
      const quick: number[] = [];
      for (const answer of answers) void answer.then(({ status }) => quick.push(status));
      // Five may be mistakes, and of the others twenty are looked at.
      await until(() => quick.length >= 30);
      expect(quick.filter((status) => status === 429)).toHaveLength(25);
      expect((await login(server.port, "/health/", token.reveal())).status).toBe(429);
      // Who asks without credentials tries none.
      expect((await ask(server.port, "/health/")).status).toBe(401);
      expect((await ask(server.port, "/livez")).status).toBe(200);
      while (vi.getTimerCount() > 0) await vi.advanceTimersByTimeAsync(100);
      await Promise.all(answers);
      expect((await login(server.port, "/health/", token.reveal())).status).toBe(200);
    },
  );

  it("lets the right one in at once after failures that are being answered", async () => {
    await using server = await start();
    const answers = Array.from({ length: 20 }, () => login(server.port, "/health/", "wrong"));
    await until(() => vi.getTimerCount() > 14);
    expect((await login(server.port, "/health/", token.reveal())).status).toBe(200);
    await vi.advanceTimersByTimeAsync(2000);
    await Promise.all(answers);
  });
});
