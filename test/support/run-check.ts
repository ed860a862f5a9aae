import { ROOT_CONTEXT } from "@opentelemetry/api";
import { startRun } from "../../src/engine/run.ts";
import type { HealthCheck } from "../../src/health/health-check.ts";
import type { Result } from "../../src/health/result.ts";

/** Runs a check once, as the engine does, and closes it unless told to keep it. */
export async function runCheck(check: HealthCheck, { keepOpen = false } = {}): Promise<Result> {
  try {
    return await new Promise<Result>((resolve) => {
      startRun(check, ROOT_CONTEXT, { settled: resolve, released: () => {} });
    });
  } finally {
    if (!keepOpen) await check.close?.();
  }
}

/**
 * Runs a check once; again when the process was too busy to judge it, which a result says as `inconclusive`.
 * @param make a new check for each run
 */
export async function runToVerdict(make: () => HealthCheck): Promise<Result> {
  for (;;) {
    const result = await runCheck(make());
    if (!result.inconclusive) return result;
  }
}
