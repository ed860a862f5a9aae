import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { get } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { closedPort } from "../../test/support/throw-away-server.ts";

/** A server in a process of its own. */
export interface ServerProcess extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
  /** From the start of the process to the head of the first 200. */
  readonly startMilliseconds: number;
  /** The body of that answer. */
  readonly firstBody: string;
}

/** The smallest server that Node can be, which every server is compared with. */
export const emptyServer = [
  "--eval",
  'require("node:http").createServer((request, response) => response.end("ok")).listen(process.env.PORT, "127.0.0.1")',
];

const maxMilliseconds = 30_000;

/**
 * Starts Node with any server that listens on the port in the variable `PORT`, and waits until it answers `path` with 200,
 * asking as fast as it refuses. The server of Healthspan alone is started by `serve`.
 */
export async function startServer(
  args: readonly string[],
  path: string,
  options: SpawnOptions = {},
): Promise<ServerProcess> {
  const port = await closedPort();
  const env = { ...process.env, HOST: "127.0.0.1", ...options.env, PORT: String(port) };
  const startedAt = performance.now();
  const child = spawn(process.execPath, args, { stdio: "ignore", ...options, env });
  for (;;) {
    const answer = await firstAnswer(port, path);
    if (answer !== undefined) {
      const { answeredAt, body } = answer;
      const startMilliseconds = answeredAt - startedAt;
      return {
        pid: child.pid ?? 0,
        port,
        startMilliseconds,
        firstBody: body,
        [Symbol.asyncDispose]: () => end(child),
      };
    }
    if (child.exitCode !== null || performance.now() - startedAt > maxMilliseconds) {
      child.kill("SIGKILL");
      throw new Error(`node ${args.join(" ")} did not answer ${path} with 200`);
    }
    await wait(1);
  }
}

async function end(child: ChildProcess): Promise<void> {
  const exited = once(child, "exit");
  child.kill();
  await exited;
}

/** Undefined when there is none, or it is not 200. */
function firstAnswer(
  port: number,
  path: string,
): Promise<{ readonly answeredAt: number; readonly body: string } | undefined> {
  return new Promise((resolve) => {
    const request = get({ host: "127.0.0.1", port, path, agent: false }, (response) => {
      const answeredAt = performance.now();
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => {
        body += text;
      });
      response.once("end", () => resolve(response.statusCode === 200 ? { answeredAt, body } : undefined));
      response.once("error", () => resolve(undefined));
    });
    request.once("error", () => resolve(undefined));
  });
}
