import { basename } from "node:path";
import { inspect } from "node:util";
import { ROOT_CONTEXT } from "@opentelemetry/api";
import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { startRun } from "../../src/engine/run.ts";
import { reasons } from "../../src/health/errors.ts";
import type { HealthCheck, HealthCheckClass } from "../../src/health/health-check.ts";
import type { Result } from "../../src/health/result.ts";
import { systemAttribute } from "../../src/telemetry/system-names.ts";
import { leavesNothingBehind } from "./leaves-nothing-behind.ts";
import { runCheck, runToVerdict } from "./run-check.ts";
import { recordTelemetry } from "./telemetry.ts";
import { closedDatagramPort, startDatagramServer } from "./throw-away-datagram-server.ts";
import { closedPort, startTcpServer } from "./throw-away-server.ts";

/** What the contract needs to know of a check. */
export interface CheckContract {
  /** Options with which it can be constructed, and need not be healthy. */
  readonly options: object;
  /**
   * For a check that talks to a server: the options that make it talk to this port of 127.0.0.1, and wait for an answer.
   * The servers of the contract never answer what a healthy one would.
   */
  readonly network?: (port: number) => object;
  /** How it talks to the server. Default: TCP. */
  readonly transport?: "tcp" | "udp";
  /** For a check that takes secrets: options that put this text in every one of them. */
  readonly secrets?: (secret: string, port: number) => object;
}

type Make = (options: object) => HealthCheck;

/** The contract that every check keeps. */
export function describeCheck(Check: HealthCheckClass, contract: CheckContract): void {
  const { options, network, transport = "tcp", secrets } = contract;
  const make: Make = (values) => new Check(values);

  describe("the contract of every check", () => {
    describeDefinition(Check, options);
    describeRuns(() => make(options));
    if (network !== undefined) describeNetwork((values) => make(values), network, transport);
    if (network !== undefined && transport === "tcp") describeConnections((values) => make(values), network);
    if (secrets !== undefined) describeSecrets(make, secrets);
  });
}

function describeDefinition(Check: HealthCheckClass, options: object): void {
  it("has the type by which its file is named", () => {
    expect(`${new Check(options).type}.test.ts`).toBe(basename(expect.getState().testPath ?? ""));
  });

  it("publishes labels that are strings and no credentials", () => {
    for (const value of Object.values(new Check(options).labels)) {
      expect(value).toBeTypeOf("string");
      expect(value).not.toContain("[object");
    }
    for (const name of Object.keys(Check.definition.labels)) {
      expect(name).toMatch(/^[a-z][a-zA-Z0-9]*$/);
      expect(name).not.toMatch(/password|secret|token|credential|key$/i);
    }
  });

  it("talks to a system that the semantic conventions have a name for, if to any", () => {
    const { system } = new Check(options).target;
    if (system !== undefined) expect(systemAttribute(system), `${system} is in no table of systemNames`).toBeDefined();
  });

  it("describes every option, with defaults that it accepts", () => {
    const { properties = {} } = z.toJSONSchema(Check.definition.schema, {
      io: "input",
      unrepresentable: "any", // An object that only code can make.
    });
    for (const [name, property] of Object.entries(properties)) {
      const field = typeof property === "object" ? property : {};
      expect(field.description, `${name} needs .describe()`).toMatch(/\S\.$/);
      if (field.default !== undefined) new Check({ ...options, [name]: field.default });
    }
  });

  it("describes every measure, with its unit", () => {
    for (const [name, { unit, description }] of Object.entries(Check.definition.measures)) {
      expect(description, name).toMatch(/^[A-Z].*\.$/);
      // UCUM: a symbol, an annotation in braces, or a fraction of them.
      expect(unit, name).toMatch(/^(?:%|[A-Za-z]+|\{[a-z ]+\})(?:\/(?:[a-z]+|\{[a-z]+\}))?$/);
    }
  });

  it("refuses an option that it does not have", () => {
    expect(() => new Check({ ...options, notAnOption: 1 })).toThrow(/notAnOption/);
  });
}

function describeRuns(make: () => HealthCheck): void {
  it("gives results with a reason of the set, run after run", async () => {
    const check = make();
    for (let run = 0; run < 2; run += 1) {
      const { state, failure, measures = [] } = await runCheck(check, { keepOpen: true });
      expect(["healthy", "degraded", "unhealthy", failure === undefined ? "a verdict" : "unknown"]).toContain(state);
      expect([undefined, ...reasons]).toContain(failure?.reason);
      expect(failure?.expected).not.toBe(false);
      for (const { name, unit, value } of measures) {
        expect(check.measures[name]?.unit, name).toBe(unit);
        expect(value, name).toSatisfy(Number.isFinite);
      }
    }
    await check.close?.();
  });

  it("leaves no socket and no timer behind", () => leavesNothingBehind(async () => void (await runCheck(make()))));

  it("returns when its run is aborted", async () => {
    await leavesNothingBehind(async () => {
      const check = make();
      const { run, settled, released } = start(check);
      run.abort();
      await settled;
      await soon(released);
      await check.close?.();
    });
  });

  it("can run again after it was closed, as when it comes back to a replica of a fleet", async () => {
    await leavesNothingBehind(async () => {
      const check = make();
      const before = await runCheck(check);
      const after = await runCheck(check);
      // What takes a second look, such as a share of a time that has passed, may not know yet.
      if (before.state !== "unknown" && after.state !== "unknown") {
        expect(after.state).toBe(before.state);
        expect(after.failure?.reason).toBe(before.failure?.reason);
      }
      expect(after.failure?.expected).not.toBe(false);
    });
  });

  it("can be closed without having run, and twice", async () => {
    const check = make();
    await check.close?.();
    await check.close?.();
  });
}

function describeNetwork(make: Make, network: (port: number) => object, transport: "tcp" | "udp"): void {
  it("is unhealthy when the port is closed", async () => {
    const port = await (transport === "tcp" ? closedPort() : closedDatagramPort());
    await leavesNothingBehind(async () => {
      const result = await runToVerdict(() => make({ timeout: "3s", ...network(port) }));
      expect(result.state).toBe("unhealthy");
      expect(["connection_refused", "timeout"]).toContain(result.failure?.reason);
    });
  });

  it("is unhealthy when the server talks nonsense", async () => {
    const nonsense = Buffer.from("\0\x01\xff nonsense\r\n\r\n".repeat(20), "latin1");
    await using server =
      transport === "tcp"
        ? await startTcpServer((socket) => void socket.write(nonsense))
        : await startDatagramServer((_, { port, address }, socket) => socket.send(nonsense, port, address));
    await leavesNothingBehind(async () => {
      const result = await runToVerdict(() => make({ timeout: "3s", ...network(server.port) }));
      expect(result).toMatchObject({ state: "unhealthy", failure: { expected: true } });
    });
  });

  if (transport === "tcp") return;

  it("is unhealthy at its time-out when the server never answers", async () => {
    await using server = await startDatagramServer();
    await leavesNothingBehind(async () => {
      const result = await runToVerdict(() => make({ ...network(server.port), timeout: "300ms" }));
      expect(result).toMatchObject({ state: "unhealthy", failure: { reason: "timeout" } });
    });
  });

  it("lets go of the socket when its run is aborted", async () => {
    await using server = await startDatagramServer();
    await leavesNothingBehind(async () => {
      const { run, settled, released } = start(make({ ...network(server.port), timeout: "30s" }));
      await vi.waitFor(() => expect(server.received()).toBeGreaterThan(0));
      run.abort();
      expect((await settled).state).toBe("unknown");
      await soon(released);
    });
  });
}

/** What only a server with connections can tell. */
function describeConnections(make: Make, network: (port: number) => object): void {
  it("is unhealthy when the server hangs up at once", async () => {
    await using server = await startTcpServer((socket) => void socket.end());
    await leavesNothingBehind(async () => {
      const result = await runToVerdict(() => make({ timeout: "3s", ...network(server.port) }));
      expect(result).toMatchObject({ state: "unhealthy", failure: { expected: true } });
    });
  });

  it("is unhealthy at its time-out when the server accepts and never answers, and lets go of the connection", async () => {
    await using server = await startTcpServer();
    await leavesNothingBehind(async () => {
      const result = await runToVerdict(() => make({ ...network(server.port), timeout: "300ms" }));
      expect(result).toMatchObject({ state: "unhealthy", failure: { reason: "timeout" } });
      expect(result.durationSeconds).toBeLessThan(1);
      await vi.waitFor(() => expect(server.sockets.size).toBe(0), { timeout: 3000 });
    });
  });

  it("lets go of the connection when its run is aborted", async () => {
    await using server = await startTcpServer();
    await leavesNothingBehind(async () => {
      const check = make({ ...network(server.port), timeout: "30s" });
      const { run, settled, released } = start(check);
      await vi.waitFor(() => expect(server.accepted()).toBeGreaterThan(0));
      run.abort();
      expect((await settled).state).toBe("unknown");
      await soon(released);
      await check.close?.();
      await vi.waitFor(() => expect(server.sockets.size).toBe(0), { timeout: 3000 });
    });
  });

  it("opens a connection again after it was closed", async () => {
    await using server = await startTcpServer();
    await leavesNothingBehind(async () => {
      const check = make({ ...network(server.port), timeout: "200ms" });
      for (let run = 1; run <= 2; run += 1) {
        const before = server.accepted();
        let result = await runCheck(check);
        // The process was too busy to judge it.
        while (result.inconclusive) result = await runCheck(check);
        expect(result).toMatchObject({ state: "unhealthy", failure: { reason: "timeout" } });
        expect(server.accepted()).toBeGreaterThan(before);
      }
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

function describeSecrets(make: Make, secrets: (secret: string, port: number) => object): void {
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

/** Waits for what must happen at once, with some allowance for a busy machine. */
async function soon(happens: Promise<void>): Promise<void> {
  let happened = false;
  void happens.then(() => {
    happened = true;
  });
  await vi.waitFor(() => expect(happened, "the run goes on").toBe(true), { timeout: 2000, interval: 5 });
}

function start(check: HealthCheck) {
  const settled = Promise.withResolvers<Result>();
  const released = Promise.withResolvers<void>();
  const run = startRun(check, ROOT_CONTEXT, { settled: settled.resolve, released: released.resolve });
  return { run, settled: settled.promise, released: released.promise };
}
