import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Reloader } from "../../src/app/reloader.ts";
import type { Configuration } from "../../src/config/configuration.ts";
import { ConfigurationError } from "../../src/config/configuration-error.ts";
import { loadConfiguration } from "../../src/config/load.ts";
import { FilesRead } from "../../src/config/read/files-read.ts";
import { rememberingLogger } from "../support/logs.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

// Timers of promises are not faked by themselves.
vi.mock("node:timers/promises", async (importOriginal) => ({
  ...(await importOriginal<object>()),
  setTimeout: (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
}));

const configuration = await loadConfiguration({ cwd: import.meta.dirname, environment: {} });
const reloaders: Reloader[] = [];
afterEach(() => {
  for (const reloader of reloaders.splice(0)) reloader.close();
  vi.useRealTimers();
});

/** A reloader whose loads the test ends. */
function reloaderOf() {
  const loads: PromiseWithResolvers<Configuration>[] = [];
  const taken: Configuration[] = [];
  const logger = rememberingLogger();
  const loader = {
    files: new Map<string, string>(),
    isOutdated: false,
    load: () => {
      const load = Promise.withResolvers<Configuration>();
      loads.push(load);
      return load.promise;
    },
  };
  const reloader = new Reloader({
    loader,
    apply: async (next) => void taken.push(next),
    logger,
  });
  reloaders.push(reloader);
  return { reloader, loader, loads, taken, logger };
}

describe("simultaneous reloads", () => {
  it("share the load after the current one", async () => {
    const { reloader, loads, taken } = reloaderOf();
    const first = reloader.reload("first");
    await vi.waitFor(() => expect(loads).toHaveLength(1));
    const others = Array.from({ length: 50 }, (_, n) => reloader.reload(`other ${n}`));
    loads[0]?.resolve(configuration);
    expect(await first).toEqual({ ok: true });
    await vi.waitFor(() => expect(loads).toHaveLength(2));
    loads[1]?.resolve({ ...configuration, concurrency: 7 });
    expect(new Set(await Promise.all(others))).toEqual(new Set([{ ok: true }]));
    expect(taken.map(({ concurrency }) => concurrency)).toEqual([configuration.concurrency, 7]);
    expect(loads).toHaveLength(2);
  });

  it("give each caller the outcome of the load that started after its request", async () => {
    const { reloader, loads } = reloaderOf();
    const first = reloader.reload("first");
    await vi.waitFor(() => expect(loads).toHaveLength(1));
    const second = reloader.reload("second");
    loads[0]?.reject(new ConfigurationError("a.yaml", [{ path: [], message: "is empty", position: undefined }]));
    expect(await first).toEqual({ ok: false, message: "a.yaml: is empty" });
    await vi.waitFor(() => expect(loads).toHaveLength(2));
    loads[1]?.resolve(configuration);
    expect(await second).toEqual({ ok: true });
    expect(reloader.status.successful).toBe(true);
    void reloader.reload("third");
    await vi.waitFor(() => expect(loads).toHaveLength(3));
  });

  it("never load at the same time, so that the older configuration cannot win", async () => {
    vi.useFakeTimers();
    const { reloader, loads } = reloaderOf();
    const first = reloader.reload("first");
    await vi.advanceTimersByTimeAsync(1000);
    void reloader.reload("second");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(loads).toHaveLength(1);
    loads[0]?.resolve(configuration);
    await first;
    await vi.advanceTimersByTimeAsync(1000);
    expect(loads).toHaveLength(2);
  });
});

describe("a reloader that watches", () => {
  it("follows the files of the configuration that it has loaded, also of an invalid one", async () => {
    await using folder = await temporaryFolder({ one: "1", two: "1", three: "1" });
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const { reloader, loader, loads, logger } = reloaderOf();
    const follow = (name: string): void => {
      const files = new FilesRead();
      files.note(join(folder.path, name));
      loader.files = new Map(files.versions);
    };
    follow("one");
    reloader.watch();
    const loadsReach = (count: number) =>
      vi.waitFor(() => {
        vi.advanceTimersByTime(1000);
        expect(loads).toHaveLength(count);
      });
    await folder.write("one", "changed");
    await loadsReach(1);
    follow("two");
    loads[0]?.resolve(configuration);
    await vi.waitFor(() => expect(logger.lines).toHaveLength(1));
    await folder.write("two", "changed");
    await loadsReach(2);
    follow("three");
    loads[1]?.reject(new Error("no configuration"));
    await vi.waitFor(() => expect(reloader.status.successful).toBe(false));
    await folder.write("three", "changed");
    await loadsReach(3);
  });
});

describe("a configuration that never finishes loading", () => {
  it("does not block later reloads once its file is fixed", async () => {
    const { reloader, loader, loads, taken, logger } = reloaderOf();
    const stuck = reloader.reload("first");
    await vi.waitFor(() => expect(loads).toHaveLength(1));
    const waiting = reloader.reload("second");
    loader.isOutdated = true;
    const mended = reloader.reload("third");
    expect(await stuck).toEqual({ ok: false, message: expect.stringContaining("files changed while") });
    await vi.waitFor(() => expect(loads).toHaveLength(2));
    loads[1]?.resolve({ ...configuration, concurrency: 7 });
    expect(await Promise.all([waiting, mended])).toEqual([{ ok: true }, { ok: true }]);
    loads[0]?.resolve(configuration);
    await Promise.resolve();
    expect(taken.map(({ concurrency }) => concurrency)).toEqual([7]);
    expect(logger.lines.map(({ message }) => message)).toContain(
      "configuration not reloaded: files changed while the configuration was loading; it is loaded again",
    );
  });

  it("is waited for as long as its files are the same", async () => {
    const { reloader, loads } = reloaderOf();
    const first = reloader.reload("first");
    await vi.waitFor(() => expect(loads).toHaveLength(1));
    void reloader.reload("second");
    loads[0]?.resolve(configuration);
    expect(await first).toEqual({ ok: true });
  });
});

describe("the message for an invalid configuration", () => {
  it("is complete in the log, and for clients leaves out what its code threw", async () => {
    const { reloader, loads, logger } = reloaderOf();
    const outcome = reloader.reload("test");
    await vi.waitFor(() => expect(loads).toHaveLength(1));
    const issue = { path: [], message: "cannot be loaded", thrown: "no hunter2", position: undefined };
    loads[0]?.reject(new ConfigurationError("a.mjs", [issue]));
    expect(await outcome).toEqual({ ok: false, message: "a.mjs: cannot be loaded\nSee the server log for details." });
    expect(logger.lines.map(({ message }) => message).join("\n")).toContain("a.mjs: cannot be loaded: no hunter2");
  });

  it("leaves out an unexpected error for clients", async () => {
    const { reloader, loads } = reloaderOf();
    const outcome = reloader.reload("test");
    await vi.waitFor(() => expect(loads).toHaveLength(1));
    loads[0]?.reject(new Error("no hunter2"));
    const message = "the configuration could not be reloaded\nSee the server log for details.";
    expect(await outcome).toEqual({ ok: false, message });
  });
});

describe("a reloader that is closed", () => {
  it("neither applies nor waits for a configuration that is still loading", async () => {
    const { reloader, loads, taken } = reloaderOf();
    const first = reloader.reload("first");
    await vi.waitFor(() => expect(loads).toHaveLength(1));
    const asked = [first, reloader.reload("second")];
    reloader.close();
    const stopping = { ok: false, message: "the server is stopping" };
    expect(await Promise.all(asked)).toEqual([stopping, stopping]);
    loads[0]?.resolve(configuration);
    await Promise.resolve();
    expect(taken).toEqual([]);
    expect(reloader.status.successful).toBe(true);
    expect(loads).toHaveLength(1);
  });
});
