import { isDeepStrictEqual } from "node:util";
import { catalogue } from "../checks/index.ts";
import type { HealthCheck, HealthCheckClass } from "../health/health-check.ts";
import { sentError, type ThreadOutcome, type ThreadTask } from "./thread-task.ts";

interface KnownCheck {
  readonly check: HealthCheck;
  readonly task: ThreadTask;
}

const known = new Map<string, KnownCheck>();

/** What a worker thread does: runs the check that the task describes, which it keeps for the next time. */
// biome-ignore lint/style/noDefaultExport: the pool calls a worker's default export
export default async function runInThread(task: ThreadTask): Promise<ThreadOutcome> {
  let check: HealthCheck | undefined;
  try {
    check = await checkFor(task);
    // The thread is ended at the time-out, so that no signal is needed.
    await check.run(new AbortController().signal);
    return { thrown: undefined, certificateExpiresAt: check.certificateExpiresAt };
  } catch (error) {
    return { thrown: sentError(error), certificateExpiresAt: check?.certificateExpiresAt };
  }
}

async function checkFor(task: ThreadTask): Promise<HealthCheck> {
  const key = `${task.type}/${task.exportName}/${"name" in task.options ? task.options.name : ""}`;
  const before = known.get(key);
  if (before !== undefined) {
    if (isDeepStrictEqual(before.task, task)) return before.check;
    known.delete(key);
    await before.check.close?.();
  }
  const Check = await classFor(task);
  const check = new Check(task.options);
  known.set(key, { check, task });
  return check;
}

async function classFor({ type, exportName, module }: ThreadTask): Promise<HealthCheckClass> {
  if (module !== undefined) {
    const exports: Record<string, unknown> = await import(module);
    const Check = exports[exportName];
    if (typeof Check !== "function") throw new TypeError(`${module} exports no class called ${exportName}`);
    return Check as unknown as HealthCheckClass; // The pool's owner took the address from a check's own class.
  }
  const load = (catalogue as Readonly<Record<string, () => Promise<HealthCheckClass>>>)[type];
  if (load === undefined) {
    throw new TypeError(
      `${exportName} cannot run in a thread: its class needs "static readonly module = import.meta.url" and must be exported`,
    );
  }
  return load();
}
