import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { askLines } from "./ask-lines.ts";
import { answers, installedProgram, type Service } from "./it-with-service.ts";
import { stablePort } from "./stable-port.ts";

const daemon = installedProgram("nats-server");
const certificatesFolder = join(import.meta.dirname, "certificates");

/** Says whether throw-away servers can be started. */
export const natsProgram: Service = {
  name: "nats-server",
  available: daemon !== undefined,
  advice: "Install nats-server.",
};

/** A NATS server that lives as long as some tests. */
export interface NatsServer extends AsyncDisposable {
  readonly port: number;
  /** Sends lines over a connection of their own, and gives what is answered until `end` comes. */
  ask(lines: string, end: RegExp): Promise<string>;
  /** Ends it as a crash would, or starts it again. */
  kill(): Promise<void>;
  /** @param configuration instead of that which it had */
  start(configuration?: string): Promise<void>;
}

/** A part of a configuration: TLS with the certificate of this name. */
export function natsTls(certificate: string): string {
  const path = join(certificatesFolder, certificate);
  return `tls { cert_file: "${path}.pem", key_file: "${path}-key.pem" }`;
}

/**
 * Makes a server on loopback and starts it.
 * @param configuration as in its file; STORE stands for a folder of its own
 */
export async function startNats(configuration = ""): Promise<NatsServer> {
  const folder = await mkdtemp(join(tmpdir(), "healthspan-nats-"));
  const port = await stablePort();
  const file = join(folder, "nats.conf");
  let server: ChildProcess | undefined;
  const kill = async (): Promise<void> => {
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, "exit");
    server.kill("SIGKILL");
    await exited;
  };
  const start = async (changed = configuration): Promise<void> => {
    await writeFile(file, `listen: "127.0.0.1:${port}"\n${changed.replaceAll("STORE", join(folder, "store"))}\n`);
    const log = join(folder, "log");
    await rm(log, { force: true });
    server = spawn(daemon ?? "", ["-c", file, "-l", log], { stdio: "ignore" });
    // Not by a connection, which it may still count when the test wants its place.
    const isReady = async (): Promise<void> => {
      if (!(await readFile(log, "utf8")).includes("Server is ready")) throw new Error("It is not.");
    };
    const deadline = Date.now() + 20_000;
    while (!(await answers(isReady))) {
      if (server.exitCode !== null || Date.now() > deadline) throw new Error("nats-server does not start");
      await setTimeout(20);
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
  return { port, ask: (lines, end) => askLines(port, lines, end), kill, start, [Symbol.asyncDispose]: dispose };
}
