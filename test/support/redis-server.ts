import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { answers, installedProgram, type Service } from "./it-with-service.ts";
import { stablePort } from "./stable-port.ts";

const run = promisify(execFile);

/** The server that runs on the machine; `REDIS_URL` names another. */
export const redisUrl = process.env.REDIS_URL ?? "redis://127.0.0.1:6379";

/** Says whether {@link redisUrl} can be used. */
export async function runningRedis(): Promise<Service> {
  const { hostname, port } = new URL(redisUrl);
  const available = await answers(async () => {
    const socket = createConnection(Number(port || 6379), hostname);
    await once(socket, "connect");
    socket.destroy();
  });
  return { name: `Redis at ${hostname}`, available, advice: "Start a Redis server, or name one in REDIS_URL." };
}

/** Says whether throw-away servers can be started. */
export const redisProgram: Service = {
  name: "redis-server",
  available: ["redis-server", "redis-cli"].every((program) => installedProgram(program) !== undefined),
  advice: "Install redis-server and redis-cli.",
};

/** A Redis server, or a sentinel, that lives as long as a test. */
export interface RedisServer extends AsyncDisposable {
  readonly port: number;
  readonly process: ChildProcess;
  /** The folder in which it works. */
  readonly folder: string;
  /** Sends a command by redis-cli, and gives what it prints. */
  ask(...words: readonly string[]): Promise<string>;
  /** Ends the server at once. */
  kill(): Promise<void>;
}

/** How a throw-away server is to be. */
export interface RedisServerOptions {
  /** A free one is taken when undefined. */
  readonly port?: number;
  /** Lines of its configuration file. */
  readonly lines?: readonly string[];
  readonly sentinel?: boolean;
  /** What redis-cli needs to talk to it. */
  readonly clientArguments?: readonly string[];
}

/** Starts a server on loopback that writes nothing to disk, and waits until it answers. */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const { port = await stablePort(), lines = [], sentinel = false, clientArguments = [] } = options;
  const folder = await mkdtemp(join(tmpdir(), "healthspan-redis-"));
  const file = join(folder, "redis.conf");
  const configuration = ["bind 127.0.0.1", `port ${port}`, `dir ${folder}`, ...(sentinel ? [] : ['save ""']), ...lines];
  await writeFile(file, `${configuration.join("\n")}\n`);
  const server = spawn("redis-server", [file, ...(sentinel ? ["--sentinel"] : [])], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(server, "exit");
  let printed = "";
  server.stdout.setEncoding("utf8");
  const ready = sentinel ? /Sentinel ID/ : /Ready to accept connections/;
  const started = new Promise<void>((resolve, reject) => {
    server.stdout.on("data", (text: string) => {
      printed += text;
      if (ready.test(printed)) resolve();
    });
    server.once("exit", () => reject(new Error(`redis-server ended at once:\n${printed}`)));
    server.once("error", reject);
  });
  const kill = async (): Promise<void> => {
    server.kill("SIGKILL");
    await exited;
  };
  const dispose = async (): Promise<void> => {
    await kill();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await started;
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    port,
    folder,
    process: server,
    kill,
    ask: async (...words) => {
      const answer = await run("redis-cli", ["-p", String(port), ...clientArguments, ...words]);
      return answer.stdout.trim();
    },
    [Symbol.asyncDispose]: dispose,
  };
}
