import { afterEach, beforeEach, vi } from "vitest";
import type { Telemetry, TelemetryOptions } from "../../src/telemetry/setup.ts";
import { type RememberingLogger, rememberingLogger } from "./logs.ts";

const running: Telemetry[] = [];

/** For what is expected to arrive, however busy the machine is. */
export const patient = { timeoutMillis: 5000 };

/** Lets each test of a file say what the `OTEL_*` variables are, and ends the telemetry that it started. */
export function useTelemetry(): void {
  beforeEach(() => {
    for (const name of Object.keys(process.env)) if (name.startsWith("OTEL_")) vi.stubEnv(name, undefined);
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((telemetry) => telemetry.shutdown({ timeoutMillis: 20 })));
    vi.unstubAllEnvs();
  });
}

export function setVariables(variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
}

/** Starts telemetry with modules of its own: those that were loaded before keep the providers they met first. */
export async function startTelemetryAnew(options: Partial<TelemetryOptions> = {}) {
  vi.resetModules();
  const { startTelemetry } = await import("../../src/telemetry/setup.ts");
  const { HealthMonitor } = await import("../../src/engine/monitor.ts");
  const { ServiceUnavailable } = await import("../../src/health/errors.ts");
  const { fakeCheck } = await import("./checks.ts");
  const logger = rememberingLogger();
  const service = { name: "shop", version: "1.2.3" };
  const telemetry = await startTelemetry({ service, prometheus: false, logger, ...options });
  running.push(telemetry);
  const monitor = (...checks: ConstructorParameters<typeof HealthMonitor>[0]) =>
    new HealthMonitor(checks, { observe: telemetry.observe, logger: rememberingLogger() });
  return { telemetry, logger, monitor, fakeCheck, ServiceUnavailable };
}

/** What was logged, as a person would read it. */
export function messages(logger: RememberingLogger): string[] {
  return logger.lines.map(({ level, message }) => `${level}: ${message}`);
}
