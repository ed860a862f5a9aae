import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { globSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { installedProgram, type Service } from "./it-with-service.ts";
import { stablePort } from "./stable-port.ts";

const run = promisify(execFile);
const daemon = installedProgram("mosquitto");
const [securityPlugin] = globSync("/usr/lib/*/mosquitto_dynamic_security.so");
const certificatesFolder = join(import.meta.dirname, "certificates");

/** Says whether throw-away brokers can be started. */
export const mosquittoProgram: Service = {
  name: "mosquitto",
  available: [daemon, installedProgram("mosquitto_passwd"), installedProgram("mosquitto_pub")].every(
    (program) => program !== undefined,
  ),
  advice: "Install mosquitto and mosquitto-clients.",
};

/** How a broker is to be. */
export interface MosquittoOptions {
  /** A free one is taken when undefined. */
  readonly port?: number;
  /** Lines of its configuration, after those that say where it listens. */
  readonly lines?: readonly string[];
  /** Users and their passwords. Without any, everybody is let in. */
  readonly users?: Readonly<Record<string, string>>;
  /** Lines of its ACL file. */
  readonly acl?: readonly string[];
  /** What the plugin for dynamic security lets clients do, by its own words. Default: without the plugin. */
  readonly defaultAccess?: Readonly<Record<string, boolean>>;
  /** The name of the certificate that it shows. Default: it does not speak TLS. */
  readonly certificate?: string;
}

/** A Mosquitto broker that lives as long as a test. */
export interface MosquittoServer extends AsyncDisposable {
  readonly port: number;
  readonly process: ChildProcess;
  /** What it has logged so far. */
  readonly log: () => string;
  /** Publishes a message by mosquitto_pub. */
  publish(topic: string, message: string, ...options: readonly string[]): Promise<void>;
  /** Ends it at once. */
  kill(): Promise<void>;
}

/** Starts a broker on loopback, and waits until it takes connections. */
export async function startMosquitto(options: MosquittoOptions = {}): Promise<MosquittoServer> {
  const { port = await stablePort(), lines = [], users, acl, defaultAccess, certificate } = options;
  const folder = await mkdtemp(join(tmpdir(), "healthspan-mosquitto-"));
  const file = (name: string): string => join(folder, name);
  const pem = (name: string): string => join(certificatesFolder, `${name}.pem`);
  const configuration = [
    `listener ${port} 127.0.0.1`,
    ...(process.getuid?.() === 0 ? ["user root"] : []), // Another could not read the folder.
    "log_dest stderr",
    `allow_anonymous ${users === undefined}`,
    ...(users === undefined ? [] : [`password_file ${file("users")}`]),
    ...(acl === undefined ? [] : [`acl_file ${file("acl")}`]),
    ...(defaultAccess === undefined
      ? []
      : [`plugin ${securityPlugin}`, `plugin_opt_config_file ${file("dynamic-security.json")}`]),
    ...(certificate === undefined
      ? []
      : [`cafile ${pem("ca")}`, `certfile ${pem(certificate)}`, `keyfile ${pem(`${certificate}-key`)}`]),
    ...lines,
  ];
  await writeFile(file("mosquitto.conf"), `${configuration.join("\n")}\n`);
  await writeFile(file("acl"), `${(acl ?? []).join("\n")}\n`);
  const rules = { defaultACLAccess: defaultAccess ?? {}, clients: [], groups: [], roles: [] };
  await writeFile(file("dynamic-security.json"), JSON.stringify(rules));
  await writeFile(file("users"), "");
  for (const [user, password] of Object.entries(users ?? {})) {
    await run("mosquitto_passwd", ["-b", file("users"), user, password]);
  }
  const server = spawn(daemon ?? "", ["-c", file("mosquitto.conf")], { stdio: ["ignore", "ignore", "pipe"] });
  const exited = once(server, "exit");
  let log = "";
  server.stderr.setEncoding("utf8");
  // Not a connection shows that it runs: Mosquitto 2.0 would count it out twice, and let one more in than it is told to.
  const running = new Promise<void>((resolve, reject) => {
    server.stderr.on("data", (text: string) => {
      log += text;
      if (/ running$/m.test(log)) resolve();
    });
    server.once("exit", () => reject(new Error(`mosquitto ended at once:\n${log}`)));
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
    await running;
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    port,
    process: server,
    log: () => log,
    publish: async (topic, message, ...more) => {
      const publishing = run("mosquitto_pub", ["-h", "127.0.0.1", "-p", String(port), "-t", topic, "-s", ...more]);
      publishing.child.stdin?.end(message);
      await publishing;
    },
    kill,
    [Symbol.asyncDispose]: dispose,
  };
}
