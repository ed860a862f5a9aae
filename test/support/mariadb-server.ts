import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { type ConnectionOptions, createConnection } from "mysql2/promise";
import { answers, installedProgram, type Service } from "./it-with-service.ts";
import { stablePort } from "./stable-port.ts";

const daemon = installedProgram("mariadbd");
const installer = installedProgram("mariadb-install-db");

/** Says whether throw-away servers can be started. */
export const mariadbProgram: Service = {
  name: "mariadbd",
  available: daemon !== undefined && installer !== undefined,
  advice: "Install mariadb-server.",
};

/** A MariaDB server that lives as long as some tests. */
export interface MariadbServer extends AsyncDisposable {
  readonly port: number;
  /** The path of its Unix socket. */
  readonly socketPath: string;
  /** Runs statements as root, and gives the rows of the last one. */
  ask(...statements: readonly string[]): Promise<readonly Record<string, unknown>[]>;
  /** Ends it as a crash would, or starts it again, with further options. */
  kill(): Promise<void>;
  start(...options: readonly string[]): Promise<void>;
}

/** Runs statements one after the other, and gives the rows of the last one. */
async function askMariadb(server: ConnectionOptions, statements: readonly string[]) {
  const connection = await createConnection(server);
  try {
    let rows: readonly Record<string, unknown>[] = [];
    for (const statement of statements) {
      const [result] = await connection.query(statement);
      rows = Array.isArray(result) ? (result as typeof rows) : []; // Whichever kind of statement it was.
    }
    return rows;
  } finally {
    await connection.end();
  }
}

/**
 * Makes a server on loopback and starts it.
 * @param options of its command line
 */
export async function startMariadb(...options: readonly string[]): Promise<MariadbServer> {
  const folder = await mkdtemp(join(tmpdir(), "healthspan-mariadb-"));
  const port = await stablePort();
  const data = join(folder, "data");
  const socketPath = join(folder, "socket");
  // It refuses to be root unless it is told to.
  const user = process.getuid?.() === 0 ? ["--user=root"] : [];
  const method = "--auth-root-authentication-method=normal";
  let server: ChildProcess | undefined;
  let exited: Promise<unknown> = Promise.resolve();
  const kill = async (): Promise<void> => {
    server?.kill("SIGKILL");
    await exited;
  };
  const ask: MariadbServer["ask"] = (...statements) => askMariadb({ socketPath, user: "root" }, statements);
  const start = async (...further: readonly string[]): Promise<void> => {
    const place = [`--datadir=${data}`, `--socket=${socketPath}`, `--port=${port}`, "--bind-address=127.0.0.1"];
    const quick = ["--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=8M", "--skip-name-resolve"];
    server = spawn(daemon ?? "", ["--no-defaults", ...place, ...quick, ...user, ...options, ...further], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    exited = once(server, "exit");
    let log = "";
    server.stderr?.setEncoding("utf8").on("data", (text: string) => {
      log += text;
    });
    const deadline = Date.now() + 20_000;
    while (!(await answers(() => ask("SELECT 1")))) {
      if (Date.now() > deadline) throw new Error(`MariaDB does not answer:\n${log}`);
      await setTimeout(50);
    }
  };
  const dispose = async (): Promise<void> => {
    await kill();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const install = ["--no-defaults", `--datadir=${data}`, method, "--skip-test-db", "--skip-name-resolve", ...user];
    await promisify(execFile)(installer ?? "", install);
    await start();
  } catch (error) {
    await dispose();
    throw error;
  }
  return { port, socketPath, ask, kill, start, [Symbol.asyncDispose]: dispose };
}
