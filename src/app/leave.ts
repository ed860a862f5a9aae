import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";

/** How long the exit may take where it cannot be made not to wait. */
const exitMilliseconds = 500;

/**
 * Ends this process at once, whatever goes on in it.
 *
 * `process.exit` does not: Node.js waits for its worker threads and for the threads of libuv's pool, and neither a native call
 * nor a system call that never returns can be interrupted: the look-up of a name, `statfs` on a mount whose server is gone,
 * `scrypt`. Measured on Node.js 22.18 and 24 with a long `scrypt` and with a read of a FIFO that nobody writes: `process.exit`
 * and `process.reallyExit` wait for as long as that lasts, SIGKILL ends the process but loses the exit code, and nothing tells
 * whether anything waits (`process.getActiveResourcesInfo` knows no crypto). So another program, which does nothing but end
 * with the exit code, takes this process over, and with that all its threads are gone: that takes 20 ms.
 *
 * Where a program cannot be taken over, which is on Windows, a helper ends this process by force when its exit takes longer
 * than {@link exitMilliseconds}. Its exit code is then the one of that, 1 on Windows.
 */
export function leave(exitCode: number): never {
  const program = successor();
  if (program === undefined) {
    endByForceLater();
    process.exit(exitCode);
  }
  try {
    process.emit("exit", exitCode);
  } finally {
    const code = `process.exit(${exitCode})`;
    process.execve?.(program, [process.execPath, "--eval", code], bareEnvironment());
  }
  return process.exit(exitCode); // Not reached: an attempt that fails ends the process as well.
}

/**
 * The program that can take this process over; undefined when none can. Node.js aborts when the system refuses it, so that it
 * has to be known before. On Linux the program that is running can be had even when an update has removed it meanwhile.
 */
function successor(): string | undefined {
  if (process.execve === undefined || process.platform === "win32") return undefined;
  return ["/proc/self/exe", process.execPath].find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** The helper learns from its standard input that this process has ended by itself, and then does so too. */
function endByForceLater(): void {
  const code = `
    process.stdin.on("end", () => process.exit()).resume();
    setTimeout(() => process.kill(${process.pid}, "SIGKILL"), ${exitMilliseconds});
  `;
  spawn(process.execPath, ["--eval", code], {
    detached: true,
    env: bareEnvironment(),
    stdio: ["pipe", "ignore", "ignore"],
    windowsHide: true,
  }).on("error", () => {}); // Then the exit takes as long as it takes.
}

/** What is preloaded into this program is not wanted in another one. */
function bareEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, NODE_OPTIONS: "" };
}
