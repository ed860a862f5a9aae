import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { randomNumbers } from "../support/history/simulated-life.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";

const program = join(import.meta.dirname, "../support/history/observing-process.ts");
const until = { timeout: 30_000, interval: 50 };

interface Line {
  readonly message?: string;
  readonly found?: number;
  readonly count?: number;
  readonly at?: number;
}

let folder: TemporaryFolder;
let path: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  path = join(folder.path, "history.db");
});
afterEach(() => folder[Symbol.asyncDispose]());

/** Starts the program, after a command of a shell if one is given. */
function observe(argv: readonly string[], before = "") {
  const node = [process.execPath, program, path, ...argv];
  const child =
    before === ""
      ? spawn(process.execPath, node.slice(1), { stdio: ["ignore", "pipe", "inherit"] })
      : spawn("/bin/sh", ["-c", `${before}; exec "$@"`, "sh", ...node], { stdio: ["ignore", "pipe", "inherit"] });
  const lines: Line[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(JSON.parse(line)));
  const ended = once(child, "exit");
  return {
    lines,
    pid: child.pid ?? 0,
    messages: () => lines.flatMap(({ message = [] }) => message),
    async kill() {
      const at = Date.now();
      child.kill("SIGKILL");
      await ended;
      return at;
    },
  };
}

describe("a process that is killed at any moment", () => {
  it("loses no more than what happened in its last two seconds, and never the file", async () => {
    const random = randomNumbers(Date.now()); // Another moment each time.
    let atLeast = 0;
    for (let round = 0; round < 5; round += 1) {
      const process = observe(["10"]);
      await vi.waitFor(() => expect(process.lines[0]).toBeDefined(), until);
      const [{ found = -1, message } = {}] = process.lines;
      expect(message).toBeUndefined();
      expect(found).toBeGreaterThanOrEqual(atLeast);
      await vi.waitFor(() => expect(process.lines.length).toBeGreaterThan(150), until);
      await pause(2500 * random()); // Any moment, which cannot be waited for.
      const killedAt = await process.kill();
      const safe = process.lines.findLast(({ at = Number.POSITIVE_INFINITY }) => at <= killedAt - 2000);
      atLeast = found + (safe?.count ?? 0);
    }
    expect(atLeast).toBeGreaterThan(0);
    expect(existsSync(`${path}.damaged`)).toBe(false);
  }, 120_000);
});

describe("a disk that is full", () => {
  it("is told once, when it is over as well, and keeps nothing else from going on", async () => {
    const process = observe(["5", "20000"], "ulimit -S -f 1024"); // Half a mebibyte a file.
    try {
      await vi.waitFor(() => expect(process.messages()).toHaveLength(1), until);
      expect(process.messages()[0]).toMatch(/cannot be written: what happens now will be unknown after a restart/);
      const count = process.lines.length;
      await vi.waitFor(() => expect(process.lines.length).toBeGreaterThan(count + 800), until);
      expect(process.messages()).toHaveLength(1);
      execFileSync("prlimit", ["--pid", String(process.pid), "--fsize=unlimited"]);
      await vi.waitFor(() => expect(process.messages()).toHaveLength(2), until);
      expect(process.messages()[1]).toMatch(/can be written again: history is kept/);
    } finally {
      await process.kill();
    }
    const next = observe(["10"]);
    await vi.waitFor(() => expect(next.lines[0]?.found).toBeGreaterThan(800), until);
    await next.kill();
  }, 120_000);
});
