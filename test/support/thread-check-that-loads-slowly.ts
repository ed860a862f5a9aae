import { setTimeout as pause } from "node:timers/promises";
import { isMainThread } from "node:worker_threads";
import { HealthCheck } from "../../src/health/health-check.ts";

if (!isMainThread) await pause(1200);

/** Passes at once, but its module takes longer to load than the check may run. */
export class LoadingSlowly extends HealthCheck {
  static readonly module = import.meta.url;

  override run(): void {}
}
