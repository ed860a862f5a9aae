import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startCommand } from "../support/command.ts";
import { until } from "../support/serve-command.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

/** Starts a server whose configuration is loaded as soon as a file called `go` is there. */
async function startLoading() {
  await folder.write(
    "healthspan.config.mjs",
    `import { existsSync, writeFileSync } from "node:fs";
     import { setTimeout } from "node:timers/promises";
     writeFileSync("loading", "");
     while (!existsSync("go")) await setTimeout(20);
     export default { checks: { disk: { type: "disk", maxUsage: "100%" } } };\n`,
  );
  const command = startCommand(["serve", "--port", "0"], { cwd: folder.path });
  await vi.waitFor(() => expect(existsSync(join(folder.path, "loading"))).toBe(true), until);
  return command;
}

describe("a signal while the configuration is being loaded", () => {
  it.each(["SIGTERM", "SIGINT"] as const)("%s ends the server cleanly, and at once", async (signal) => {
    await using command = await startLoading();
    const startedAt = performance.now();
    command.kill(signal);
    const ended = await command.ended;
    expect({ code: ended.code, signal: ended.signal, stderr: ended.stderr }).toEqual({
      code: 0,
      signal: null,
      stderr: "",
    });
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });

  it("SIGHUP makes the server load it again once it serves", async () => {
    await using command = await startLoading();
    command.kill("SIGHUP");
    await folder.write("go", "");
    await vi.waitFor(() => expect(command.printed().stderr).toContain('"because":"SIGHUP"'), until);
    expect(command.printed().stderr).toMatch(/listening on .*configuration reloaded/s);
    command.kill("SIGTERM");
    expect((await command.ended).code).toBe(0);
  });
});

describe("a signal before the command itself is loaded", () => {
  /** Starts the program with a command that takes for ever to load. */
  async function startProgram(command: string) {
    const program = fileURLToPath(new URL("../../bin/healthspan.js", import.meta.url));
    await folder.write("package.json", '{ "type": "module" }');
    await folder.write(
      "src/cli/main.ts",
      'console.log("loading"); await new Promise((resolve) => setTimeout(resolve, 60_000));',
    );
    await mkdir(join(folder.path, "bin"));
    await copyFile(program, join(folder.path, "bin/healthspan.js"));
    const started = spawn(process.execPath, ["bin/healthspan.js", command], { cwd: folder.path });
    await once(started.stdout, "data");
    return started;
  }

  it.each(["SIGTERM", "SIGINT"] as const)("%s ends the server cleanly", async (signal) => {
    const program = await startProgram("serve");
    program.kill("SIGHUP");
    program.kill(signal);
    expect(await once(program, "exit")).toEqual([0, null]);
  });

  it("SIGTERM ends any other command as it ends any program", async () => {
    const program = await startProgram("check");
    program.kill("SIGTERM");
    expect(await once(program, "exit")).toEqual([null, "SIGTERM"]);
  });
});
