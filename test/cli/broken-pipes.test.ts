import { spawn } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { until } from "../support/serve-command.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";

const binary = fileURLToPath(new URL("../../bin/healthspan.js", import.meta.url));

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

/** Starts the command with pipes that nobody reads yet. */
function start(args: readonly string[], stdout: "pipe" | number = "pipe") {
  const child = spawn(process.execPath, [binary, ...args], {
    cwd: folder.path,
    env: { ...process.env, NODE_V8_COVERAGE: "" },
    stdio: ["ignore", stdout, "pipe"],
  });
  let stderr = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  return { child, printed: () => stderr, ended: once(child, "close").then(([code]) => ({ code, stderr })) };
}

const checks = (maxUsage: string) =>
  `checks:\n${Array.from({ length: 300 }, (_, n) => `  c${n}: { type: disk, maxUsage: ${maxUsage} }\n`).join("")}`;

describe("a command whose reader leaves", () => {
  it.each([
    ["passes", "100%", 0],
    ["fails", "0%", 1],
  ])("ends without a stack trace and keeps its exit code: check, which %s", async (_, maxUsage, code) => {
    await folder.write("healthspan.yaml", checks(maxUsage));
    const { child, ended } = start(["check"]);
    child.stdout?.destroy();
    expect(await ended).toEqual({ code, stderr: "" });
  });

  it.each([["list"], ["schema"], ["--help"]])("ends without a stack trace: %s", async (command) => {
    const { child, ended } = start([command]);
    child.stdout?.destroy();
    expect(await ended).toEqual({ code: 0, stderr: "" });
  });

  it("keeps its exit code when nobody reads its errors", async () => {
    const { child } = start(["list", "reddis"]);
    child.stderr?.destroy();
    expect(await once(child, "exit")).toEqual([2, null]);
  });

  it.skipIf(process.platform !== "linux")("says so when the output is lost for another reason", async () => {
    const { ended } = start(["schema"], openSync("/dev/full", "w"));
    expect(await ended).toEqual({ code: 2, stderr: expect.stringMatching(/^The output could not be written: ENOSPC/) });
  });
});

describe("a server whose log is no longer read", () => {
  it("does not end at its next line", async () => {
    await folder.write("healthspan.yaml", "checks: { disk: { type: disk } }\n");
    const { child, printed } = start(["serve", "--port", "0"]);
    const url = await vi.waitFor(() => {
      const [, found] = /"url":"([^"]+)"/.exec(printed()) ?? [];
      if (found === undefined) throw new Error("it does not listen yet");
      return found;
    }, until);
    child.stderr?.destroy();
    await folder.write("healthspan.yaml", "checks: { other: { type: disk } }\n");
    child.kill("SIGHUP");
    await vi.waitFor(async () => {
      expect(await (await fetch(`${url}/health/?format=json`)).json()).toHaveProperty("other");
    }, until);
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
  });
});
