import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Clickhouse } from "../../src/checks/clickhouse.ts";
import { certificates } from "../support/certificates.ts";
import { type ClickhouseServer, clickhouseProgram, startClickhouse } from "../support/clickhouse-server.ts";
import { describeCheck } from "../support/describe-check.ts";
import { startHttpTarget } from "../support/http-target.ts";
import { itWithService } from "../support/it-with-service.ts";
import { runCheck } from "../support/run-check.ts";

type Options = Partial<ConstructorParameters<typeof Clickhouse>[0]>;

const program = [clickhouseProgram];

/** Runs the check against a server that gives this answer to every question. */
async function answered(status: number, body: string, options: Options = {}, headers: Record<string, string> = {}) {
  await using target = await startHttpTarget((_, response) => void response.writeHead(status, headers).end(body));
  const { state, failure, measures } = await runCheck(new Clickhouse({ url: target.origin, ...options }));
  return { state, ...failure, measures, requests: target.requests };
}

describe("Clickhouse", () => {
  let server: ClickhouseServer;

  const resultOf = async (options: Options) => {
    const { state, failure, measures } = await runCheck(
      new Clickhouse({ url: `http://127.0.0.1:${server.port}`, ...options }),
    );
    return { state, ...failure, measures };
  };

  beforeAll(async () => {
    if (clickhouseProgram.available) server = await startClickhouse();
  }, 30_000);

  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
  });

  describeCheck(Clickhouse, {
    options: { url: "http://127.0.0.1:9/", timeout: "1s" },
    network: (port) => ({ url: `http://127.0.0.1:${port}` }),
    secrets: (secret, port) => ({ url: `http://user:${secret}@127.0.0.1:${port}` }),
  });

  const probe = { username: "probe", password: "right:word" };

  for (const [what, options] of [
    ["is there", {}],
    ["lets a user in", probe],
    ["gives what is expected", { ...probe, query: "SELECT toUInt64(5)", expected: 5 }],
    ["gives truth", { ...probe, query: "SELECT 2 > 1", expected: true }],
    ["gives NULL", { ...probe, query: "SELECT NULL", expected: null }],
    ["has the database", { ...probe, database: "default" }],
  ] as const) {
    itWithService(program, `is healthy when the server ${what}`, async () => {
      expect(await resultOf(options)).toMatchObject({ state: "healthy" });
    });
  }

  itWithService(program, "says what is wrong with the login, the database and the query", async () => {
    const refused = { reason: "authentication", message: "user name or password refused" };
    expect(await resultOf({ ...probe, password: "wrong" })).toMatchObject(refused);
    expect(await resultOf({ ...probe, username: "nobody" })).toMatchObject(refused);
    expect(await resultOf({ ...probe, query: "SELECT 1", expected: 2 })).toMatchObject({ reason: "assertion" });
    expect(await resultOf({ ...probe, query: "SELECT 1 WHERE 0", expected: 2 })).toMatchObject({
      message: "the query gave no row",
    });
    expect(await resultOf({ ...probe, query: "SELEC 1" })).toMatchObject({
      reason: "unexpected_result",
      message: "the server cannot run the query (code 62)",
    });
    expect(await resultOf({ ...probe, query: "SELECT * FROM nothing" })).toMatchObject({
      reason: "unexpected_result",
      message: "the server cannot run the query (code 60)",
    });
    expect(await resultOf({ database: "nothing" })).toMatchObject({
      reason: "unavailable",
      message: "the server has no database of that name",
    });
  });

  itWithService(program, "writes nothing, whatever the query says", async () => {
    const readOnly = { reason: "authentication", message: expect.stringContaining("readonly = 2") };
    expect(await resultOf({ query: "CREATE DATABASE x" })).toMatchObject(readOnly);
    expect(await resultOf({ username: "narrow", password: "word" })).toMatchObject(readOnly);
  });

  itWithService(program, "lets the server cancel a query at the time-out", async () => {
    const { reason } = await resultOf({ query: "SELECT count() FROM system.numbers", timeout: "1s" });
    expect(reason).toBe("timeout");
  });

  itWithService(program, "measures how far replicas are behind", async () => {
    expect(await resultOf({ maxReplicaDelay: "1m" })).toMatchObject({
      state: "healthy",
      measures: [{ name: "replicaDelay", unit: "s", value: 0 }],
    });
  });

  itWithService(program, "notices that the server went away, and that it came back", async () => {
    const first = await startClickhouse();
    const check = new Clickhouse({ url: `http://127.0.0.1:${first.port}` });
    expect(await runCheck(check)).toMatchObject({ state: "healthy" });
    await first[Symbol.asyncDispose]();
    expect((await runCheck(check)).failure?.reason).toBe("connection_refused");
    await using _ = await startClickhouse(first.port);
    expect(await runCheck(check)).toMatchObject({ state: "healthy" });
  });

  it("warns of a table that is too far behind its replicas", async () => {
    const body = JSON.stringify({ data: [["90"]] });
    expect(await answered(200, body, { query: "SELECT 90", maxReplicaDelay: "1m" })).toMatchObject({
      state: "degraded",
      reason: "threshold",
      message: "a table is 90 s behind its replicas, expected at most 1m",
    });
  });

  // As ClickHouse 18.16 was seen to say it, or 24.8 documents it.
  it.each<[number, string, Record<string, string>, string, string]>([
    [
      200,
      '{"data":[[1],\nCode: 159, e.displayText() = DB::Exception: x',
      {},
      "timeout",
      "the server cancelled the query",
    ],
    [500, "Code: 241. DB::Exception: of alice", {}, "unavailable", "the server has no memory left for the query"],
    [
      403,
      "x",
      { "X-ClickHouse-Exception-Code": "497" },
      "authentication",
      "the user lacks the permission for the query",
    ],
    [500, "Code: 291, of alice", {}, "authentication", "the user lacks the permission for the database"],
    [403, "x", { "X-ClickHouse-Exception-Code": "516" }, "authentication", "user name or password refused"],
    [500, "x", { "X-ClickHouse-Exception-Code": "999" }, "unavailable", "the server answered with an error (code 999)"],
    [503, "x", {}, "unavailable", "the server answered with status 503"],
    [200, "<html>", {}, "unexpected_result", "the server does not speak the protocol of ClickHouse"],
  ])("repeats nothing of the answer %d %j", async (status, body, headers, reason, message) => {
    expect(await answered(status, body, { query: "SELECT 1" }, headers)).toMatchObject({ reason, message });
  });

  it("takes no other server for one that is there", async () => {
    expect(await answered(200, "Ok")).toMatchObject({ reason: "unexpected_result" });
    expect(await answered(502, "x")).toMatchObject({ reason: "unavailable" });
  });

  it("gives the login in headers, where no log has it, and not in the address", async () => {
    const { requests } = await answered(200, JSON.stringify({ data: [[1]] }), { ...probe, database: "shop" });
    expect(requests).toMatchObject([
      {
        method: "POST",
        url: "/?default_format=JSONCompact&readonly=1&max_execution_time=5&database=shop",
        headers: { "x-clickhouse-user": "probe", "x-clickhouse-key": "right:word" },
        body: "SELECT 1",
      },
    ]);
  });

  it("asks over TLS", async () => {
    const { ca, server: identity, expired } = certificates;
    await using target = await startHttpTarget((_, response) => void response.end("Ok.\n"), identity);
    expect(await runCheck(new Clickhouse({ url: target.origin, ca }))).toMatchObject({ state: "healthy" });
    expect((await runCheck(new Clickhouse({ url: target.origin }))).failure?.reason).toBe("certificate");
    await using old = await startHttpTarget((_, response) => void response.end("Ok.\n"), expired);
    expect((await runCheck(new Clickhouse({ url: old.origin, ca }))).failure?.reason).toBe("certificate");
  });

  it("refuses an expected value without a query", () => {
    expect(() => new Clickhouse({ url: "http://a", expected: 1 })).toThrow("expected goes with query");
  });
});
