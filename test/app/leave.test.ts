import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startCommand } from "../support/command.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";

const checkModule = new URL("../support/thread-checks.ts", import.meta.url).href;

const configuration = `
import { Sleeping } from "${checkModule}";
const sleeping = new Sleeping({ thread: true, milliseconds: 20_000, timeout: "1s", interval: "10s" });
export default { log: { level: "info" }, checks: { sleeping } };
`;

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder({ "healthspan.config.ts": configuration });
});
afterEach(() => folder[Symbol.asyncDispose]());

describe("a thread that is stuck in a native call", () => {
  it("does not keep the server from ending with its own exit code", async () => {
    await using server = startCommand(["serve", "--port", "0"], { cwd: folder.path });
    await vi.waitFor(() => expect(server.printed().stderr).toContain("timed out after 1s"), 20_000);
    const stoppedAt = performance.now();
    server.kill("SIGTERM");
    expect(await server.ended).toMatchObject({ code: 0, signal: null });
    expect(performance.now() - stoppedAt).toBeLessThan(5000);
  });

  it("does not keep a command from ending with its own exit code", async () => {
    const startedAt = performance.now();
    await using command = startCommand(["check"], { cwd: folder.path });
    const { code, stdout, stderr } = await command.ended;
    expect([code, stderr]).toEqual([1, ""]);
    expect(stdout).toContain("Unavailable: timed out after 1s");
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });
});
