import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { ProxyOrder } from "./cuttable-proxy-process.ts";

const program = fileURLToPath(new URL("cuttable-proxy-process.ts", import.meta.url));

/** A TCP proxy in front of servers of 127.0.0.1 whose ways can be cut and healed without anybody being told. */
export interface CuttableProxy extends AsyncDisposable {
  /** Opens a way to a port, and gives the one that leads there. */
  open(targetPort: number): Promise<number>;
  cut(...ports: readonly number[]): Promise<void>;
  heal(...ports: readonly number[]): Promise<void>;
}

/** Starts a proxy without ways. */
export async function startCuttableProxy(): Promise<CuttableProxy> {
  const child = fork(program, [], { env: { ...process.env, NODE_V8_COVERAGE: "" }, execArgv: [] });
  await once(child, "message");
  let last: Promise<unknown> = Promise.resolve();
  function order(what: ProxyOrder): Promise<number> {
    const answered = last.then(async () => {
      const done = once(child, "message");
      child.send(what);
      const [{ port }] = (await done) as [{ port: number }]; // As the process answers.
      return port;
    });
    last = answered;
    return answered;
  }
  return {
    open: (targetPort) => order({ order: "open", targetPort }),
    cut: async (...ports) => void (await order({ order: "cut", ports })),
    heal: async (...ports) => void (await order({ order: "heal", ports })),
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}
