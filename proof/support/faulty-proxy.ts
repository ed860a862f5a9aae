import { fork } from "node:child_process";
import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { stablePort } from "../../test/support/stable-port.ts";
import type { Fault, Protocol, ProxyOrder, ProxyTask } from "./faulty-proxy-process.ts";

const program = fileURLToPath(new URL("faulty-proxy-process.ts", import.meta.url));

/** More than the proxy's queue and the kernel's allowance on top of it can hold. */
const enoughToFillTheQueue = 16;

/** A TCP proxy in front of a server of 127.0.0.1 that misbehaves on demand while connections are open. */
export interface FaultyProxy extends AsyncDisposable {
  readonly port: number;
  /** Resolves when it behaves that way. */
  set(fault: Fault): Promise<void>;
  /** Resets the connections that are open. */
  cut(): Promise<void>;
  /** Stops the process and fills its accept queue, so that connecting hangs. */
  stall(): Promise<AsyncDisposable>;
}

/** Starts a proxy that passes everything on. */
export async function startFaultyProxy(
  targetPort: number,
  protocol: Protocol,
  { megabytes = 100 } = {},
): Promise<FaultyProxy> {
  const task: ProxyTask = { port: await stablePort(), targetPort, protocol, megabytes };
  const child = fork(program, [JSON.stringify(task)], { env: { ...process.env, NODE_V8_COVERAGE: "" }, execArgv: [] });
  await once(child, "message");
  async function order(what: ProxyOrder): Promise<void> {
    const done = once(child, "message");
    child.send(what);
    await done;
  }
  return {
    port: task.port,
    set: (fault) => order({ order: "fault", fault }),
    cut: () => order({ order: "cut" }),
    stall: async () => {
      await order({ order: "cut" });
      child.kill("SIGSTOP");
      const sockets = Array.from({ length: enoughToFillTheQueue }, () => occupy(task.port));
      await queueFull(sockets);
      return {
        [Symbol.asyncDispose]: async () => {
          for (const socket of sockets) socket.destroy();
          child.kill("SIGCONT");
          await order({ order: "cut" }); // Answered when it runs again.
        },
      };
    },
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}

function occupy(port: number): Socket {
  const socket = createConnection({ port, host: "127.0.0.1" });
  return socket.on("error", () => {}); // It only has to fill the queue.
}

/** Resolves when some are connected, and the next cannot be. */
async function queueFull(sockets: readonly Socket[]): Promise<void> {
  const [first] = sockets;
  if (first?.connecting === true) await once(first, "connect");
  if (sockets.every(({ connecting }) => !connecting)) throw new Error("the accept queue cannot be filled");
}
