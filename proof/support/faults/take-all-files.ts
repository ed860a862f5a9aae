import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * Lets this process open no more files and connections.
 * @returns what gives them back
 */
export async function takeAllFiles(): Promise<() => Promise<void>> {
  const pid = String(process.pid);
  const { stdout } = await run("prlimit", ["--pid", pid, "--nofile", "--noheadings", "--output", "SOFT"]);
  // Without files, this process could not start what gives them back.
  const giver = spawn("sh", ["-c", `read -r word && prlimit --pid ${pid} --nofile=${stdout.trim()}:`], {
    stdio: ["pipe", "ignore", "inherit"],
  });
  const ended = once(giver, "exit");
  await run("prlimit", ["--pid", pid, "--nofile=3:"]);
  return async () => {
    giver.stdin.end("back\n");
    await ended;
  };
}
