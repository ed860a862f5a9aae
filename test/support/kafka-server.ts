import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import { installedProgram, type Service } from "./it-with-service.ts";

const program = installedProgram("kcat");

/** Says whether kcat is there, whose library can play a cluster, and is a client besides. */
export const kcatProgram: Service = {
  name: "kcat",
  available: program !== undefined,
  advice: "Install kcat.",
};

/** Brokers of librdkafka, which keep messages and offsets in memory: no login, no TLS, and Metadata up to version 2. */
export interface KafkaServer extends AsyncDisposable {
  /** Each as HOST:PORT. */
  readonly brokers: string[];
  /** What the brokers wrote to their log: each question, and each topic that was created. */
  readonly log: () => string;
}

/** Starts brokers with the topic "orders", of four partitions. */
export async function startKafka(brokers = 2): Promise<KafkaServer> {
  const options = ["-b", "127.0.0.1:1", "-X", `test.mock.num.brokers=${brokers}`, "-P", "-t", "orders", "-d", "mock"];
  // It ends with its input.
  const server = spawn(program ?? "", options, { stdio: ["pipe", "ignore", "pipe"] });
  const exited = once(server, "exit");
  let log = "";
  const created = Promise.withResolvers<void>();
  server.stderr.setEncoding("utf8").on("data", (text: string) => {
    log += text;
    if (log.includes('Created topic "orders"')) created.resolve();
  });
  await Promise.race([created.promise, exited]);
  const [, addresses] = /bootstrap\.servers=(\S+)/.exec(log) ?? [];
  if (addresses === undefined) throw new Error(`kcat plays no brokers:\n${log}`);
  return {
    brokers: addresses.split(","),
    log: () => log,
    [Symbol.asyncDispose]: async () => {
      server.kill("SIGKILL");
      await exited;
    },
  };
}

/**
 * Runs kcat as a client.
 * @param input sent line by line as messages
 * @returns what it printed
 */
export async function runKcat(
  brokers: readonly string[],
  options: readonly string[],
  input = "",
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const running = promisify(execFile)(program ?? "", ["-b", brokers.join(","), ...options], { timeout: 20_000 });
  running.child.stdin?.end(input);
  return running;
}
