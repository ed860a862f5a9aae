import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HealthMonitor } from "../../src/engine/monitor.ts";
import { ServiceUnavailable } from "../../src/health/errors.ts";
import { StateFile } from "../../src/server/state-file.ts";
import { told } from "../support/checks.ts";
import { rememberingLogger } from "../support/logs.ts";

let folder: string;
const logger = rememberingLogger();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "healthspan-"));
  logger.lines.length = 0;
});
afterEach(() => rm(folder, { recursive: true }));

/** Starts, runs the check once, and stops, as a server with a state file does. */
async function live(action: () => void | Promise<void>) {
  const path = join(folder, "state.json");
  const file = new StateFile(path, logger);
  const monitor = new HealthMonitor([told({ name: "database" }, action)], {
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

  it("warns once when it cannot write, and never fails", async () => {
    const file = new StateFile(join(folder, "no", "such", "folder", "state.json"), logger);
    expect(await file.load()).toEqual([]);
    file.keep(() => []);
    file.changed();
    await vi.waitFor(() => expect(logger.lines).toHaveLength(1));
    await file.close();
    expect(logger.lines).toMatchObject([{ level: "warn", message: expect.stringContaining("cannot be written") }]);
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
