import { inspect } from "node:util";
import { ROOT_CONTEXT } from "@opentelemetry/api";
import { describe, expect, it, vi } from "vitest";
import { startRun } from "../../src/engine/run.ts";
import { reasons } from "../../src/health/errors.ts";
import type { HealthCheck, HealthCheckClass } from "../../src/health/health-check.ts";
import type { Result } from "../../src/health/result.ts";
import { runCheck } from "./run-check.ts";
import { recordTelemetry } from "./telemetry.ts";
import { closedPort, startTcpServer } from "./throw-away-server.ts";

/** What the contract needs to know of a check. */
export interface CheckContract {
  /** Options with which it can be constructed, and need not be healthy. */
  readonly options: object;
  /** For a check that talks to a server: the options that make it talk to this port of 127.0.0.1. */
  readonly network?: (port: number) => object;
  /** For a check that takes secrets: options that put this text in every one of them. */
  readonly secrets?: (secret: string, port: number) => object;
  /** What a silent server makes of it, when it is not the time-out of the run. */
  readonly silentReason?: Result["failure"] extends infer Failure ? string | Failure : never;
}

/** The contract that every check keeps. */
export function describeCheck(Check: HealthCheckClass, contract: CheckContract): void {
  const { network, secrets } = contract;
  const make = (options: object): HealthCheck => new Check(options);

  describe("the contract of every check", () => {
    it("publishes labels that are strings and describes every option", () => {
      const check = make(contract.options);
      for (const value of Object.values(check.labels)) expect(value).toBeTypeOf("string");
      const { labels, settings } = Check.definition;
      for (const [name, field] of Object.entries({ ...labels, ...settings })) {
        expect(field.description, `${name} needs .describe()`).toMatch(/\S/);
      }
      for (const name of Object.keys(labels)) expect(name).not.toMatch(/password|secret|token|credential|key$/i);
    });

    it("refuses an option that it does not have", () => {
      expect(() => make({ ...contract.options, notAnOption: 1 })).toThrow(/notAnOption/);
    });

    it("gives a result with a reason of the set", async () => {
      const { state, failure } = await runCheck(make(contract.options));
      expect(["healthy", "degraded", "unhealthy"]).toContain(state);
      expect([undefined, ...reasons]).toContain(failure?.reason);
      expect(failure?.expected).not.toBe(false);
    });

    it("leaves no socket and no timer behind", async () => {
      await leavesNothingBehind(async () => {
        await runCheck(make(contract.options));
      });
    });

    if (network !== undefined) describeNetwork(make, network);
    if (secrets !== undefined) describeSecrets(make, secrets);
  });
}

function describeNetwork(make: (options: object) => HealthCheck, network: (port: number) => object): void {
  it("is unhealthy when the port is closed", async () => {
    const port = await closedPort();
    await leavesNothingBehind(async () => {
      const result = await runCheck(make({ ...network(port), timeout: "3s" }));
      expect(result.state).toBe("unhealthy");
      expect(["connection_refused", "timeout"]).toContain(result.failure?.reason);
    });
  });

  it("is unhealthy at its time-out when the server accepts and never answers, and lets go of the connection", async () => {
    await using server = await startTcpServer();
    await leavesNothingBehind(async () => {
      const result = await runCheck(make({ ...network(server.port), timeout: "300ms" }));
      expect(result).toMatchObject({ state: "unhealthy", failure: { reason: "timeout" } });
      expect(result.durationSeconds).toBeLessThan(1);
      await vi.waitFor(() => expect(server.sockets.size).toBe(0), { timeout: 3000 });
    });
  });

  it("lets go of the connection when its run is aborted", async () => {
    await using server = await startTcpServer();
    await leavesNothingBehind(async () => {
      const check = make({ ...network(server.port), timeout: "30s" });
      const released = Promise.withResolvers<void>();
      const settled = Promise.withResolvers<Result>();
      const run = startRun(check, ROOT_CONTEXT, { settled: settled.resolve, released: released.resolve });
      await vi.waitFor(() => expect(server.accepted()).toBeGreaterThan(0));
      run.abort();
      expect((await settled.promise).state).toBe("unknown");
      await released.promise;
      await check.close?.();
      await vi.waitFor(() => expect(server.sockets.size).toBe(0), { timeout: 3000 });
    });
  });

  it("opens no more connections run after run than it closes", async () => {
    await using server = await startTcpServer();
    const check = make({ ...network(server.port), timeout: "100ms" });
    for (let run = 0; run < 3; run += 1) await runCheck(check, { keepOpen: true });
    await vi.waitFor(() => expect(server.sockets.size).toBeLessThanOrEqual(1), { timeout: 3000 });
    await check.close?.();
    await vi.waitFor(() => expect(server.sockets.size).toBe(0), { timeout: 3000 });
  });
}

function describeSecrets(
  make: (options: object) => HealthCheck,
  secrets: (secret: string, port: number) => object,
): void {
  it("shows no secret in what it prints, in its result, its spans and its errors", async () => {
    const secret = "S3cret-of-the-test";
    const shown = (text: string): void => {
      for (const form of [secret, encodeURIComponent(secret), Buffer.from(secret).toString("base64")]) {
        expect(text).not.toContain(form);
      }
    };
    // A server that repeats whatever it is told is the most talkative one.
    await using server = await startTcpServer((socket) => socket.pipe(socket));
    const check = make({ ...secrets(secret, server.port), timeout: "500ms" });
    shown(inspect(check, { depth: 10, showHidden: true }));
    shown(JSON.stringify(check));
    shown(inspect(check.target));
    const { spans } = await recordTelemetry(async () => {
      const { failure } = await runCheck(check);
      shown(inspect(failure, { depth: 10 }));
    });
    shown(JSON.stringify(spans));
    try {
      make({ ...secrets(secret, server.port), notAnOption: true });
    } catch (error) {
      shown(inspect(error, { depth: 10 }));
    }
  });
}

/** Sockets, timers and servers that are open after `action` must be as many as before. */
export async function leavesNothingBehind(action: () => Promise<void>): Promise<void> {
  const before = openResources();
  await action();
  await vi.waitFor(() => expect(openResources()).toEqual(before), { timeout: 5000, interval: 20 });
}

function openResources(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const type of process.getActiveResourcesInfo()) {
    // The test runner's own: its timers, its pipes, what is being read.
    if (!/TCP|TLS|UDP|DNS|Pipe/i.test(type)) continue;
    counts[type] = (counts[type] ?? 0) + 1;
  }
  return counts;
}
