import { fork } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Arrivals, TargetOrder } from "./target-process.ts";

const program = fileURLToPath(new URL("target-process.ts", import.meta.url));

/** A server in a process of its own that is probed. */
export interface Target extends AsyncDisposable {
  /** `http://127.0.0.1:40000`, without a final slash; every path under it is answered with 200. */
  readonly url: string;
  /** The requests since the start, or since `forget`. */
  read(): Promise<Arrivals>;
  /** Counts from zero, but remembers when each path was last asked for. */
  forget(): Promise<void>;
}

/** @param delayMilliseconds how long it waits before each answer */
export async function startTarget({ delayMilliseconds = 0 } = {}): Promise<Target> {
  const child = fork(program, [String(delayMilliseconds)], {
    env: { ...process.env, NODE_V8_COVERAGE: "" },
    execArgv: [],
    serialization: "advanced", // Infinity is a gap.
  });
  const [{ port }] = (await once(child, "message")) as [AddressInfo]; // The first message of the process.
  async function ask(order: TargetOrder): Promise<unknown> {
    const answered = once(child, "message");
    child.send(order);
    return (await answered)[0];
  }
  return {
    url: `http://127.0.0.1:${port}`,
    read: async () => (await ask({ order: "read" })) as Arrivals, // As the process answers this order.
    forget: async () => void (await ask({ order: "forget" })),
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/**
 * Resolves when this number of paths was asked for.
 * @throws Error when that takes longer than three intervals and the time that starting takes on a busy machine
 */
export async function untilAllAreAskedFor(target: Target, paths: number, intervalSeconds: number): Promise<void> {
  const giveUpAt = performance.now() + (3 * intervalSeconds + 60) * 1000;
  while ((await target.read()).paths < paths) {
    if (performance.now() > giveUpAt) throw new Error(`not all of ${paths} checks ran in time`);
    await wait(50);
  }
}
