import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { answers, installedProgram, type Service } from "./it-with-service.ts";
import { stablePort } from "./stable-port.ts";

/** The program itself: what Debian has in /usr/sbin runs as the user of the system's server, and in its folder. */
const daemon = "/usr/lib/rabbitmq/bin/rabbitmq-server";
/** Tells the ports of Erlang nodes. Each server has one of its own, so that none is left behind. */
const portMapper = installedProgram("epmd");
const certificatesFolder = join(import.meta.dirname, "certificates");
/** How long a node may take to start on a busy machine. */
export const startMilliseconds = 60_000;

/** Says whether throw-away servers can be started. */
export const rabbitmqProgram: Service = {
  name: "rabbitmq-server",
  available: existsSync(daemon) && portMapper !== undefined,
  advice: "Install rabbitmq-server.",
};

/** How a server is started. */
export interface RabbitmqStart {
  /** The name of the certificate that it shows. */
  readonly certificate?: string;
  /** Whether its memory alarm is in effect. */
  readonly isShortOfMemory?: boolean;
}

/** A RabbitMQ node with its management plugin that lives as long as some tests. */
export interface RabbitmqServer extends AsyncDisposable {
  readonly port: number;
  readonly tlsPort: number;
  readonly managementPort: number;
  /**
   * Asks the management plugin as the administrator.
   * @param path behind /api
   */
  manage(method: "GET" | "PUT" | "DELETE", path: string, body?: object): Promise<unknown>;
  /** What it has logged. */
  log(): Promise<string>;
  kill(): Promise<void>;
  start(options?: RabbitmqStart): Promise<void>;
}

/** Makes a node on loopback and starts it. */
export async function startRabbitmq(): Promise<RabbitmqServer> {
  const folder = await mkdtemp(join(tmpdir(), "healthspan-rabbitmq-"));
  const [port, tlsPort, managementPort] = [await stablePort(), await stablePort(), await stablePort()];
  const [nodePort, mapperPort] = [await stablePort(), await stablePort()];
  const mapper = spawn(portMapper ?? "", ["-port", String(mapperPort), "-address", "127.0.0.1"], { stdio: "ignore" });
  let node: ChildProcess | undefined;
  const kill = (): Promise<void> => killed(node);
  const manage: RabbitmqServer["manage"] = async (method, path, body) => {
    const headers = { Authorization: `Basic ${btoa("guest:guest")}`, "Content-Type": "application/json" };
    const address = `http://127.0.0.1:${managementPort}/api${path}`;
    const response = await fetch(address, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  };
  const log = (): Promise<string> => readFile(join(folder, "log"), "utf8");
  const start = async ({ certificate = "server", isShortOfMemory = false }: RabbitmqStart = {}): Promise<void> => {
    await writeFile(
      join(folder, "rabbitmq.conf"),
      `listeners.tcp.1 = 127.0.0.1:${port}
listeners.ssl.1 = 127.0.0.1:${tlsPort}
ssl_options.certfile = ${certificatesFolder}/${certificate}.pem
ssl_options.keyfile = ${certificatesFolder}/${certificate}-key.pem
ssl_options.verify = verify_none
management.tcp.ip = 127.0.0.1
management.tcp.port = ${managementPort}
${isShortOfMemory ? "vm_memory_high_watermark.absolute = 1MB" : ""}
`,
    );
    await writeFile(join(folder, "plugins"), "[rabbitmq_management].");
    const environment = {
      HOME: folder, // Where Erlang keeps the cookie by which nodes know each other.
      PATH: process.env.PATH,
      LANG: "C.UTF-8",
      ERL_EPMD_ADDRESS: "127.0.0.1",
      ERL_EPMD_PORT: String(mapperPort),
      RABBITMQ_NODENAME: `healthspan-${port}@localhost`,
      RABBITMQ_DIST_PORT: String(nodePort),
      RABBITMQ_MNESIA_BASE: join(folder, "data"),
      RABBITMQ_LOGS: join(folder, "log"),
      RABBITMQ_LOG_BASE: folder,
      RABBITMQ_CONFIG_FILE: join(folder, "rabbitmq.conf"),
      RABBITMQ_CONF_ENV_FILE: join(folder, "none"),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, "plugins"),
      RABBITMQ_PID_FILE: join(folder, "pid"),
      // The script becomes the node, and is no parent of it.
      RABBITMQ_ALLOW_INPUT: "1",
      RABBITMQ_SERVER_START_ARGS: "-noinput",
    };
    node = spawn(daemon, { cwd: folder, env: environment, stdio: "ignore" });
    const isReady = async (): Promise<void> => {
      await manage("GET", "/overview");
      for (const each of [port, tlsPort]) {
        const socket = createConnection(each, "127.0.0.1");
        await once(socket, "connect");
        socket.destroy();
      }
    };
    const deadline = Date.now() + startMilliseconds;
    while (!(await answers(isReady))) {
      if (node.exitCode !== null || Date.now() > deadline) throw new Error(`RabbitMQ does not answer:\n${await log()}`);
      await setTimeout(100);
    }
  };
  const dispose = async (): Promise<void> => {
    await kill();
    await killed(mapper);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await start();
  } catch (error) {
    await dispose();
    throw error;
  }
  return { port, tlsPort, managementPort, manage, log, kill, start, [Symbol.asyncDispose]: dispose };
}

async function killed(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}
