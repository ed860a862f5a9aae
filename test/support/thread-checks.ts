import { isMainThread } from "node:worker_threads";
import { z } from "zod";
import { ServiceUnavailable, ServiceWarning } from "../../src/health/errors.ts";
import { secret } from "../../src/health/fields.ts";
import { healthCheck } from "../../src/health/health-check.ts";

/** Computes for so long, in whatever thread it is run. */
export class Blocking extends healthCheck({
  labels: { region: z.string().optional().describe("Where.") },
  settings: {
    milliseconds: z.number().describe("For how long; without end when infinite."),
    password: secret().optional().describe("A secret that must arrive."),
  },
}) {
  static readonly module = import.meta.url;

  override run(): void {
    if (isMainThread) throw new ServiceUnavailable("runs in the main thread");
    if (this.password !== undefined && this.password.reveal() !== "correct horse") throw new Error("wrong password");
    const endAt = performance.now() + this.milliseconds;
    while (performance.now() < endAt);
  }
}

/** Fails in the way it is told. */
export class Failing extends healthCheck({ settings: { how: z.string().describe("Which error.") } }) {
  static readonly module = import.meta.url;

  override async run(): Promise<void> {
    switch (this.how) {
      case "warning":
        throw new ServiceWarning("93 % is in use");
      case "system":
        throw Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
      default:
        throw new TypeError("x is not a function");
    }
  }
}
