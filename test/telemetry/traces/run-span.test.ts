import { type DiagLogger, diag } from "@opentelemetry/api";
import { afterEach, describe, expect, it } from "vitest";
import { HealthCheck } from "../../../src/health/health-check.ts";
import type { Target } from "../../../src/health/target.ts";
import { runCheck } from "../../support/run-check.ts";
import { recordTelemetry } from "../../support/telemetry.ts";

class Talking extends HealthCheck {
  readonly #system: string;

  constructor(system: string) {
    super();
    this.#system = system;
  }

  override run(): void {}

  override get target(): Target {
    return { address: "cache", port: 6379, system: this.#system, namespace: "0" };
  }
}

afterEach(() => diag.disable());

/** The attributes of a run's span, and what OpenTelemetry's diagnostics were told meanwhile. */
async function spanOf(check: HealthCheck) {
  const warnings: string[] = [];
  const nobody = (): void => {};
  const logger: DiagLogger = {
    warn: (message) => void warnings.push(message),
    error: nobody,
    info: nobody,
    debug: nobody,
    verbose: nobody,
  };
  diag.setLogger(logger);
  const { spans } = await recordTelemetry(async () => {
    await runCheck(check);
    await runCheck(check);
  });
  return { attributes: spans[0]?.attributes, warnings };
}

describe("the system that a check talks to", () => {
  it("is told on the span of each run as the database that it is", async () => {
    const { attributes } = await spanOf(new Talking("redis"));
    expect(attributes).toMatchObject({ "server.address": "cache", "db.system.name": "redis", "db.namespace": "0" });
    expect(attributes).not.toHaveProperty("messaging.system");
  });

  it("is told as the broker that it is", async () => {
    const { attributes, warnings } = await spanOf(new Talking("kafka"));
    expect(attributes).toMatchObject({ "messaging.system": "kafka" });
    expect(attributes).not.toHaveProperty("db.system.name");
    expect(warnings).toEqual([]);
  });

  it("is left out when the conventions do not know it, with one warning", async () => {
    const { attributes, warnings } = await spanOf(new Talking("rediss"));
    expect(Object.values(attributes ?? {})).not.toContain("rediss");
    expect(warnings).toEqual(['the talking check names the unknown system "rediss": its spans leave it out']);
  });
});
