import { describe, expect, it } from "vitest";
import { Elasticsearch } from "../../src/checks/elasticsearch.ts";
import { certificates } from "../support/certificates.ts";
import { describeCheck } from "../support/describe-check.ts";
import { startHttpTarget } from "../support/http-target.ts";
import { runCheck } from "../support/run-check.ts";

type Options = Partial<ConstructorParameters<typeof Elasticsearch>[0]>;

/** As Elasticsearch 8 and OpenSearch 2 document it: no server of theirs can be had for the tests. */
const yellow = {
  cluster_name: "c",
  status: "yellow",
  timed_out: false,
  number_of_nodes: 1,
  active_shards: 3,
  unassigned_shards: 1,
};

/** Runs the check against a cluster that gives this answer, and to `GET /` says what it is. */
async function answered(status: number, body: unknown, options: Options = {}, distribution?: string) {
  await using target = await startHttpTarget((request, response) => {
    response.writeHead(request.url === "/" ? 200 : status, { "Content-Type": "application/json" });
    const said = request.url === "/" ? { version: { number: "2.19.0", distribution } } : body;
    response.end(typeof said === "string" ? said : JSON.stringify(said));
  });
  const check = new Elasticsearch({ url: target.origin, ...options });
  const { state, failure, measures } = await runCheck(check);
  return { state, ...failure, measures, requests: target.requests, check };
}

describe("Elasticsearch", () => {
  describeCheck(Elasticsearch, {
    options: { url: "http://127.0.0.1:9/", timeout: "1s" },
    network: (port) => ({ url: `http://127.0.0.1:${port}` }),
    secrets: (secret, port) => ({ url: `http://user:${secret}@127.0.0.1:${port}` }),
  });

  describe("with a key", () => {
    describeCheck(Elasticsearch, {
      options: { url: "http://127.0.0.1:9/", apiKey: "a2V5", timeout: "1s" },
      secrets: (secret, port) => ({ url: `http://127.0.0.1:${port}`, apiKey: secret }),
    });
  });

  it("is healthy when the cluster is yellow or green", async () => {
    const { state, measures, requests, check } = await answered(200, yellow);
    expect({ state, measures }).toMatchObject({
      state: "healthy",
      measures: [
        { name: "nodes", value: 1 },
        { name: "unassignedShards", value: 1 },
      ],
    });
    expect(requests.map(({ url }) => url)).toEqual(["/_cluster/health?timeout=2500ms", "/"]);
    expect(check.target.system).toBe("elasticsearch");
    expect((await answered(200, { ...yellow, status: "green" }, { minStatus: "green" })).state).toBe("healthy");
  });

  it("knows OpenSearch by what it says of itself", async () => {
    expect((await answered(200, yellow, {}, "opensearch")).check.target.system).toBe("opensearch");
  });

  it.each<[object, Options, string, string, string]>([
    [
      { status: "red", unassigned_shards: 3 },
      {},
      "unhealthy",
      "unavailable",
      "the cluster is red, 3 shards are unassigned",
    ],
    [{ status: "red" }, { index: "shop" }, "unhealthy", "unavailable", "the index is red, 1 shard is unassigned"],
    [{ timed_out: true }, {}, "unhealthy", "unavailable", "the cluster did not know its state in time"],
    [
      {},
      { minStatus: "green" },
      "degraded",
      "threshold",
      "the cluster is yellow, 1 shard is unassigned, expected green",
    ],
    [{}, { minNodes: 3 }, "degraded", "threshold", "the cluster has 1 node, expected at least 3"],
    [{ number_of_nodes: 2 }, { minNodes: 3 }, "degraded", "threshold", "the cluster has 2 nodes, expected at least 3"],
  ])("says what is wrong when the answer has %j", async (part, options, state, reason, message) => {
    expect(await answered(200, { ...yellow, ...part }, options)).toMatchObject({ state, reason, message });
  });

  it("asks for one index, and says that there is none", async () => {
    const none = { ...yellow, status: "red", timed_out: true, unassigned_shards: 0 };
    const found = await answered(408, none, { index: "shop" });
    expect(found).toMatchObject({ reason: "assertion", message: "the cluster has no index of that name" });
    expect(found.requests[0]?.url).toBe("/_cluster/health/shop?timeout=2500ms");
    const refused = await answered(404, { error: { type: "index_not_found_exception" } }, { index: "shop" });
    expect(refused).toMatchObject({ reason: "assertion", message: "the cluster has no index of that name" });
  });

  it.each([
    [401, {}, "authentication", "the server asks for a password"],
    [403, { error: "of alice" }, "authentication", "the user lacks the permission for the health of the cluster"],
    [429, {}, "unavailable", "the server has too many requests"],
    [503, {}, "unavailable", "the cluster has no elected master, or does not answer"],
    [500, {}, "unavailable", "the server answered with status 500"],
    [200, "<html>Welcome", "unexpected_result", "the server does not speak the protocol of Elasticsearch"],
    [
      200,
      { ...yellow, status: "blue" },
      "unexpected_result",
      "the server does not speak the protocol of Elasticsearch",
    ],
    [404, "<html>", "unexpected_result", "the server does not speak the protocol of Elasticsearch"],
    [301, "", "unexpected_result", "the server does not speak the protocol of Elasticsearch"],
  ])("repeats nothing of the answer %d %j", async (status, body, reason, message) => {
    expect(await answered(status, body)).toMatchObject({ state: "unhealthy", reason, message });
  });

  it("logs in by a user name, in the address or beside it, or by a key", async () => {
    const basic = `Basic ${Buffer.from("alice:right").toString("base64")}`;
    const login = { username: "alice", password: "right" };
    expect((await answered(200, yellow, login)).requests.map(({ headers }) => headers.authorization)).toEqual([
      basic,
      basic,
    ]);
    const key = await answered(200, yellow, { apiKey: "a2V5" });
    expect(key.requests[0]?.headers.authorization).toBe("ApiKey a2V5");
    expect(await answered(401, {}, login)).toMatchObject({ message: "user name or password refused" });
  });

  it("asks over TLS, behind a path", async () => {
    const { ca, server, expired } = certificates;
    const answer = JSON.stringify(yellow);
    await using target = await startHttpTarget((_, response) => void response.end(answer), server);
    const url = `${target.origin}/search/`;
    expect(await runCheck(new Elasticsearch({ url, ca }))).toMatchObject({ state: "healthy" });
    expect(target.requests[0]?.url).toBe("/search/_cluster/health?timeout=2500ms");
    expect((await runCheck(new Elasticsearch({ url }))).failure?.reason).toBe("certificate");
    await using old = await startHttpTarget((_, response) => void response.end(answer), expired);
    expect((await runCheck(new Elasticsearch({ url: old.origin, ca }))).failure?.reason).toBe("certificate");
  });

  it("warns when it takes too long", async () => {
    expect(await answered(200, yellow, { maxResponseTime: "0s" })).toMatchObject({ state: "degraded" });
  });

  it.each<[Options, string]>([
    [{ url: "http://alice@a", username: "bob" }, "give the user name and the password either in url or as"],
    [{ url: "http://alice@a", apiKey: "a2V5" }, "give either apiKey, or a user name and a password"],
    [{ password: "x" }, "password goes with username"],
    [{ url: "http://a/?pretty" }, "nothing may follow a ? in url"],
    [{ index: "a,b" }, "must be the name of one index"],
  ])("refuses %o", (options, message) => {
    expect(() => new Elasticsearch({ url: "http://a", ...options })).toThrow(message);
  });
});
