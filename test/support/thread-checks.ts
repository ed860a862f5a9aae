import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { isMainThread, threadId } from "node:worker_threads";
import { trace } from "@opentelemetry/api";
import { z } from "zod";
import { HealthCheckError, ServiceUnavailable, ServiceWarning } from "../../src/health/errors.ts";
import { secret } from "../../src/health/fields.ts";
import { healthCheck } from "../../src/health/health-check.ts";

const milliseconds = z.number().describe("For how long.");

/** Computes for so long, in whatever thread it is run. */
export class Blocking extends healthCheck({
  labels: { region: z.string().optional().describe("Where.") },
  settings: { milliseconds, password: secret().optional().describe("A secret that must arrive.") },
}) {
  static readonly module = import.meta.url;

  override run(): void {
    if (isMainThread) throw new ServiceUnavailable("runs in the main thread");
    if (this.password !== undefined && this.password.reveal() !== "correct horse") throw new Error("wrong password");
    const endAt = performance.now() + this.milliseconds;
    while (performance.now() < endAt);
  }
}

/** Waits for so long in a native call, which nothing can interrupt. */
export class Sleeping extends healthCheck({ settings: { milliseconds } }) {
  static readonly module = import.meta.url;

  override run(): void {
    execFileSync("sleep", [String(this.milliseconds / 1000)]);
  }
}

/** Waits for so long without holding anything up, and heeds its signal or does not. */
export class Waiting extends healthCheck({
  settings: { milliseconds, heedful: z.boolean().default(true).describe("Whether it heeds its signal.") },
}) {
  static readonly module = import.meta.url;

  override async run(signal: AbortSignal): Promise<void> {
    await pause(this.milliseconds, undefined, this.heedful ? { signal } : {});
  }
}

/** Is a warning that names its thread. */
export class TellingThread extends healthCheck({}) {
  static readonly module = import.meta.url;

  override run(): void {
    throw new ServiceWarning(`thread ${threadId}`);
  }
}

/** Measures the depth of a queue that it is told, and fails when there is too much in it. */
export class Queue extends healthCheck({
  labels: { queue: z.string().default("mail").describe("Which queue.") },
  settings: {
    depth: z.number().describe("How many jobs wait."),
    maxDepth: z.number().default(1000).describe("Limit."),
  },
  measures: {
    depth: { unit: "{jobs}", description: "The jobs that wait." },
    age: { unit: "s", description: "How long the oldest of them has waited, if there is one." },
  },
}) {
  static readonly module = import.meta.url;

  override run(): void {
    if (this.depth > 0) this.measure("age", this.depth / 8);
    this.measure("depth", this.depth);
    if (this.depth > this.maxDepth) throw new ServiceWarning(`${this.depth} jobs wait in ${this.queue}`);
  }
}

class OwnWarning extends HealthCheckError {
  readonly kind = "Notice";
  readonly state = "degraded";
}

/** Fails in the way it is told. */
export class Failing extends healthCheck({ settings: { how: z.string().describe("Which error.") } }) {
  static readonly module = import.meta.url;

  override async run(): Promise<void> {
    switch (this.how) {
      case "warning":
        throw new ServiceWarning("93 % is in use");
      case "outage":
        throw new ServiceUnavailable("outage", { beganAt: new Date(1_000_000) });
      case "own":
        throw new OwnWarning("look at it some day", "threshold");
      case "system":
        throw Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
      case "exit":
        return process.exit(7);
      case "nextTick":
        process.nextTick(() => {
          throw new Error("thrown where nobody catches it");
        });
        return pause(1000);
      default:
        throw new TypeError("x is not a function");
    }
  }
}

/** Passes, and leaves something behind that throws so much later. */
export class LeavingBehind extends healthCheck({
  settings: { milliseconds, password: secret().describe("A secret that what is thrown holds.") },
}) {
  static readonly module = import.meta.url;

  override run(): void {
    setTimeout(() => {
      throw new Error(`cannot connect to amqp://user:${this.password.reveal()}@broker`);
    }, this.milliseconds);
  }
}

/** Keeps a connection, and says goodbye when it closes it. */
export class Keeping extends healthCheck({ settings: { port: z.number().describe("Whereto.") } }) {
  static readonly module = import.meta.url;
  #socket: Socket | undefined;

  override async run(): Promise<void> {
    if (this.#socket !== undefined) return;
    this.#socket = connect(this.port, "127.0.0.1");
    await once(this.#socket, "connect");
  }

  override async close(): Promise<void> {
    this.#socket?.end("goodbye");
    if (this.#socket !== undefined) await once(this.#socket, "close");
  }
}

/** Traces what it does. */
export class Tracing extends healthCheck({}) {
  static readonly module = import.meta.url;

  override async run(): Promise<void> {
    const tracer = trace.getTracer("test");
    await tracer.startActiveSpan("outer", async (outer) => {
      await pause(1);
      tracer.startActiveSpan("inner", { attributes: { rows: 3 } }, (inner) => inner.addEvent("half way").end());
      outer.end();
    });
  }
}
