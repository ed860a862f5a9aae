import { afterEach, describe, expect, it } from "vitest";
import { HealthMonitor } from "../../src/engine/monitor.ts";
import { secret } from "../../src/health/fields.ts";
import { healthCheck } from "../../src/health/health-check.ts";
import { rememberingLogger } from "../support/logs.ts";
import { recordTelemetry } from "../support/telemetry.ts";

/** Tells its secret in everything that it throws, as the errors of client libraries do. */
class Telling extends healthCheck({ settings: { password: secret() } }) {
  #throw(): never {
    throw new TypeError(`cannot log in with ${this.password.reveal()}`, { cause: this.password.reveal() });
  }

  run(): void {
    this.#throw();
  }

  override close(): Promise<void> {
    this.#throw();
  }
}

const logger = rememberingLogger();
afterEach(() => void logger.lines.splice(0));

const telling = () => new Telling({ name: "database", password: "correct horse" });

describe("what is logged of a check that tells its secret", () => {
  it("has it redacted when a run fails in an unexpected way", async () => {
    await new HealthMonitor([telling()], { logger }).report();
    expect(logger.lines[0]).toMatchObject({
      level: "error",
      message: 'the check "database" failed in an unexpected way',
      details: { check: "database", error: { message: "cannot log in with [redacted]" } },
    });
    expect(JSON.stringify(logger.lines)).not.toContain("correct horse");
    for (const { details } of logger.lines) expect(details).not.toHaveProperty("trace_id"); // Nothing is traced here.
  });

  it("has it redacted when it cannot be closed", async () => {
    await new HealthMonitor([telling()], { logger }).close();
    expect(logger.lines).toMatchObject([
      {
        level: "warn",
        message: 'the check "database" could not be closed',
        details: { check: "database", error: { message: "cannot log in with [redacted]" } },
      },
    ]);
    expect(JSON.stringify(logger.lines)).not.toContain("correct horse");
  });

  it("leads to the trace of the run, if that is recorded", async () => {
    const { spans } = await recordTelemetry(async () => {
      await new HealthMonitor([telling()], { logger }).report();
    });
    const ids = { trace_id: spans[0]?.traceId, span_id: spans[0]?.spanId };
    const change = { check: "database", type: "telling", from: "unknown", to: "unhealthy" };
    expect(logger.lines.map(({ details }) => details)).toMatchObject([ids, { ...change, ...ids }]);
  });
});
