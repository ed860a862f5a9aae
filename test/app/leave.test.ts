import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startCommand } from "../support/command.ts";
import { startServe, until } from "../support/serve-command.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";

const threadChecks = new URL("../support/thread-checks.ts", import.meta.url).href;
const healthCheck = new URL("../../src/health/health-check.ts", import.meta.url).href;

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

/** As many threads as the checks below occupy; Healthspan asks for more. */
const smallPool = { UV_THREADPOOL_SIZE: "4" };

/** What occupies all four threads of libuv's pool for longer than a test takes, and can be called off by nobody. */
const occupations = {
  "a long computation": `for (let thread = 0; thread < 4; thread += 1) {
    scrypt("password", "salt", 64, { N: 2 ** 20, r: 8, p: 60, maxmem: 2 ** 31 }, () => {});
  }`,
  "a file system that does not answer": `for (let thread = 0; thread < 4; thread += 1) readFile("fifo", () => {});`,
};

/** A configuration with a check that does that, and then passes or waits for its time-out. */
function occupying(how: keyof typeof occupations, run: "passes" | "hangs", others = ""): string {
  return `
import { scrypt } from "node:crypto";
import { readFile, writeFileSync } from "node:fs";
import { HealthCheck } from ${JSON.stringify(healthCheck)};
class Occupying extends HealthCheck {
  run() {
    ${occupations[how]}
    writeFileSync("running", "");
    ${run === "hangs" ? "return new Promise(() => {});" : ""}
  }
}
export default { ${others} checks: { occupying: new Occupying({ timeout: "1s", interval: "10m" }) } };
`;
}

/** Begins to serve and has the check run. */
async function serveOccupied(environment: Record<string, string> = {}) {
  const server = await startServe(folder.path, [], { ...smallPool, ...environment });
  await vi.waitFor(() => expect(existsSync(join(folder.path, "running"))).toBe(true), until);
  return server;
}

/** Runs `healthspan check`; tells how it ended, and how long after it had printed its result. */
async function checkOnce(environment: Record<string, string> = {}) {
  await using command = startCommand(["check"], { cwd: folder.path, environment: { ...smallPool, ...environment } });
  await vi.waitFor(() => expect(command.printed().stdout).toContain("\n"), { timeout: 20_000, interval: 5 });
  const printedAt = performance.now();
  const { code, signal, stdout, stderr } = await command.ended;
  return { code, signal, stdout, stderr, milliseconds: performance.now() - printedAt };
}

describe.each(Object.keys(occupations) as (keyof typeof occupations)[])("%s", (how) => {
  beforeEach(() => void execFileSync("mkfifo", [join(folder.path, "history.db.lock")]));

  it("does not keep `check` from ending within a second of its results, with its own exit code", async () => {
    await folder.write("healthspan.config.mjs", occupying(how, "hangs"));
    const { milliseconds, ...ended } = await checkOnce();
    expect(ended).toMatchObject({ code: 1, signal: null, stderr: "" });
    expect(ended.stdout).toContain("Unavailable: timed out after 1s");
    expect(milliseconds).toBeLessThan(1500);
  });

  it("does not turn a pass into a failure", async () => {
    await folder.write("healthspan.config.mjs", occupying(how, "passes"));
    const { milliseconds, ...ended } = await checkOnce();
    expect(ended).toMatchObject({ code: 0, signal: null, stderr: "", stdout: expect.stringContaining("OK") });
    expect(milliseconds).toBeLessThan(1500);
  });

  it("does not keep `serve` from ending within nine seconds, although its state can no longer be written", async () => {
    await folder.write("healthspan.config.mjs", occupying(how, "hangs", 'store: "history.db",'));
    await using server = await serveOccupied();
    const stoppedAt = performance.now();
    server.kill("SIGTERM");
    expect(await server.ended).toMatchObject({ code: 0, signal: null });
    expect(performance.now() - stoppedAt).toBeLessThan(9000);
  }, 20_000);

  it("does not keep `serve` from ending at once when it is told a second time", async () => {
    await folder.write("healthspan.config.mjs", occupying(how, "hangs", 'store: "history.db",'));
    await using server = await serveOccupied();
    server.kill("SIGTERM");
    await vi.waitFor(() => expect(server.printed().stderr).toContain("stopping"), until);
    const stoppedAt = performance.now();
    server.kill("SIGTERM");
    expect(await server.ended).toMatchObject({ code: 1, signal: null });
    expect(performance.now() - stoppedAt).toBeLessThan(1500);
  }, 20_000);
});

describe("a store that cannot be opened", () => {
  it("because its file system does not answer does not keep `serve` from ending within nine seconds", async () => {
    // Only reading hangs: the thread of the store waits for somebody to write to what stands in the place of its lock.
    await folder.write(
      "healthspan.config.mjs",
      `import { writeFileSync } from "node:fs";
       writeFileSync("running", "");
       export default { store: "history.db", checks: { disk: { type: "disk", maxUsage: "100%" } } };`,
    );
    execFileSync("mkfifo", [join(folder.path, "fifo")]);
    await using command = startCommand(["serve", "--port", "0"], { cwd: folder.path, environment: smallPool });
    await vi.waitFor(() => expect(existsSync(join(folder.path, "running"))).toBe(true), until);
    const stoppedAt = performance.now();
    command.kill("SIGTERM");
    expect(await command.ended).toMatchObject({ code: 0, signal: null });
    expect(performance.now() - stoppedAt).toBeLessThan(5000);
  }, 20_000);
});

describe("a thread that a native call holds", () => {
  beforeEach(() => {
    return folder.write(
      "healthspan.config.ts",
      `import { Sleeping } from "${threadChecks}";
       const sleeping = new Sleeping({ thread: true, milliseconds: 20_000, timeout: "1s", interval: "10s" });
       export default { log: { level: "info" }, checks: { sleeping } };`,
    );
  });

  it("does not keep the server from ending, with its own exit code", async () => {
    await using server = startCommand(["serve", "--port", "0"], { cwd: folder.path });
    await vi.waitFor(() => expect(server.printed().stderr).toContain("timed out after 1s"), 20_000);
    const stoppedAt = performance.now();
    server.kill("SIGTERM");
    expect(await server.ended).toMatchObject({ code: 0, signal: null });
    expect(performance.now() - stoppedAt).toBeLessThan(5000);
  });

  it("does not keep a command from ending, with its own exit code", async () => {
    const { code, stdout, stderr, milliseconds } = await checkOnce();
    expect([code, stderr]).toEqual([1, ""]);
    expect(stdout).toContain("Unavailable: timed out after 1s");
    expect(milliseconds).toBeLessThan(2500);
  });
});

describe("where no program can take over", () => {
  const withoutTakingOver = { NODE_OPTIONS: "--import=data:text/javascript,delete%20process.execve" };

  it("the command is ended by force when its exit takes too long", async () => {
    execFileSync("mkfifo", [join(folder.path, "fifo")]);
    await folder.write("healthspan.config.mjs", occupying("a file system that does not answer", "hangs"));
    const { signal, milliseconds } = await checkOnce(withoutTakingOver);
    expect(signal).toBe("SIGKILL");
    expect(milliseconds).toBeLessThan(2500);
  });

  it("the command ends by itself, with its own exit code, when only a timer was left behind", async () => {
    await folder.write(
      "healthspan.config.mjs",
      `import { HealthCheck } from ${JSON.stringify(healthCheck)};
       class Ticking extends HealthCheck {
         run() { setInterval(() => {}, 1000); throw new Error("x"); }
       }
       export default { log: { level: "silent" }, checks: { ticking: new Ticking() } };`,
    );
    const { code, signal, milliseconds } = await checkOnce(withoutTakingOver);
    expect([code, signal]).toEqual([1, null]);
    expect(milliseconds).toBeLessThan(2000);
  });
});

describe("a client that does not close", () => {
  it("does not keep `check` from ending within a second of its results", async () => {
    await folder.write(
      "healthspan.config.mjs",
      `import { HealthCheck } from ${JSON.stringify(healthCheck)};
       class Clinging extends HealthCheck {
         run() {}
         close() { return new Promise(() => setInterval(() => {}, 1000)); }
       }
       export default { checks: { clinging: new Clinging() } };`,
    );
    const { milliseconds, ...ended } = await checkOnce();
    expect(ended).toMatchObject({ code: 0, signal: null });
    expect(milliseconds).toBeLessThan(1800);
  });
});

describe("the last words of a configuration in code", () => {
  it("are heard although something is left behind", async () => {
    await folder.write(
      "healthspan.config.mjs",
      `import { writeFileSync } from "node:fs";
       process.on("exit", (code) => writeFileSync("ended", String(code)));
       setInterval(() => {}, 1000);
       export default { checks: { disk: { type: "disk", maxUsage: "100%" } } };`,
    );
    expect(await checkOnce()).toMatchObject({ code: 0, signal: null });
    expect(existsSync(join(folder.path, "ended"))).toBe(true);
  });
});
