import { fork } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import type { Runs, TargetOrder, TargetTask } from "./fleet-target-process.ts";

const program = fileURLToPath(new URL("fleet-target-process.ts", import.meta.url));

/** A server in a process of its own that is probed by all replicas, and knows how often. */
export interface FleetTarget extends AsyncDisposable {
  readonly port: number;
  /** What was asked for since the start, or since `forget`. */
  read(): Promise<Runs>;
  /** Counts from zero, but remembers when each check was last asked for. */
  forget(): Promise<void>;
  /** Answers 503 for these checks from now on, and 200 for all others. */
  fail(checks: readonly string[]): Promise<void>;
}

export async function startFleetTarget(task: TargetTask): Promise<FleetTarget> {
  const child = fork(program, [JSON.stringify(task)], { env: { ...process.env, NODE_V8_COVERAGE: "" }, execArgv: [] });
  const [{ port }] = (await once(child, "message")) as [AddressInfo]; // The first message of the process.
  let last: Promise<unknown> = Promise.resolve();
  function ask(order: TargetOrder): Promise<unknown> {
    const answered = last.then(async () => {
      const done = once(child, "message");
      child.send(order);
      return (await done)[0] as unknown;
    });
    last = answered;
    return answered;
  }
  return {
    port,
    read: async () => (await ask({ order: "read" })) as Runs, // As the process answers this order.
    forget: async () => void (await ask({ order: "forget" })),
    fail: async (checks) => void (await ask({ order: "fail", checks })),
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}
