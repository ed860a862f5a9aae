import { Writable } from "node:stream";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ConfigurationLoader } from "../../src/app/configuration-loader.ts";
import { createLogger } from "../../src/app/logger.ts";
import { RunningServer } from "../../src/app/running-server.ts";
import { readSystemFile } from "../../src/host/system-file.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

vi.mock(import("../../src/host/system-file.ts"), async (original) => {
  const actual = await original();
  return { ...actual, readSystemFile: vi.fn(actual.readSystemFile) };
});

afterEach(() => vi.mocked(readSystemFile).mockReset());

/** A machine without a free moment: whatever time passes between two looks at /proc/stat was in use. */
function simulateFullLoad(): void {
  const actual = vi.mocked(readSystemFile).getMockImplementation();
  vi.mocked(readSystemFile).mockImplementation((path) => {
    if (path.includes("/cgroup")) return undefined;
    if (path !== "/proc/stat") return actual?.(path);
    return `cpu  ${Math.round(performance.now())} 0 0 1 0 0 0 0 0 0\ncpu0 1 0 0 1\n`;
  });
}

/** Keeps the event loop of this process late until it is disposed of. */
function busyEventLoop(milliseconds: number): Disposable {
  const timer = setInterval(() => {
    const until = performance.now() + milliseconds;
    while (performance.now() < until);
  });
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

describe("the first answer without a configuration", () => {
  it("is that all is well on a machine whose CPUs are all in use, and whose event loop is late", async () => {
    simulateFullLoad();
    await using folder = await temporaryFolder();
    const loader = new ConfigurationLoader({ path: undefined, cwd: folder.path });
    const configuration = await loader.load();
    expect(configuration.source).toBeUndefined();
    let printed = "";
    const destination = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        printed += chunk;
        done();
      },
    });
    const logger = await createLogger({ level: "info", destination });
    using _busy = busyEventLoop(150);
    const server = await RunningServer.start(configuration, loader, { host: "127.0.0.1", port: 0 }, logger);
    try {
      const url = /"url":"([^"]+)"/.exec(printed)?.[1] ?? "";
      // Free memory and disk space are those of the machine that runs the test.
      for (const check of ["cpu", "event-loop"]) {
        const answer = await fetch(`${url}/health/${check}/?format=health`);
        const { status, checks } = (await answer.json()) as { status: string; checks: Record<string, unknown> };
        expect([answer.status, status], JSON.stringify(checks)).toEqual([200, "pass"]);
        if (check === "cpu") expect(checks).toMatchObject({ "cpu:usage": [{ observedValue: expect.closeTo(100, 0) }] });
      }
    } finally {
      await server.stop();
    }
  });
});
