import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { installedProgram, type Service } from "./it-with-service.ts";
import { stablePort } from "./stable-port.ts";
import { waitFor } from "./wait-for.ts";

const run = promisify(execFile);
const daemon = installedProgram("sshd");

/** Says whether throw-away servers can be started. */
export const sshProgram: Service = {
  name: "sshd",
  available: daemon !== undefined && installedProgram("ssh-keygen") !== undefined,
  advice: "Install openssh-server.",
};

/** A server of OpenSSH that lives as long as a test. */
export interface SshServer extends AsyncDisposable {
  readonly port: number;
  /** What it has written to its log. */
  readonly log: () => string;
}

/**
 * Starts a server on loopback that nobody can log in to, and waits until it listens.
 * @param lines of its configuration
 */
export async function startSsh(...lines: readonly string[]): Promise<SshServer> {
  const folder = await mkdtemp(join(tmpdir(), "healthspan-ssh-"));
  const port = await stablePort();
  const key = join(folder, "key");
  const file = join(folder, "sshd_config");
  await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key]);
  const configuration = [`Port ${port}`, "ListenAddress 127.0.0.1", `HostKey ${key}`, "PidFile none", ...lines];
  await writeFile(file, `${configuration.join("\n")}\n`);
  // Where its unprivileged processes are locked up. The package leaves it to the start of the service.
  if (process.getuid?.() === 0) await mkdir("/run/sshd", { recursive: true });
  let log = "";
  const server = spawn(daemon ?? "", ["-D", "-e", "-f", file], { stdio: ["ignore", "ignore", "pipe"] }); // It wants its whole path.
  const exited = once(server, "exit");
  server.stderr.setEncoding("utf8").on("data", (text: string) => {
    log += text;
  });
  const dispose = async (): Promise<void> => {
    server.kill("SIGKILL");
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await waitFor(() => {
      if (!log.includes("Server listening")) throw new Error(`sshd does not listen:\n${log}`);
    });
  } catch (error) {
    await dispose();
    throw error;
  }
  return { port, log: () => log, [Symbol.asyncDispose]: dispose };
}

/** Connects to a server, and stays there in silence. */
export async function occupy(port: number): Promise<AsyncDisposable> {
  const socket = createConnection(port, "127.0.0.1");
  await once(socket, "data");
  return {
    [Symbol.asyncDispose]: async () => {
      socket.destroy();
    },
  };
}
