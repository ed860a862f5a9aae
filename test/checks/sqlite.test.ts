import { copyFile, open, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Sqlite } from "../../src/checks/sqlite.ts";
import { describeCheck } from "../support/describe-check.ts";
import { runCheck, runToVerdict } from "../support/run-check.ts";
import { recordTelemetry } from "../support/telemetry.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

type Options = NonNullable<ConstructorParameters<typeof Sqlite>[0]>;

async function resultOf(options: Options) {
  const { state, failure } = await runCheck(new Sqlite(options));
  return { state, failure };
}

describe("Sqlite", () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let path: string;

  beforeAll(async () => {
    folder = await temporaryFolder({ "notes.txt": "These are notes, and no database at all.\n".repeat(100) });
    path = join(folder.path, "shop.db");
    const database = new DatabaseSync(path);
    database.exec("CREATE TABLE jobs (id INTEGER PRIMARY KEY, name TEXT); CREATE INDEX names ON jobs (name); BEGIN");
    const insert = database.prepare("INSERT INTO jobs (name) VALUES (?)");
    for (let job = 0; job < 2000; job += 1) insert.run(`job ${job} ${"x".repeat(50)}`);
    database.exec("COMMIT");
    database.close();
  });

  afterAll(async () => {
    await folder[Symbol.asyncDispose]();
  });

  describeCheck(Sqlite, { options: { path: "/nowhere/shop.db" } });

  it.each<[string, Omit<Options, "path">]>([
    ["reads the schema", {}],
    ["compares what a query gives", { query: "SELECT count(*) FROM jobs", expected: 2000 }],
    ["compares truth", { query: "SELECT count(*) > 1 FROM jobs", expected: true }],
    ["compares NULL", { query: "SELECT NULL", expected: null }],
    ["compares bytes", { query: "SELECT x'6f6b'", expected: "ok" }],
    ["compares great integers", { query: "SELECT 9007199254740993", expected: "9007199254740993" }],
    ["checks the integrity quickly", { integrity: "quick" }],
    ["checks all the integrity", { integrity: "full", query: "SELECT 1", expected: 1 }],
  ])("%s", async (_, options) => {
    expect(await resultOf({ path, ...options })).toMatchObject({ state: "healthy" });
  });

  it.each<[string, Omit<Options, "path">, object]>([
    ["another value", { query: "SELECT 2", expected: 1 }, { reason: "assertion" }],
    ["no row", { query: "SELECT 1 WHERE 0", expected: 1 }, { reason: "assertion", message: "the query gave no row" }],
    ["a wrong query", { query: "SELECT * FROM x" }, { message: "the database cannot run the query" }],
    ["a query that writes", { query: "DELETE FROM jobs" }, { message: /would write/ }],
  ])("is unhealthy for %s", async (_, options, failure) => {
    const result = await resultOf({ path, ...options });
    const message = "message" in failure ? expect.stringMatching(failure.message as RegExp) : expect.any(String);
    expect(result).toMatchObject({ state: "unhealthy", failure: { kind: "Unexpected Result", ...failure, message } });
  });

  it("is unhealthy when the file is missing, and makes none", async () => {
    const missing = join(folder.path, "missing.db");
    expect((await resultOf({ path: missing })).failure).toMatchObject({
      kind: "Unavailable",
      reason: "unavailable",
      message: "there is no such file",
    });
    expect(await readdir(folder.path)).not.toContain("missing.db");
  });

  it("is unhealthy when the file is no database, or a folder", async () => {
    expect((await resultOf({ path: join(folder.path, "notes.txt") })).failure).toMatchObject({
      reason: "unexpected_result",
      message: "the file is no SQLite database",
    });
    expect((await resultOf({ path: folder.path })).failure).toMatchObject({
      reason: "unavailable",
      message: "the file of the database cannot be read",
    });
  });

  it("is unhealthy when somebody holds it locked", async () => {
    const locking = new DatabaseSync(path);
    locking.exec("BEGIN EXCLUSIVE");
    try {
      const result = await runToVerdict(() => new Sqlite({ path, timeout: "5s" }));
      expect(result.failure).toMatchObject({ reason: "unavailable", message: "the database is locked" });
    } finally {
      locking.exec("ROLLBACK");
      locking.close();
    }
  });

  it.each(["quick", "full"] as const)(
    "finds damage by integrity: %s, which reading the schema does not",
    async (integrity) => {
      const damaged = join(folder.path, `damaged-${integrity}.db`);
      await copyFile(path, damaged);
      const file = await open(damaged, "r+");
      await file.write(Buffer.alloc(4096, 0x55), 0, 4096, 4096 * 8);
      await file.close();
      expect(await resultOf({ path: damaged })).toMatchObject({ state: "healthy" });
      expect((await resultOf({ path: damaged, integrity })).failure).toMatchObject({
        reason: "unexpected_result",
        message: "the database is damaged: restore it from a backup",
      });
    },
  );

  it("reads a database that is written at the same time", async () => {
    const live = join(folder.path, "live.db");
    const writer = new DatabaseSync(live);
    writer.exec("PRAGMA journal_mode = WAL; CREATE TABLE a (b); BEGIN IMMEDIATE; INSERT INTO a VALUES (1)");
    try {
      expect(await resultOf({ path: live, query: "SELECT count(*) FROM a", expected: 0 })).toMatchObject({
        state: "healthy",
      });
    } finally {
      writer.close();
    }
  });

  it("leaves the event loop free while it waits", async () => {
    const slow =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500000) SELECT max(i) FROM n";
    const started = performance.now();
    let turns = 0;
    const counting = setInterval(() => {
      turns += 1;
    }, 10);
    await runCheck(new Sqlite({ path, query: slow }));
    clearInterval(counting);
    const lasted = performance.now() - started;
    expect(turns).toBeGreaterThan(lasted / 100);
  });

  it("begins no other run before a query beyond the time-out has ended", async () => {
    const slow =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT max(i) FROM n";
    const check = new Sqlite({ path, query: slow, timeout: "200ms" });
    const controller = new AbortController();
    const run = check.run(controller.signal);
    const started = performance.now();
    setTimeout(() => controller.abort(new Error("time is over")), 200);
    await expect(run).rejects.toThrow("time is over");
    expect(performance.now() - started).toBeGreaterThan(250);
  });

  it("warns when it takes too long", async () => {
    expect(await resultOf({ path, maxResponseTime: "0s" })).toMatchObject({ state: "degraded" });
  });

  it("records which database it is", async () => {
    const { spans } = await recordTelemetry(async () => void (await runCheck(new Sqlite({ path }))));
    expect(spans[0]?.attributes).toMatchObject({ "db.system.name": "sqlite", "db.namespace": path });
  });

  it("takes an empty file for an empty database, as SQLite does", async () => {
    const empty = join(folder.path, "empty.db");
    await writeFile(empty, "");
    expect(await resultOf({ path: empty })).toMatchObject({ state: "healthy" });
  });

  it("refuses an expected value without a query", () => {
    expect(() => new Sqlite({ path, expected: 1 })).toThrow("expected goes with query");
  });
});
