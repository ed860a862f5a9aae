import { spawnSync } from "node:child_process";
import {
  type FileHandle,
  lstat,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Heartbeat } from "../../src/checks/heartbeat.ts";
import { HealthMonitor } from "../../src/engine/monitor.ts";
import { ServiceUnavailable } from "../../src/health/errors.ts";
import { StateFile } from "../../src/store/state-file.ts";
import { fakeCheck } from "../support/checks.ts";
import { rememberingLogger } from "../support/logs.ts";

let folder: string;
const logger = rememberingLogger();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "healthspan-"));
  logger.lines.length = 0;
});
afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

/** Starts, runs the check once, and stops, as a server with a state file does. */
async function live(action: () => void | Promise<void>) {
  const path = join(folder, "state.json");
  const file = new StateFile(path, logger);
  const monitor = new HealthMonitor([fakeCheck({ name: "database" }, action)], {
    logger: rememberingLogger(),
    remembered: await file.load(),
    changed: () => file.changed(),
  });
  file.keep(() => monitor.remember());
  const before = monitor.reports()[0];
  const { checks } = await monitor.report();
  await file.close();
  await monitor.close();
  return { before, after: checks[0], path };
}

const down = () => Promise.reject(new ServiceUnavailable("gone"));

describe("StateFile", () => {
  it("lets since-when and the changes survive a restart", async () => {
    const first = await live(down);
    const second = await live(down);
    expect(second.before).toMatchObject({ state: "unknown" });
    expect(second.after).toMatchObject({ state: "unhealthy", since: first.after?.since });
    expect(first.after?.transitions).toMatchObject(second.after?.transitions ?? []);
    expect(second.after?.transitions).toHaveLength(1);
  });

  it("tells of what changed while nobody looked", async () => {
    const first = await live(down);
    const second = await live(() => {});
    expect(second.after?.transitions).toMatchObject([
      { from: "unhealthy", to: "healthy", failure: undefined },
      { from: "unknown", to: "unhealthy", at: first.after?.since },
    ]);
    expect(second.after?.lastSuccessAt).toBeGreaterThan(0);
  });

  it.each([
    "",
    "{",
    "[]",
    '{"version":1}',
    '{"version":0,"checks":[]}',
    '{"version":1,"checks":[{"name":7}]}',
    "\u0000\u0001",
  ])("sets a file aside that holds %j, with a warning, and goes on", async (text) => {
    await writeFile(join(folder, "state.json"), text);
    const { after, path } = await live(() => {});
    expect(after?.state).toBe("healthy");
    expect(await readFile(`${path}.damaged`, "utf8")).toBe(text);
    expect(logger.lines).toMatchObject([{ level: "warn", message: expect.stringContaining("was set aside") }]);
    expect(JSON.parse(await readFile(path, "utf8"))).toMatchObject({ version: 1, checks: [{ name: "database" }] });
  });

  it("keeps what a heartbeat remembers, also its beginning", async () => {
    const path = join(folder, "state.json");
    const options = { name: "backup", every: "1d", token: "token-of-the-job" };
    const start = async () => {
      const file = new StateFile(path, logger);
      const check = new Heartbeat(options);
      const monitor = new HealthMonitor([check], {
        logger: rememberingLogger(),
        remembered: await file.load(),
        changed: () => file.changed(),
      });
      file.keep(() => monitor.remember());
      return { file, check, monitor };
    };
    const killed = await start();
    killed.check.beat({ kind: "success" });
    killed.check.beat({ kind: "start" });
    await killed.monitor.renew("backup");
    await vi.waitFor(async () => expect(await readFile(path, "utf8")).toContain("startedAt"));
    const next = await start();
    expect((await next.monitor.report()).checks[0]?.state).toBe("healthy");
    expect(next.check.remember()).toEqual(killed.check.remember());
    for (const { file, monitor } of [killed, next]) {
      await file.close();
      await monitor.close();
    }
  });

  it("sets a file aside that is larger than what it would ever write", async () => {
    const path = join(folder, "state.json");
    await writeFile(path, "");
    await truncate(path, 64 * 1024 * 1024 + 1);
    await live(() => {});
    expect(logger.lines).toMatchObject([{ level: "warn", message: expect.stringContaining("more than 64 MiB") }]);
    expect(await readdir(folder)).toEqual(["state.json", "state.json.damaged"]);
  });

  it("leaves a folder alone, and says what to do", async () => {
    await mkdir(join(folder, "state.json"));
    await writeFile(join(folder, "state.json", "precious"), "data");
    const { after } = await live(() => {});
    expect(after?.state).toBe("healthy");
    expect(await readdir(folder, { recursive: true })).toEqual(["state.json", "state.json/precious"]);
    expect(logger.lines).toMatchObject([
      { level: "warn", message: expect.stringMatching(/is no regular file: it is left alone.+Name one in stateFile/) },
    ]);
  });

  it.for([
    ["pipe", "p"],
    ["device", "c 1 3"],
  ] as const)("leaves a %s alone", async ([, kind], { skip }) => {
    const path = join(folder, "state.json");
    const { status } = spawnSync("mknod", [path, ...kind.split(" ")], { stdio: "ignore" });
    if (status !== 0) skip("only root may make devices");
    expect((await live(() => {})).after?.state).toBe("healthy");
    expect((await lstat(path)).isFile()).toBe(false);
    expect(await readdir(folder)).toEqual(["state.json"]);
    expect(logger.lines).toHaveLength(1);
  });

  it("leaves a file alone that cannot be read, and says what to do", async () => {
    const path = join(folder, "state.json");
    await symlink("state.json", path);
    expect((await live(() => {})).after?.state).toBe("healthy");
    expect((await lstat(path)).isSymbolicLink()).toBe(true);
    expect(await readdir(folder)).toEqual(["state.json"]);
    expect(logger.lines).toMatchObject([
      {
        level: "warn",
        message: expect.stringMatching(/cannot be read: it is left alone.+Let the user/),
        details: { error: expect.stringContaining("ELOOP") },
      },
    ]);
  });

  it("does not overwrite a damaged file that it cannot set aside", async () => {
    await writeFile(join(folder, "state.json"), "precious");
    await mkdir(join(folder, "state.json.damaged"));
    expect((await live(() => {})).after?.state).toBe("healthy");
    expect(await readFile(join(folder, "state.json"), "utf8")).toBe("precious");
    expect(logger.lines).toMatchObject([{ level: "warn", message: expect.stringContaining("could not be set aside") }]);
  });

  it.each([
    ["a link", true],
    ["a link to a file that does not exist yet", false],
  ])("lets %s be one", async (_, exists) => {
    await mkdir(join(folder, "data"));
    if (exists) await writeFile(join(folder, "data", "real.json"), '{"version":1,"checks":[]}');
    await symlink(join("data", "real.json"), join(folder, "state.json"));
    await live(() => {});
    expect((await lstat(join(folder, "state.json"))).isSymbolicLink()).toBe(true);
    expect(await readFile(join(folder, "data", "real.json"), "utf8")).toContain("database");
  });

  it("is whole whoever else writes it at the same time, and leaves nothing beside it", async () => {
    const path = join(folder, "state.json");
    const many = (name: string) =>
      Array.from({ length: 2000 }, () => ({
        name,
        state: "healthy" as const,
        since: 1,
        lastSuccessAt: undefined,
        transitions: [],
      }));
    for (let round = 0; round < 10; round += 1) {
      const files = ["a", "bb", "ccc"].map((name) => {
        const file = new StateFile(path, logger);
        file.keep(() => many(name));
        return file;
      });
      await Promise.all(files.map((file) => file.close()));
      expect(await new StateFile(path, logger).load()).toHaveLength(2000);
    }
    expect(logger.lines).toEqual([]);
    expect(await readdir(folder)).toEqual(["state.json"]);
  });

  it("removes what was left behind by a process that was killed while it wrote", async () => {
    const others = ["state.json.old.tmp", "state.json.1.0123456.tmp", "other.json.1.01234567.tmp"];
    const [old, young] = ["state.json.1.01234567.tmp", "state.json.2.89abcdef.tmp"];
    for (const name of [...others, old, young]) await writeFile(join(folder, name), "half");
    for (const name of [...others, old]) await utimes(join(folder, name), 0, Date.now() / 1000 - 120);
    await live(() => {});
    expect((await readdir(folder)).toSorted()).toEqual([...others, young, "state.json"].toSorted());
  });

  it("leaves nothing behind when it cannot put the file in its place", async () => {
    const path = join(folder, "state.json");
    const file = new StateFile(path, logger);
    await file.load();
    await mkdir(path);
    file.keep(() => []);
    await file.close();
    expect(logger.lines).toMatchObject([{ level: "warn", message: expect.stringContaining("cannot be written") }]);
    expect(await readdir(folder)).toEqual(["state.json"]);
  });

  it("warns once when it cannot write, and never fails", async () => {
    const file = new StateFile(join(folder, "no", "such", "folder", "state.json"), logger);
    expect(await file.load()).toEqual([]);
    file.keep(() => []);
    file.changed();
    await vi.waitFor(() => expect(logger.lines).toHaveLength(1));
    await file.close();
    expect(logger.lines).toMatchObject([{ level: "warn", message: expect.stringContaining("cannot be written") }]);
  });

  it("warns again when it could be written meanwhile", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    const path = join(folder, "later", "state.json");
    const file = new StateFile(path, logger);
    const write = vi.fn(() => []);
    file.keep(write);
    const writeAnew = (): void => {
      file.changed();
      vi.advanceTimersByTime(1000);
    };
    const warningsBecome = (count: number) => vi.waitFor(() => expect(logger.lines).toHaveLength(count));
    writeAnew();
    await warningsBecome(1);
    await mkdir(join(folder, "later"));
    writeAnew();
    await vi.waitFor(async () => expect(await readdir(join(folder, "later"))).toEqual(["state.json"]));
    await rm(join(folder, "later"), { recursive: true });
    writeAnew();
    await warningsBecome(2);
    await file.close();
    expect(write).toHaveBeenCalledTimes(4);
    expect(logger.lines).toHaveLength(2);
  });

  it("is read by nobody but its owner, and on the disk before it takes the place of the old one", async () => {
    await using some = await open(import.meta.filename);
    const sync = vi.spyOn(Object.getPrototypeOf(some) as FileHandle, "sync");
    const { path } = await live(() => {});
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(sync).toHaveBeenCalled();
  });

  it("writes at most once a second, and what is newest at the end", async () => {
    let writes = 0;
    const path = join(folder, "state.json");
    const file = new StateFile(path, logger);
    file.keep(() => {
      writes += 1;
      return [];
    });
    for (let change = 0; change < 100; change += 1) {
      file.changed();
      await new Promise(setImmediate);
    }
    await vi.waitFor(async () => expect(await readdir(folder)).toEqual(["state.json"]));
    expect(writes).toBe(1);
    await file.close();
    expect(writes).toBe(2);
    file.changed();
    expect(await readdir(folder)).toEqual(["state.json"]);
  });
});
