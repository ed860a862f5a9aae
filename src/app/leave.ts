import { isThreadHanging } from "../engine/threads/hanging-threads.ts";

/**
 * Ends this process at once. Where a thread hangs in a native call, Node.js would wait for it however long that takes: then
 * another program, which does nothing but end with the exit code, takes this process over, and with that its threads are gone.
 */
export function leave(exitCode: number): never {
  if (isThreadHanging() && process.execve !== undefined && process.platform !== "win32") {
    process.execve(process.execPath, [process.execPath, "--eval", `process.exit(${exitCode})`], {
      ...process.env,
      NODE_OPTIONS: "", // What is preloaded into this program is not wanted in that one.
    });
  }
  process.exit(exitCode);
}
