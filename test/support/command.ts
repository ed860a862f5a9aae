import { spawn } from "node:child_process";
import { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { main } from "../../src/cli/main.ts";

/** What a command printed, and how it ended. */
export interface CommandOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command in this process. */
export async function runCommand(args: readonly string[], { terminal = false } = {}): Promise<CommandOutcome> {
  const stdout = new Sink(terminal);
  const stderr = new Sink(false);
  const code = await main(args, { stdout, stderr });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

class Sink extends Writable {
  text = "";
  readonly isTTY: boolean;
  readonly columns = 80;

  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
  }

  /** As a terminal's stream: how many colours it has, in bits. */
  getColorDepth(): number {
    return 8;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

const binary = fileURLToPath(new URL("../../bin/healthspan.js", import.meta.url));

/** The command as a process of its own. */
export interface CommandProcess extends AsyncDisposable {
  readonly pid: number;
  /** What it has printed so far. */
  readonly printed: () => { readonly stdout: string; readonly stderr: string };
  kill(signal: NodeJS.Signals): void;
  /** How it ended: its exit code, or the signal that ended it. */
  readonly ended: Promise<CommandOutcome & { readonly signal: NodeJS.Signals | null }>;
}

/** Starts the command as a process of its own. */
export function startCommand(
  args: readonly string[],
  { cwd, environment = {} }: { readonly cwd?: string; readonly environment?: Record<string, string> } = {},
): CommandProcess {
  const child = spawn(process.execPath, [binary, ...args], {
    cwd,
    env: { ...process.env, NODE_V8_COVERAGE: "", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const ended = new Promise<Awaited<CommandProcess["ended"]>>((resolve) => {
    child.on("close", (code, signal) => resolve({ code: code ?? -1, signal, stdout, stderr }));
  });
  return {
    pid: child.pid ?? -1,
    printed: () => ({ stdout, stderr }),
    kill: (signal) => void child.kill(signal),
    ended,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
