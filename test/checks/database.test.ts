import { createPool } from "mysql2/promise";
import { Pool } from "pg";
import { describe, expect, it } from "vitest";
import { Database } from "../../src/checks/database.ts";
import { describeCheck } from "../support/describe-check.ts";
import { itWithService } from "../support/it-with-service.ts";
import { mariadbProgram, startMariadb } from "../support/mariadb-server.ts";
import { postgresUrl, runningPostgres } from "../support/postgres-server.ts";
import { runCheck, runToVerdict } from "../support/run-check.ts";
import { closedPort } from "../support/throw-away-server.ts";

type Options = NonNullable<ConstructorParameters<typeof Database>[0]>;

const postgres = [await runningPostgres()];

async function resultOf(options: Options) {
  const { state, failure } = await runCheck(new Database(options));
  return { state, failure };
}

describe("Database", () => {
  describeCheck(Database, { options: { client: () => {} } });

  itWithService(postgres, "asks by a pool of pg, and says what its errors mean", async () => {
    const pool = new Pool({ connectionString: postgresUrl });
    try {
      expect(await resultOf({ client: pool })).toMatchObject({ state: "healthy" });
      expect(await resultOf({ client: pool, query: "SELECT * FROM nothing_of_that_name" })).toMatchObject({
        state: "unhealthy",
        failure: { reason: "unexpected_result", message: "the server cannot run the query (SQLSTATE 42P01)" },
      });
      expect(pool.totalCount - pool.idleCount).toBe(0);
    } finally {
      await pool.end();
    }
  });

  itWithService(postgres, "is unhealthy at its time-out when the pool has no connection left", async () => {
    const pool = new Pool({ connectionString: postgresUrl, max: 1 });
    const busy = await pool.connect();
    try {
      const { state, failure } = await runToVerdict(() => new Database({ client: pool, timeout: "200ms" }));
      expect({ state, reason: failure?.reason }).toEqual({ state: "unhealthy", reason: "timeout" });
      expect(pool.waitingCount).toBeGreaterThan(0);
    } finally {
      busy.release();
      await pool.end();
    }
  });

  itWithService([mariadbProgram], "asks by a pool of mysql2, and says what its errors mean", async () => {
    await using server = await startMariadb();
    const pool = createPool({ socketPath: server.socketPath, user: "root" });
    const refused = createPool({ socketPath: server.socketPath, user: "nobody", password: "wrong" });
    try {
      expect(await resultOf({ client: pool })).toMatchObject({ state: "healthy" });
      expect((await resultOf({ client: refused })).failure).toMatchObject({
        reason: "authentication",
        message: "user name or password refused",
      });
    } finally {
      await pool.end();
      await refused.end();
    }
  });

  it("says that nothing listens where the pool connects to", async () => {
    const pool = new Pool({ host: "127.0.0.1", port: await closedPort() });
    expect((await resultOf({ client: pool })).failure).toMatchObject({ reason: "connection_refused" });
    await pool.end();
  });

  it.each(["$queryRawUnsafe", "raw", "query", "execute", "authenticate"])(
    "calls the method %s of a client",
    async (method) => {
      const asked: unknown[] = [];
      const client = {
        asked,
        async [method](this: { asked: unknown[] }, query: string) {
          this.asked.push(query);
        },
      };
      expect(await resultOf({ client: client as never, query: "SELECT 2" })).toMatchObject({ state: "healthy" });
      expect(asked).toEqual(["SELECT 2"]);
    },
  );

  it("gives a function the query and the signal of the run", async () => {
    const given: unknown[] = [];
    await resultOf({ client: (...values: unknown[]) => void given.push(...values) });
    expect(given).toEqual(["SELECT 1", expect.any(AbortSignal)]);
  });

  it.each(["cause", "original", "driverError"])(
    "finds what the driver said as %s of a mapper's error",
    async (name) => {
      const driver = Object.assign(new Error("x"), { code: "28P01", severity: "FATAL" });
      const client = () => Promise.reject(Object.assign(new Error("the query failed"), { [name]: driver }));
      expect((await resultOf({ client })).failure).toMatchObject({
        reason: "authentication",
        message: "user name or password refused",
      });
    },
  );

  it("shows nothing of an error that it does not know", async () => {
    const client = () => Promise.reject(new Error("password of alice"));
    expect((await resultOf({ client })).failure).toMatchObject({ message: "unknown error" });
  });

  it("does not know whether a client works that gives no promise", async () => {
    const client = { query: () => "rows" };
    expect(await resultOf({ client })).toMatchObject({
      state: "unknown",
      failure: { message: "query() of the client gives no promise: give a function as client that does" },
    });
  });

  it("takes a client that refers to itself", () => {
    const client = { query: async () => {}, pool: {} };
    client.pool = { client };
    expect(JSON.stringify(new Database({ client }))).not.toContain("pool");
  });

  it("warns when the query takes too long", async () => {
    const client = () => new Promise((resolve) => setTimeout(resolve, 50));
    expect(await resultOf({ client, maxResponseTime: "10ms" })).toMatchObject({ state: "degraded" });
  });

  it.each([{}, { client: {} }, { client: "postgres://db" }])("refuses %o", (options) => {
    expect(() => new Database(options as Options)).toThrow("client: must be given in code");
  });
});
