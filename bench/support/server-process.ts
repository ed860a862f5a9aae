import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { get } from "node:http";
import { createServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

/** A server in a process of its own. */
export interface ServerProcess extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
  /** From the start of the process to the first 200. */
  readonly startMilliseconds: number;
}

/** The smallest server that Node can be, which every server is compared with. */
export const emptyServer = [
  "--eval",
  'require("node:http").createServer((request, response) => response.end("ok")).listen(process.env.PORT, "127.0.0.1")',
];

const maxMilliseconds = 30_000;

/**
 * Starts Node with a server that listens on the port in the variable `PORT`, and waits until it answers `path` with 200.
 * It is asked again and again, as fast as it refuses.
 */
export async function startServer(
  args: readonly string[],
  path: string,
  options: SpawnOptions = {},
): Promise<ServerProcess> {
  const port = await freePort();
  const env = { ...process.env, HOST: "127.0.0.1", ...options.env, PORT: String(port) };
  const startedAt = performance.now();
  const child = spawn(process.execPath, args, { stdio: "ignore", ...options, env });
  while (!(await answers(port, path))) {
    if (child.exitCode !== null || performance.now() - startedAt > maxMilliseconds) {
      child.kill("SIGKILL");
      throw new Error(`node ${args.join(" ")} did not answer ${path} with 200`);
    }
    await wait(1);
  }
  const startMilliseconds = performance.now() - startedAt;
  return { pid: child.pid ?? 0, port, startMilliseconds, [Symbol.asyncDispose]: () => end(child) };
}

/** The memory that a process holds now, in MB. */
export async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return (Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024) / 1e6;
}

/** The middle one of measured values. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function end(child: ChildProcess): Promise<void> {
  const exited = once(child, "exit");
  child.kill();
  await exited;
}

function answers(port: number, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ host: "127.0.0.1", port, path, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once("error", () => resolve(false));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}
