import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The command as a checkout runs it. */
export const checkoutCommand = fileURLToPath(new URL("../../bin/healthspan.js", import.meta.url));

/** A line of the server's log. */
export interface LogLine {
  readonly level: string | number;
  readonly msg: string;
  /** As the server writes it, in ISO 8601. */
  readonly time?: string;
  /** The check that it is about. */
  readonly check?: string;
}

/** `healthspan serve` in a process of its own. */
export interface Served extends AsyncDisposable {
  readonly pid: number;
  readonly url: string;
  readonly log: readonly LogLine[];
  kill(signal: NodeJS.Signals): void;
  /** Asks the preload module, if there is one that answers. */
  ask(question: object): Promise<unknown>;
  /** Tells it to stop, and resolves to its exit code. */
  stop(): Promise<number | null>;
}

export interface ServeOptions {
  /** The path of `bin/healthspan.js`. Default: that of the checkout. */
  readonly command?: string | undefined;
  /** The configuration, as YAML. */
  readonly configuration: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Given to Node itself, such as `--cpu-prof`. */
  readonly nodeOptions?: readonly string[];
}

/** Starts the server on a free port of 127.0.0.1, and resolves when it listens. */
export async function serve({
  command = checkoutCommand,
  configuration,
  environment = {},
  nodeOptions = [],
}: ServeOptions): Promise<Served> {
  const folder = await mkdtemp(join(tmpdir(), "healthspan-proof-"));
  const path = join(folder, "healthspan.yaml");
  await writeFile(path, configuration);
  const child = spawn(
    process.execPath,
    [...nodeOptions, command, "serve", path, "--host", "127.0.0.1", "--port", "0"],
    {
      cwd: folder,
      env: { ...process.env, NODE_V8_COVERAGE: "", NODE_OPTIONS: "", ...environment },
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    },
  );
  // The server knows nothing of the channel, which must not keep it from ending.
  const ended = once(child, "exit");
  async function dispose(): Promise<void> {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGKILL");
      await ended;
    }
    await rm(folder, { recursive: true, force: true });
  }
  try {
    const { log, url } = await listening(child);
    return {
      pid: child.pid ?? -1,
      url,
      log,
      kill: (signal) => void child.kill(signal),
      ask: async (question) => {
        const answered = once(child, "message");
        child.send(question);
        return (await answered)[0];
      },
      stop: async () => {
        child.kill("SIGTERM");
        const [code] = await ended;
        return code;
      },
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** @throws Error with what was printed when the server ends instead */
async function listening(child: ChildProcess): Promise<{ readonly log: readonly LogLine[]; readonly url: string }> {
  const log: LogLine[] = [];
  let printed = "";
  let rest = "";
  const found = Promise.withResolvers<string>();
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      printed = `${printed}${line}\n`.slice(0, 10_000);
      const entry = parse(line);
      if (entry === undefined) continue;
      log.push(entry);
      if ("url" in entry && entry.msg.startsWith("listening")) found.resolve(String(entry.url));
    }
  });
  child.once("exit", () => found.reject(new Error(`the server did not start: ${printed}`)));
  return { log, url: await found.promise };
}

function parse(line: string): LogLine | undefined {
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === "object" && entry !== null && "msg" in entry ? (entry as LogLine) : undefined; // By pino.
  } catch {
    return undefined; // Something that is not the log's, such as a warning of Node's.
  }
}
