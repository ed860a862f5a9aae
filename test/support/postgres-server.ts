import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { chmod, chown, copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { Client, type ClientConfig } from "pg";
import { answers, type Service } from "./it-with-service.ts";
import { stablePort } from "./stable-port.ts";

const run = promisify(execFile);

/** The server that runs on the machine, which lets everybody in; `POSTGRES_URL` names another. */
export const postgresUrl = process.env.POSTGRES_URL ?? "postgres://root@127.0.0.1:5432/test";

/** Says whether {@link postgresUrl} can be used. */
export async function runningPostgres(): Promise<Service> {
  const { hostname, port } = new URL(postgresUrl);
  const available = await answers(async () => {
    const socket = createConnection(Number(port || 5432), hostname);
    await once(socket, "connect");
    socket.destroy();
  });
  const advice = "Start a PostgreSQL server, or name one in POSTGRES_URL.";
  return { name: `PostgreSQL at ${hostname}`, available, advice };
}

/** Asks a server something, as somebody else than the check. */
export async function askPostgres(server: ClientConfig, text: string): Promise<readonly string[]> {
  const client = new Client(server);
  await client.connect();
  try {
    const { rows } = await client.query<unknown[]>({ text, rowMode: "array" });
    return rows.map(([first]) => String(first));
  } finally {
    await client.end();
  }
}

/** Debian keeps the programs of each version in a folder of its own. */
const versionsFolder = "/usr/lib/postgresql";
const programs = existsSync(versionsFolder)
  ? readdirSync(versionsFolder)
      .map((version) => join(versionsFolder, version, "bin"))
      .find((folder) => existsSync(join(folder, "initdb")))
  : undefined;

/** PostgreSQL refuses to run as root: then it runs as the user that its package made. */
const owner = process.getuid?.() === 0 ? userNumbers("postgres") : undefined;

/** Says whether throw-away servers can be started. */
export const postgresProgram: Service = {
  name: "initdb",
  available: programs !== undefined && (owner !== undefined || process.getuid?.() !== 0),
  advice: "Install the PostgreSQL server.",
};

/** A PostgreSQL server that lives as long as some tests. Its user `checker` has the password {@link checkerPassword}. */
export interface PostgresServer extends AsyncDisposable {
  readonly port: number;
  /** The folder of its Unix socket, over which everybody is let in. */
  readonly folder: string;
  /** Ends it as a crash would, or starts it again, with further settings such as `ssl=on`. */
  kill(): Promise<void>;
  start(...settings: readonly string[]): Promise<void>;
  /** Makes it a replica, of a primary that is nowhere, when it starts the next time. */
  becomeReplica(): Promise<void>;
}

export const checkerPassword = "right:word/of@checker";

/** Makes a server with a password and certificates, and starts it. */
export async function startPostgres(certificates: string): Promise<PostgresServer> {
  const bin = programs ?? "";
  const folder = await mkdtemp(join(tmpdir(), "healthspan-postgres-"));
  const port = await stablePort();
  const data = join(folder, "data");
  const as = owner ?? {};
  const own = async (path: string): Promise<void> => {
    if (owner !== undefined) await chown(path, owner.uid, owner.gid);
  };
  await own(folder);
  const passwordFile = join(folder, "password");
  await writeFile(passwordFile, `${checkerPassword}\n`);
  await own(passwordFile);
  await run(
    join(bin, "initdb"),
    [
      data,
      "--username=checker",
      `--pwfile=${passwordFile}`,
      "--auth-host=scram-sha-256",
      "--auth-local=trust",
      "--no-sync",
      "--no-instructions",
      "--encoding=UTF8",
      "--locale=C",
    ],
    as,
  );
  for (const name of ["ca.pem", "server.pem", "server-key.pem", "other-host.pem", "other-host-key.pem"]) {
    await copyFile(join(certificates, name), join(data, name));
    await chmod(join(data, name), 0o600); // The server reads no key that others may read.
    await own(join(data, name));
  }
  let server: ChildProcess | undefined;
  const kill = async (): Promise<void> => {
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, "exit");
    server.kill("SIGQUIT"); // Immediate shutdown, of its children too; SIGKILL would leave them.
    await exited;
  };
  const start = async (...settings: readonly string[]): Promise<void> => {
    const options = ["fsync=off", "listen_addresses=127.0.0.1", `unix_socket_directories=${folder}`, ...settings];
    const flags = options.flatMap((option) => ["-c", option]);
    server = spawn(join(bin, "postgres"), ["-D", data, "-p", String(port), ...flags], {
      ...as,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let log = "";
    server.stderr?.setEncoding("utf8").on("data", (text: string) => {
      log += text;
    });
    const itself = { host: folder, port, user: "checker", database: "postgres" };
    const deadline = Date.now() + 10_000;
    while (!(await answers(() => askPostgres(itself, "SELECT 1")))) {
      if (Date.now() > deadline) throw new Error(`PostgreSQL does not answer:\n${log}`);
      await setTimeout(50);
    }
  };
  const dispose = async (): Promise<void> => {
    await kill();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await start();
  } catch (error) {
    await dispose();
    throw error;
  }
  const becomeReplica = async (): Promise<void> => {
    await writeFile(join(data, "standby.signal"), "");
    await own(join(data, "standby.signal"));
  };
  return { port, folder, kill, start, becomeReplica, [Symbol.asyncDispose]: dispose };
}

function userNumbers(name: string): { readonly uid: number; readonly gid: number } | undefined {
  try {
    const [uid, gid] = ["-u", "-g"].map((flag) => Number(execFileSync("id", [flag, name], { stdio: "pipe" })));
    return uid === undefined || gid === undefined ? undefined : { uid, gid };
  } catch {
    return undefined; // There is no such user.
  }
}

/** A message of PostgreSQL's protocol: its type, its length, its content. */
export function postgresMessage(type: string, content: Buffer | string): Buffer {
  const body = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type), length, body]);
}

/** What PostgreSQL sends for an error. */
export function postgresErrorMessage(code: string, text: string): Buffer {
  return postgresMessage("E", `SFATAL\0C${code}\0M${text}\0\0`);
}
