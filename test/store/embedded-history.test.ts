import { chmod, lstat, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Heartbeat } from "../../src/checks/heartbeat.ts";
import { HealthMonitor } from "../../src/engine/monitor.ts";
import type { MonitorOptions } from "../../src/engine/monitor-options.ts";
import { ServiceUnavailable, ServiceWarning } from "../../src/health/errors.ts";
import { type HealthCheck, healthCheck } from "../../src/health/health-check.ts";
import type { EmbeddedHistory } from "../../src/store/embedded-history.ts";
import { openHistory } from "../../src/store/open-history.ts";
import { fakeCheck } from "../support/checks.ts";
import { rememberingLogger } from "../support/logs.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";

const until = { timeout: 20_000, interval: 50 };
/** A user who may do nothing. */
const nobody = 65_534;
const logger = rememberingLogger();
const ends: (() => Promise<unknown>)[] = [];
let folder: TemporaryFolder;
let path: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  path = join(folder.path, "history.db");
  logger.lines.length = 0;
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  await folder[Symbol.asyncDispose]();
});

async function open(options: { readonly path?: string | undefined; readonly stateFile?: string } = { path }) {
  const history = await openHistory({ ...options, logger });
  ends.push(() => history.close());
  return history;
}

function watch(history: EmbeddedHistory, checks: readonly HealthCheck[], options: MonitorOptions = {}): HealthMonitor {
  const monitor = new HealthMonitor(checks, { logger: rememberingLogger(), ...options, history });
  ends.push(() => monitor.close());
  return monitor;
}

const down =
  (message = "gone") =>
  () =>
    Promise.reject(new ServiceUnavailable(message));
const database = (action: () => void | Promise<void>) => fakeCheck({ name: "database" }, action);
const all = { checks: ["database"], limit: 10 };

class Queue extends healthCheck({ measures: { jobs: { unit: "{jobs}", description: "The jobs that wait." } } }) {
  length = 0;

  run(): void {
    this.measure("jobs", this.length);
  }
}

function measuring(length: number): Queue {
  const queue = new Queue({ name: "queue" });
  queue.length = length;
  return queue;
}

/** The mean of each measure of the check `queue` in the newest bucket. */
async function measuredIn(history: EmbeddedHistory) {
  const measures = await history.measures("queue", "90d");
  return measures.map(({ name, unit, buckets }) => [name, unit, buckets.at(-1)?.values?.mean]);
}

/** Starts, runs the check once, and stops, as a server does. */
async function live(action: () => void | Promise<void>, options?: Parameters<typeof open>[0]) {
  const history = await open(options);
  const monitor = watch(history, [database(action)]);
  const before = monitor.reports()[0];
  const { checks } = await monitor.report();
  await monitor.close();
  await history.close();
  return { before, after: checks[0] };
}

describe("history without a file", () => {
  it("tells uptime and buckets from what was observed", async () => {
    const history = await open({});
    const monitor = watch(history, [database(() => {})]);
    expect(monitor.history?.uptime("database", "24h")).toBeUndefined();
    await monitor.report();
    await vi.waitFor(() => expect(history.uptime("database", "24h")?.knownSeconds).toBeGreaterThan(0), until);
    const uptime = history.uptime("database", "30d");
    expect(uptime?.availableSeconds).toBe(uptime?.knownSeconds);
    const buckets = (await history.buckets(["database", "no such check"], "24h")).get("database");
    expect(buckets).toHaveLength(96);
    const last = buckets?.at(-1);
    expect(last).toMatchObject({ runs: 1, failures: 0, p50: expect.any(Number), p95: expect.any(Number) });
    expect(last?.endsAt).toBe((last?.startsAt ?? 0) + 900_000);
    expect(buckets?.map(({ startsAt }) => startsAt)).toEqual(
      Array.from({ length: 96 }, (_, index) => (last?.startsAt ?? 0) - (95 - index) * 900_000),
    );
    expect(JSON.parse(JSON.stringify(last))).toMatchObject({ runs: 1, seconds: { unhealthy: 0 } });
    expect((await history.buckets(["no such check"], "90d")).size).toBe(0);
  });

  it("has 84 buckets of two hours for 7d, and 90 for 30d and 90d", async () => {
    const history = await open({});
    await watch(history, [database(() => {})]).report();
    for (const [span, count, hours] of [
      ["7d", 84, 2],
      ["30d", 90, 8],
      ["90d", 90, 24],
    ] as const) {
      const buckets = (await history.buckets(["database"], span)).get("database") ?? [];
      expect(buckets).toHaveLength(count);
      expect(new Set(buckets.map(({ startsAt, endsAt }) => endsAt - startsAt))).toEqual(new Set([hours * 3_600_000]));
    }
  });

  it("keeps what a check measures, and nothing of one that measures nothing", async () => {
    const history = await open({});
    const queue = measuring(10);
    const monitor = watch(history, [queue, database(() => {})]);
    await monitor.report();
    queue.length = 30;
    await monitor.report();
    const [measure] = await history.measures("queue", "24h");
    expect(measure).toMatchObject({ name: "jobs", unit: "{jobs}" });
    const values = measure?.buckets.flatMap((bucket) => bucket.values ?? []) ?? [];
    expect(Math.min(...values.map(({ minimum }) => minimum))).toBe(10);
    expect(Math.max(...values.map(({ maximum }) => maximum))).toBe(30);
    expect(await history.measures("database", "24h")).toEqual([]);
    expect(await history.measures("no such check", "24h")).toEqual([]);
  });

  it("keeps documents as long as the process lives", async () => {
    const history = await open({});
    await history.put("notices", "b", { text: "one" });
    await history.put("notices", "a", [1]);
    await history.put("notices", "b", { text: "two" });
    await history.put("maintenance", "b", null);
    expect(await history.all("notices")).toEqual([
      { id: "a", content: [1] },
      { id: "b", content: { text: "two" } },
    ]);
    await history.delete("notices", "a");
    await history.delete("notices", "no such");
    expect(await history.all("notices")).toMatchObject([{ id: "b" }]);
  });
});

describe("an incident", () => {
  it("begins with the first failure, has the worst state and how that was found, and ends with the first success", async () => {
    const history = await open({});
    let action: () => void | Promise<void> = () => Promise.reject(new ServiceWarning("slow"));
    const monitor = watch(history, [database(() => action())]);
    await monitor.report();
    const slow = history.incident("database");
    expect(slow).toMatchObject({ state: "degraded", failure: { message: "slow" }, endedAt: undefined });
    action = down("first");
    await monitor.report();
    action = down("second");
    await monitor.report();
    expect(history.incident("database")).toMatchObject({
      id: slow?.id,
      state: "unhealthy",
      failure: { message: "first" },
    });
    action = () => {};
    await monitor.report();
    expect(history.incident("database")).toBeUndefined();
    const [incident, ...others] = await history.incidents(all);
    expect(others).toEqual([]);
    expect(incident).toMatchObject({
      ...slow,
      state: "unhealthy",
      failure: { message: "first" },
      endedAt: expect.any(Number),
    });
    expect(await history.incidents({ ...all, since: (incident?.endedAt ?? 0) + 1 })).toEqual([]);
    expect(await history.incidents({ ...all, before: incident?.startedAt ?? 0 })).toEqual([]);
    expect(await history.incidents({ checks: ["other"], limit: 10 })).toEqual([]);
  });

  it("goes on over a restart, with the same id", async () => {
    await live(down());
    const history = await open();
    const [before] = await history.incidents(all);
    const monitor = watch(history, [database(() => {})]);
    expect(history.incident("database")).toEqual(before);
    await monitor.report();
    expect(await history.incidents(all)).toEqual([{ ...before, endedAt: expect.any(Number) }]);
  });

  it("ends with its check, which a reload may remove", async () => {
    const history = await open();
    const monitor = watch(history, [database(down())]);
    await monitor.report();
    await monitor.replace([fakeCheck({ name: "other" })], [{ path: "/health/" }]);
    expect(await history.incidents(all)).toMatchObject([{ endedAt: expect.any(Number) }]);
  });

  it("does not begin in maintenance, but begins when the check still fails at its end", async () => {
    const history = await open({});
    let isOver = false;
    const maintenance = { id: "1", title: "update", startsAt: 0, endsAt: undefined };
    const calendar = {
      at: () => (isOver ? undefined : maintenance),
      within: (_: unknown, from: number, to: number) => to - from,
      active: () => (isOver ? [] : [maintenance]),
      nextEdge: () => Number.POSITIVE_INFINITY,
    };
    const monitor = watch(history, [database(down())], { maintenance: calendar });
    await monitor.report();
    expect(history.incident("database")).toBeUndefined();
    isOver = true;
    await monitor.report();
    expect(history.incident("database")).toMatchObject({ state: "unhealthy", failure: { message: "gone" } });
  });
});

describe("history in a file", () => {
  it("lets since-when, the changes and the identity of a failure survive a restart", async () => {
    const first = await live(down());
    const second = await live(down());
    expect(second.before).toMatchObject({ state: "unknown" });
    expect(second.after).toMatchObject({ state: "unhealthy", since: first.after?.since, consecutiveFailures: 2 });
    expect(second.after?.transitions).toEqual(first.after?.transitions);
  });

  it("does not begin to count failures anew", async () => {
    const run = async (action: () => void | Promise<void>) => {
      const history = await open();
      const monitor = watch(history, [fakeCheck({ name: "database", failureThreshold: 3 }, action)]);
      const [check] = (await monitor.report()).checks;
      await history.close();
      await monitor.close();
      return check;
    };
    for (let runs = 0; runs < 3; runs += 1) expect(await run(() => {})).toMatchObject({ state: "healthy" });
    expect(await run(down())).toMatchObject({ state: "healthy", consecutiveFailures: 1 });
    expect(await run(down())).toMatchObject({ state: "healthy", consecutiveFailures: 2 });
    expect(await run(down())).toMatchObject({ state: "unhealthy", consecutiveFailures: 3 });
  });

  it("does not make a start period longer that has not ended", async () => {
    const check = () => fakeCheck({ name: "database", startPeriod: "1h" }, down());
    const history = await open();
    const monitor = watch(history, [check()]);
    await monitor.report();
    const [remembered] = monitor.remember();
    expect(remembered?.startPeriodEndsAt).toBeGreaterThan(Date.now() + 3_500_000);
    await history.close();
    const later = { ...remembered, startPeriodEndsAt: Date.now() + 1 } as NonNullable<typeof remembered>;
    const next = new HealthMonitor([check()], { logger: rememberingLogger(), remembered: [later] });
    ends.push(() => next.close());
    await vi.waitFor(async () => expect((await next.report()).checks[0]?.state).toBe("unhealthy"), until);
  });

  it("keeps what a heartbeat remembers as soon as it is told, also when the process is killed then", async () => {
    const options = { name: "backup", every: "1d", token: "token-of-the-job" };
    const killed = new Heartbeat(options);
    const first = await open();
    const monitor = watch(first, [killed]);
    killed.beat({ kind: "success" });
    await monitor.renew("backup");
    const read = new DatabaseSync(path, { readOnly: true });
    ends.push(async () => read.close());
    const kept = () => JSON.stringify(read.prepare("SELECT current FROM memories").all());
    await vi.waitFor(() => expect(kept()).toContain("memory"), until);
    await first.close();
    const again = new Heartbeat(options);
    expect((await watch(await open(), [again]).report()).checks[0]?.state).toBe("healthy");
    expect(again.remember()).toEqual(killed.remember());
  });

  it("keeps documents over a restart", async () => {
    const first = await open();
    await first.put("notices", "1", { to: "ops" });
    await first.close();
    expect(await (await open()).all("notices")).toEqual([{ id: "1", content: { to: "ops" } }]);
  });

  it("is for its owner alone", async () => {
    await live(() => {});
    for (const name of await readdir(folder.path)) {
      expect((await stat(join(folder.path, name))).mode & 0o777, name).toBe(0o600);
    }
  });

  it("contains no secret of a check", async () => {
    const check = new Heartbeat({ name: "backup", every: "1s", token: "s3cr3t-of-the-job" });
    const history = await open();
    await watch(history, [check, database(down("s3cr3t-of-nobody"))]).report();
    await history.close();
    const written = await readFile(path, "latin1");
    expect(written).toContain("backup");
    expect(written).not.toContain("s3cr3t-of-the-job");
  });

  it.each([
    ["a link", true],
    ["a link to a file that does not exist yet", false],
  ])("lets %s be one", async (_, exists) => {
    const real = join(folder.path, "data", "real.db");
    await mkdir(join(folder.path, "data"));
    if (exists) await live(() => {}, { path: real });
    await symlink(join("data", "real.db"), path);
    await live(down());
    expect((await lstat(path)).isSymbolicLink()).toBe(true);
    expect((await live(down())).after?.consecutiveFailures).toBe(2);
    expect((await stat(real)).size).toBeGreaterThan(0);
  });

  it("can be copied while it is in use", async () => {
    const history = await open();
    await watch(history, [database(down())]).report();
    await history.incidents(all);
    const copy = join(folder.path, "copy.db");
    const reader = new DatabaseSync(path, { readOnly: true });
    reader.exec(`VACUUM INTO '${copy}'`);
    reader.close();
    expect(await (await open({ path: copy })).incidents(all)).toHaveLength(1);
  });
});

describe("a file that cannot be used", () => {
  const warnings = () => logger.lines.filter(({ level }) => level === "warn").map(({ message }) => message);

  it.each([
    ["text", "precious"],
    ["half a database", "SQLite format 3\0 and no more"],
  ])("is set aside when it holds %s, with a warning", async (_, content) => {
    await writeFile(path, content);
    expect((await live(() => {})).after?.state).toBe("healthy");
    expect(await readFile(`${path}.damaged`, "latin1")).toBe(content);
    expect(warnings()).toEqual([expect.stringMatching(/is damaged.*, and was set aside as .*: the past is unknown/)]);
    expect((await live(() => {})).after?.transitions).toHaveLength(1);
    expect(warnings()).toHaveLength(1);
  });

  it("is set aside when pages of it are overwritten", async () => {
    await live(down());
    const content = await readFile(path);
    await writeFile(path, content.fill(7, 4096));
    expect((await live(() => {})).after?.state).toBe("healthy");
    expect(warnings()).toEqual([expect.stringContaining("is damaged, and was set aside")]);
    expect((await live(() => {})).after?.transitions).toHaveLength(1);
  });

  it("is set aside when it is of another version", async () => {
    await live(() => {});
    const other = new DatabaseSync(path);
    other.exec("PRAGMA user_version = 99");
    other.close();
    expect((await live(() => {})).after?.state).toBe("healthy");
    expect(warnings()).toEqual([expect.stringContaining("is of another version, and was set aside")]);
  });

  it("goes on with one of the first version, which kept nothing that was measured", async () => {
    await live(down("first"));
    const first = new DatabaseSync(path);
    first.exec("DROP TABLE measures; PRAGMA user_version = 1");
    first.close();
    const history = await open();
    const queue = measuring(1240);
    await watch(history, [database(() => {}), queue]).report();
    expect(await history.incidents(all)).toMatchObject([{ failure: { message: "first" } }]);
    expect((await history.buckets(["database"], "24h")).get("database")?.at(-1)).toMatchObject({ failures: 1 });
    expect(await measuredIn(history)).toEqual([["jobs", "{jobs}", 1240]]);
    expect(warnings()).toEqual([]);
    await history.close();
    expect(await measuredIn(await open())).toEqual([["jobs", "{jobs}", 1240]]);
  });

  it("is left alone when it is a database of another program", async () => {
    const other = new DatabaseSync(path);
    other.exec("CREATE TABLE precious (data TEXT)");
    other.close();
    const before = await readFile(path);
    expect((await live(() => {})).after?.state).toBe("healthy");
    expect(await readFile(path)).toEqual(before);
    expect(warnings()).toEqual([
      expect.stringMatching(/database of another program; name another file in store: it is left alone/),
    ]);
  });

  it("is left alone when it is a folder", async () => {
    await mkdir(path);
    await writeFile(join(path, "precious"), "data");
    expect((await live(() => {})).after?.state).toBe("healthy");
    expect(await readdir(path)).toEqual(["precious"]);
    expect(warnings()).toEqual([expect.stringMatching(/is no regular file; .*kept in memory until the next start/)]);
  });

  it("is said once when its folder does not exist", async () => {
    const history = await open({ path: join(folder.path, "no", "such", "history.db") });
    await watch(history, [database(() => {})]).report();
    await vi.waitFor(() => expect(history.uptime("database", "24h")).toBeDefined(), until);
    expect(warnings()).toEqual([expect.stringMatching(/cannot be opened: .*Let the user that Healthspan runs as/)]);
  });

  it("is not overwritten when it cannot be set aside", async () => {
    await writeFile(path, "precious");
    await mkdir(`${path}.damaged`);
    await writeFile(join(`${path}.damaged`, "file"), "");
    expect((await live(() => {})).after?.state).toBe("healthy");
    expect(await readFile(path, "utf8")).toBe("precious");
    expect(warnings()).toEqual([expect.stringMatching(/could not be set aside .*: move it away, and start again/)]);
  });

  it("because another server has it is left to that one", async () => {
    const first = await open();
    await watch(first, [database(down())]).report();
    const second = await open();
    await watch(second, [database(() => {})]).report();
    expect(await first.incidents(all)).toHaveLength(1);
    expect(await second.incidents(all)).toEqual([]);
    expect(warnings()).toEqual([
      expect.stringMatching(/is in use by another server; give each its own file: .*in memory/),
    ]);
    await first.close();
    expect(await (await open()).incidents(all)).toHaveLength(1);
  });

  it("because it may not be written says so, whoever this process is", async () => {
    await live(down());
    const before = await readFile(path);
    // Permissions do not keep the administrator from writing: it is given up for the while.
    const isRoot = process.getuid?.() === 0;
    await chmod(path, 0o444);
    await chmod(folder.path, 0o555);
    if (isRoot) process.seteuid?.(nobody);
    try {
      expect((await live(() => {})).after?.state).toBe("healthy");
    } finally {
      if (isRoot) process.seteuid?.(0);
      await chmod(folder.path, 0o755);
    }
    expect(warnings()).toEqual([expect.stringContaining("history is kept in memory until the next start")]);
    expect(await readFile(path)).toEqual(before);
  });
});

describe("a state file of an earlier version", () => {
  const failure = { kind: "Unavailable", message: "gone", reason: "unavailable" };
  const since = Date.UTC(2026, 2, 14);
  const state = {
    version: 1,
    checks: [
      {
        name: "database",
        state: "unhealthy",
        since,
        transitions: [{ at: since, from: "healthy", to: "unhealthy", failure }],
      },
    ],
  };

  it.each(["beside the database", "in the place of the database"])(
    "is taken over once when it is %s",
    async (where) => {
      const stateFile = where.startsWith("beside") ? join(folder.path, "state.json") : path;
      await writeFile(stateFile, JSON.stringify(state));
      const options = stateFile === path ? { path } : { path, stateFile };
      expect((await live(down(), options)).after).toMatchObject({ state: "unhealthy", since });
      expect(logger.lines).toMatchObject([
        { level: "info", message: expect.stringContaining("was taken over: the states of 1 checks") },
      ]);
      expect(JSON.parse(await readFile(`${stateFile}.imported`, "utf8"))).toEqual(state);
      expect((await live(down(), options)).after).toMatchObject({ state: "unhealthy", since });
      expect(logger.lines).toHaveLength(1);
    },
  );

  it("is not taken over a second time by a database that knows more", async () => {
    const stateFile = join(folder.path, "state.json");
    await live(() => {});
    await writeFile(stateFile, JSON.stringify(state));
    expect((await live(() => {}, { path, stateFile })).after?.since).toBeGreaterThan(since);
  });

  it("is set aside when it is damaged", async () => {
    const stateFile = join(folder.path, "state.json");
    await writeFile(stateFile, '{"version":0}');
    expect((await live(() => {}, { path, stateFile })).after?.state).toBe("healthy");
    expect(await readFile(`${stateFile}.damaged`, "utf8")).toBe('{"version":0}');
    expect(logger.lines).toMatchObject([{ level: "warn", message: expect.stringContaining("nothing was taken over") }]);
    await rm(`${stateFile}.damaged`);
  });
});
