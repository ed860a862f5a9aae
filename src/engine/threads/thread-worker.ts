import type { HealthCheck, HealthCheckClass } from "../../health/health-check.ts";
import { beginMeasuring } from "../../health/measure.ts";
import { certificateEndOf } from "../../health/published.ts";
import { inCarriedTrace, traceThisThread } from "../../telemetry/traces/carried-trace.ts";
import { importAnewInThisThread } from "./thread-imports.ts";
import {
  type CloseTask,
  type LoadTask,
  type RunTask,
  sentError,
  type ThreadOutcome,
  type ThreadTask,
  thrownFrom,
} from "./thread-task.ts";

traceThisThread();
importAnewInThisThread();

/** The loaded checks, kept with their clients between the runs. */
const checks = new Map<number, HealthCheck>();
/** The runs under way. */
const controllers = new Map<number, AbortController>();

/** Does one task; there may be several at a time. Never rejects, except for a defect of the engine. */
// biome-ignore lint/style/noDefaultExport: the pool calls a worker's default export
export default async function inThread(task: ThreadTask): Promise<ThreadOutcome> {
  try {
    switch (task.kind) {
      case "load":
        await load(task);
        return {};
      case "run":
        return await run(task);
      case "abort":
        controllers.get(task.id)?.abort(thrownFrom(task.reason));
        return {};
      case "close":
        await close(task);
        return {};
    }
  } catch (error) {
    return { thrown: sentError(error) };
  }
}

async function load({ id, module, exportName, options }: LoadTask): Promise<void> {
  const exports: Record<string, unknown> = await import(module);
  const Check = exports[exportName];
  if (typeof Check !== "function") throw new TypeError(`${module} exports no class called ${exportName}`);
  // The main thread took the address from a check's own class.
  checks.set(id, new (Check as unknown as HealthCheckClass)(options));
}

async function run({ id, trace: carrier }: RunTask): Promise<ThreadOutcome> {
  const check = checks.get(id);
  if (check === undefined) throw new Error("the check was closed before it ran");
  const controller = new AbortController();
  controllers.set(id, controller);
  const measured = beginMeasuring(check);
  const { value: thrown, trace } = await inCarriedTrace(carrier, async () => {
    try {
      await check.run(controller.signal);
      return undefined;
    } catch (error) {
      return sentError(error);
    }
  });
  controllers.delete(id);
  return { thrown, certificateExpiresAt: certificateEndOf(check), measures: measured(), trace };
}

async function close({ id }: CloseTask): Promise<void> {
  const check = checks.get(id);
  checks.delete(id);
  await check?.close?.();
}
