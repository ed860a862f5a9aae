import { trace } from "@opentelemetry/api";
import { describe, expect, it } from "vitest";
import { announceUnexpected } from "../../src/engine/announce.ts";
import { closeCheck } from "../../src/engine/close-check.ts";
import { secret } from "../../src/health/fields.ts";
import { healthCheck } from "../../src/health/health-check.ts";
import { rememberingLogger } from "../support/logs.ts";

class Vault extends healthCheck({ settings: { token: secret() } }) {
  override run(): void {}

  override close(): void {
    throw new Error(`DELETE /sessions/${this.token.reveal()} failed`);
  }
}

const vault = new Vault({ token: "hunter-22" });
const noSpan = trace.wrapSpanContext({ traceId: "", spanId: "", traceFlags: 0 }).spanContext();

describe("the log has no secret of a check", () => {
  it("whose run threw it", () => {
    const logger = rememberingLogger();
    announceUnexpected(logger, vault, new TypeError("no such token: hunter-22"), noSpan);
    expect(logger.lines).toMatchObject([
      { level: "error", details: { check: "Vault", error: { message: "no such token: [redacted]" } } },
    ]);
    expect(JSON.stringify(logger.lines)).not.toContain("hunter");
  });

  it("that could not be closed", async () => {
    const logger = rememberingLogger();
    await closeCheck(vault, logger);
    expect(logger.lines).toMatchObject([
      { level: "warn", details: { check: "Vault", error: { message: "DELETE /sessions/[redacted] failed" } } },
    ]);
    expect(JSON.stringify(logger.lines)).not.toContain("hunter");
  });
});
