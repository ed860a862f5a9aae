import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { expect, vi } from "vitest";

/** A server to which nobody gets through: its queue is full, and what is asked of it by then is asked again a second later. */
export interface StalledServer extends AsyncDisposable {
  /** An address of this machine on which nothing else listens. */
  readonly host: string;
  readonly port: number;
  /** Lets everybody in who asks, from now on. */
  accept(): void;
}

const host = "127.0.0.2";

const program = `
  import { createServer } from "node:net";
  const server = createServer((socket) => void socket.on("error", () => {}).resume());
  server.listen({ host: "${host}", port: 0, backlog: 1 }, () => {
    console.log(server.address().port);
    process.kill(process.pid, "SIGSTOP");
  });
`;

/** How many connections wait to be accepted, as Linux says it (proc_pid_net(5), `rx_queue` of a listening socket). */
function queueLength(port: number): number {
  const place = `0200007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const listening = readFileSync("/proc/net/tcp", "utf8").match(new RegExp(`${place} \\S+ 0A \\w+:(\\w+)`));
  return Number.parseInt(listening?.[1] ?? "", 16);
}

/** Starts a process that listens and stands still, and fills its queue: Linux keeps one connection more than its backlog. */
export async function startStalledServer(): Promise<StalledServer> {
  const server = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(server, "exit");
  const waiting: Socket[] = [];
  const dispose = async (): Promise<void> => {
    for (const socket of waiting) socket.destroy();
    server.kill("SIGKILL");
    await exited;
  };
  try {
    const [line] = await once(server.stdout, "data");
    const port = Number(line);
    await vi.waitFor(() => expect(readFileSync(`/proc/${server.pid}/stat`, "utf8")).toMatch(/\) T /));
    for (let count = 0; count < 2; count += 1) {
      const socket = connect({ host, port });
      waiting.push(socket);
      await once(socket, "connect");
    }
    await vi.waitFor(() => expect(queueLength(port)).toBe(2)); // A client hears first that it is connected.
    return { host, port, accept: () => void server.kill("SIGCONT"), [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}
