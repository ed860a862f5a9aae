import { spawn } from "node:child_process";
import { once } from "node:events";
import { createConnection } from "node:net";
import { askLines } from "./ask-lines.ts";
import { installedProgram, type Service } from "./it-with-service.ts";
import { stablePort } from "./stable-port.ts";
import { waitFor } from "./wait-for.ts";

const daemon = installedProgram("memcached");

/** Says whether throw-away servers can be started. */
export const memcachedProgram: Service = {
  name: "memcached",
  available: daemon !== undefined,
  advice: "Install memcached.",
};

/** A server of memcached that lives as long as a test. */
export interface MemcachedServer extends AsyncDisposable {
  readonly port: number;
  /** Sends lines over a connection of their own, and gives what is answered until `end` comes. */
  ask(lines: string, end: RegExp): Promise<string>;
}

/**
 * Starts a server on loopback, and waits until it answers.
 * @param options of its command line
 */
export async function startMemcached(options: readonly string[] = [], wantedPort?: number): Promise<MemcachedServer> {
  const port = wantedPort ?? (await stablePort());
  const user = process.getuid?.() === 0 ? ["-u", "root"] : []; // It refuses to be root unless it is told to.
  const server = spawn(daemon ?? "", ["-l", "127.0.0.1", "-p", String(port), "-t", "1", ...user, ...options], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const exited = once(server, "exit");
  let log = "";
  server.stderr.setEncoding("utf8").on("data", (text: string) => {
    log += text;
  });
  const dispose = async (): Promise<void> => {
    server.kill("SIGKILL");
    await exited;
  };
  const connects = async (): Promise<void> => {
    const socket = createConnection(port, "127.0.0.1");
    await once(socket, "connect");
    socket.destroy();
  };
  try {
    await waitFor(connects);
  } catch (error) {
    await dispose();
    throw new Error(`memcached does not answer:\n${log}`, { cause: error });
  }
  return { port, ask: (lines, end) => askLines(port, lines, end), [Symbol.asyncDispose]: dispose };
}
