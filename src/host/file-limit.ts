import { execFileSync } from "node:child_process";
import { type ReadSystemFile, readSystemFile } from "./system-file.ts";

/** What a shell says to `ulimit -n`; its limits are those of this process. */
export type AskShell = () => string;

/**
 * How many files, sockets among them, this process may have open at once.
 * @returns undefined where there is no limit, or none that the system tells
 */
export function fileLimit(read: ReadSystemFile = readSystemFile, ask: AskShell = askShell): number | undefined {
  const limits = read("/proc/self/limits");
  const text = limits === undefined ? ask() : (/^Max open files\s+(\S+)/m.exec(limits)?.[1] ?? "");
  return /^\d+$/.test(text.trim()) ? Number(text) : undefined;
}

function askShell(): string {
  if (process.platform === "win32") return "unlimited";
  try {
    return execFileSync("/bin/sh", ["-c", "ulimit -n"], { encoding: "utf8", timeout: 2_000 });
  } catch {
    return ""; // Then the limit is not known.
  }
}
