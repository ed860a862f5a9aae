import { afterEach, describe, expect, it, vi } from "vitest";
import { S3 } from "../../src/checks/s3.ts";
import { nameLookups } from "../../src/net/name-lookups.ts";
import { certificates } from "../support/certificates.ts";
import { describeCheck } from "../support/describe-check.ts";
import { runCheck } from "../support/run-check.ts";
import { type S3Options, startS3 } from "../support/s3-server.ts";
import { recordTelemetry } from "../support/telemetry.ts";

type Options = Partial<ConstructorParameters<typeof S3>[0]>;

const keys = { accessKeyId: "AKIAPROBE", secretAccessKey: "pr0be/secret+word" };
const all = { id: "AKIAPROBE", secret: keys.secretAccessKey };
/** As the reference page says: no more than this is needed. */
const reader = { ...all, actions: ["s3:ListBucket"] };
const writer = { ...all, actions: ["s3:PutObject", "s3:GetObject", "s3:DeleteObject"] };
const buckets = ["uploads"];

/** Runs the check against a server. */
async function resultOf(server: Partial<S3Options>, options: Options = {}) {
  await using s3 = await startS3({ buckets, keys: [reader, writer].slice(options.write === true ? 1 : 0), ...server });
  const result = await runCheck(new S3({ url: s3.origin, bucket: "uploads", ...keys, timeout: "10s", ...options }));
  return { ...result, requests: s3.requests, objects: [...s3.objects] };
}

/** Answers to requests of one method with this, and lets the server answer the others. */
function insteadOf(method: string, status: number, body: string, headers = {}): NonNullable<S3Options["instead"]> {
  return (request, response) => {
    if (request.method !== method) return false;
    response.writeHead(status, headers).end(body);
    return true;
  };
}

const errorOf = (code: string, more = ""): string => `<Error><Code>${code}</Code>${more}</Error>`;

afterEach(() => vi.restoreAllMocks());

describe("S3", () => {
  describeCheck(S3, {
    options: { url: "http://127.0.0.1:9/", bucket: "uploads", ...keys, timeout: "1s" },
    network: (port) => ({ url: `http://127.0.0.1:${port}`, bucket: "uploads", ...keys }),
    secrets: (secret, port) => ({
      url: `http://127.0.0.1:${port}`,
      bucket: "uploads",
      accessKeyId: "AKIA",
      secretAccessKey: secret,
      sessionToken: secret,
    }),
  });

  describe("that writes, with the keys in the address", () => {
    describeCheck(S3, {
      options: { url: "http://a:b@127.0.0.1:9/", bucket: "uploads", write: true, timeout: "1s" },
      network: (port) => ({ url: `http://a:b@127.0.0.1:${port}`, bucket: "uploads", write: true }),
      secrets: (secret, port) => ({ url: `http://user:${secret}@127.0.0.1:${port}`, bucket: "uploads", write: true }),
    });
  });

  it("is healthy when the bucket may be listed, and asks for no object", async () => {
    const { state, requests } = await resultOf({});
    expect(state).toBe("healthy");
    expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "GET /uploads?list-type=2&max-keys=0&prefix=healthspan%2F",
    ]);
  });

  it("writes an object, reads it and deletes it, with nothing but the rights for that", async () => {
    const { state, requests, objects } = await resultOf({}, { write: true });
    expect(state).toBe("healthy");
    expect(requests.map(({ method }) => method)).toEqual(["PUT", "GET", "DELETE"]);
    const [path, ...others] = new Set(requests.map(({ url }) => url));
    expect(path).toMatch(/^\/uploads\/healthspan\/[0-9a-f-]{36}$/);
    expect(others).toEqual([]);
    expect(objects).toEqual([]);
  });

  it("uses the same name in each run, with other content", async () => {
    await using s3 = await startS3({ buckets, keys: [writer] });
    const check = new S3({ url: s3.origin, bucket: "uploads", ...keys, write: true });
    for (let run = 0; run < 2; run += 1) expect(await runCheck(check)).toMatchObject({ state: "healthy" });
    const written = s3.requests.filter(({ method }) => method === "PUT");
    expect(new Set(written.map(({ url }) => url)).size).toBe(1);
    expect(new Set(written.map(({ body }) => body)).size).toBe(2);
  });

  it.each(["", "/", "a b/", "ü+&=?#%/", "'()!*~/@:,;$", "%41/", "a//b", "x\\y"])(
    "signs names that begin with %j",
    async (prefix) => {
      expect(await resultOf({}, { write: true, prefix })).toMatchObject({ state: "healthy" });
      expect(await resultOf({}, { prefix })).toMatchObject({ state: "healthy" });
    },
  );

  it("names the bucket in front of the host", async () => {
    vi.spyOn(nameLookups, "lookup").mockImplementation((_, __, found) =>
      found(null, [{ address: "127.0.0.1", family: 4 }]),
    );
    await using s3 = await startS3({ buckets, keys: [reader, writer].slice(1) });
    const url = s3.origin.replace("127.0.0.1", "localhost");
    const check = new S3({ url, bucket: "uploads", ...keys, pathStyle: false, write: true });
    expect(await runCheck(check)).toMatchObject({ state: "healthy" });
    expect(s3.requests[0]).toMatchObject({ url: expect.stringMatching(/^\/healthspan\//) });
    expect(s3.requests[0]?.headers.host).toBe(`uploads.localhost:${s3.port}`);
  });

  it("asks below the path of the address, with the keys in it", async () => {
    await using s3 = await startS3({ buckets: ["storage"], keys: [reader] });
    const url = `http://${keys.accessKeyId}:${encodeURIComponent(keys.secretAccessKey)}@127.0.0.1:${s3.port}/storage/v1/`;
    const check = new S3({ url, bucket: "uploads" });
    expect(await runCheck(check)).toMatchObject({ state: "healthy" });
    expect(s3.requests[0]?.url).toMatch(/^\/storage\/v1\/uploads\?/);
    expect(check.labels.url).toBe(`http://127.0.0.1:${s3.port}/storage/v1/`);
  });

  it("sends a session token, and says when it is refused", async () => {
    const temporary = { ...reader, token: "FwoG/token=" };
    expect(await resultOf({ keys: [temporary] }, { sessionToken: "FwoG/token=" })).toMatchObject({ state: "healthy" });
    expect(await resultOf({ keys: [temporary] }, { sessionToken: "old" })).toMatchObject({
      failure: {
        reason: "authentication",
        message: "the session token has expired, or is another key's: give new temporary keys",
      },
    });
  });

  it.each<[string, Partial<S3Options>, Options, string, string]>([
    [
      "an unknown key",
      {},
      { accessKeyId: "AKIAOTHER" },
      "authentication",
      "the server does not know the access key: check accessKeyId",
    ],
    [
      "a wrong secret",
      {},
      { secretAccessKey: "another secret" },
      "authentication",
      "the signature is wrong: check secretAccessKey",
    ],
    ["no right to list", { keys: [writer] }, {}, "authentication", "the user lacks the permission for s3:ListBucket"],
    [
      "no right to write",
      { keys: [reader] },
      { write: true },
      "authentication",
      "the user lacks the permission for s3:PutObject",
    ],
    ["an unknown bucket", {}, { bucket: "other" }, "unavailable", "the server has no bucket of that name"],
    [
      "another region",
      { region: "eu-central-1" },
      {},
      "unexpected_result",
      "the bucket is in the region eu-central-1: give that as region, and url for it",
    ],
    [
      "a clock that is behind",
      { now: () => Date.now() + 1_200_000 },
      {},
      "authentication",
      "this machine's clock differs too much from the server's: set the one that is wrong",
    ],
  ])("is unhealthy with %s", async (_, server, options, reason, message) => {
    expect(await resultOf(server, options)).toMatchObject({ state: "unhealthy", failure: { reason, message } });
  });

  it.each<[number, string, object, string, string]>([
    [
      403,
      errorOf("ExpiredToken"),
      {},
      "authentication",
      "the session token has expired, or is another key's: give new temporary keys",
    ],
    [
      401,
      errorOf("Unauthorized"),
      {},
      "authentication",
      "the server refuses the access key: check accessKeyId and secretAccessKey",
    ],
    [403, errorOf("AllAccessDisabled"), {}, "authentication", "the user lacks the permission for s3:ListBucket"],
    [
      301,
      errorOf("PermanentRedirect"),
      { "x-amz-bucket-region": "eu-west-3" },
      "unexpected_result",
      "the bucket is in the region eu-west-3: give that as region, and url for it",
    ],
    [
      307,
      errorOf("TemporaryRedirect", "<Region>&lt;b> x</Region>"),
      { Location: "http://127.0.0.1:9/" },
      "unexpected_result",
      "the bucket is in another region: give that as region, and url for it",
    ],
    [
      403,
      errorOf("RequestTimeTooSkewed"),
      { Date: new Date(Date.now() - 1_200_000).toUTCString() },
      "authentication",
      "this machine's clock is 20 minutes ahead of the server's: set the one that is wrong",
    ],
    [
      403,
      errorOf("RequestTimeTooSkewed"),
      { Date: new Date(Date.now() + 3_600_000).toUTCString() },
      "authentication",
      "this machine's clock is 60 minutes behind the server's: set the one that is wrong",
    ],
    [503, errorOf("SlowDown"), {}, "unavailable", "the server has too many requests"],
    [503, errorOf("ServiceUnavailable"), {}, "unavailable", "the server answered with ServiceUnavailable"],
    [400, errorOf("InvalidArgument"), {}, "unexpected_result", "the server answered with InvalidArgument"],
    [400, errorOf("a b"), {}, "unexpected_result", "the server does not speak the protocol of S3"],
    [502, "<html>", {}, "unavailable", "the server answered with status 502"],
    [403, "<html>", {}, "unexpected_result", "the server does not speak the protocol of S3"],
    [200, "<html>Welcome</html>", {}, "unexpected_result", "the server does not speak the protocol of S3"],
    [200, errorOf("InternalError"), {}, "unexpected_result", "the server answered with InternalError"],
  ])("understands status %i with %s", async (status, body, headers, reason, message) => {
    expect(await resultOf({ instead: insteadOf("GET", status, body, headers) })).toMatchObject({
      state: "unhealthy",
      failure: { reason, message },
    });
  });

  it("takes no endless answer", async () => {
    const endless = "<ListBucketResult>".padEnd(2_000_000);
    expect(await resultOf({ instead: insteadOf("GET", 200, endless) })).toMatchObject({
      failure: { reason: "unexpected_result", message: "the answer is longer than 1 MiB" },
    });
  });

  it.each<[string, number, string, object, string, string, string[]]>([
    ["PUT", 200, "<html>", {}, "unexpected_result", "the server does not speak the protocol of S3", ["PUT"]],
    ["PUT", 507, errorOf("XMinioStorageFull"), {}, "unavailable", "the server has no room left for objects", ["PUT"]],
    ["GET", 200, "other", {}, "assertion", "what was read is not what was written", ["PUT", "GET", "DELETE"]],
    [
      "GET",
      404,
      errorOf("NoSuchKey"),
      {},
      "assertion",
      "the object that was written is not there",
      ["PUT", "GET", "DELETE"],
    ],
    [
      "GET",
      403,
      errorOf("AccessDenied"),
      {},
      "authentication",
      "the user lacks the permission for s3:GetObject",
      ["PUT", "GET", "DELETE"],
    ],
    [
      "DELETE",
      403,
      errorOf("AccessDenied"),
      {},
      "authentication",
      "the user lacks the permission for s3:DeleteObject",
      ["PUT", "GET", "DELETE"],
    ],
  ])(
    "deletes what it may have written when %s gives %i %s",
    async (method, status, body, headers, reason, message, methods) => {
      const { failure, requests, objects } = await resultOf(
        { instead: insteadOf(method, status, body, headers) },
        { write: true },
      );
      expect({ failure, methods: requests.map((request) => request.method) }).toMatchObject({
        failure: { reason, message },
        methods,
      });
      expect(objects).toHaveLength(method === "DELETE" ? 1 : 0);
    },
  );

  it.each(["PUT", "GET"])(
    "deletes the object when the run ends while it waits for the answer to %s",
    async (method) => {
      await using s3 = await startS3({
        buckets,
        keys: [writer],
        instead: (request) => {
          if (request.method !== method) return false;
          s3.objects.set(`uploads${request.url}`, "arrived"); // And no answer.
          return true;
        },
      });
      const check = new S3({ url: s3.origin, bucket: "uploads", ...keys, write: true, timeout: "300ms" });
      expect((await runCheck(check)).failure?.reason).toBe("timeout");
      await vi.waitFor(() => expect(s3.requests.map((request) => request.method)).toContain("DELETE"));
    },
  );

  it("lets the next run delete what one could not", async () => {
    let isBroken = true;
    await using s3 = await startS3({
      buckets,
      keys: [writer],
      instead: (request) => {
        if (request.method !== "DELETE" || !isBroken) return false;
        request.socket.destroy();
        return true;
      },
    });
    const check = new S3({ url: s3.origin, bucket: "uploads", ...keys, write: true });
    expect((await runCheck(check)).failure?.reason).toBe("connection_reset");
    expect(s3.objects.size).toBe(1);
    isBroken = false;
    expect((await runCheck(check)).state).toBe("healthy");
    expect(s3.objects.size).toBe(0);
  });

  it("takes the right certificate, and no other", async () => {
    const { ca, server, expired, otherHost } = certificates;
    const of = async (tls: object, options: Options = {}) => {
      await using s3 = await startS3({ buckets, keys: [reader] }, tls);
      return await runCheck(new S3({ url: s3.origin, bucket: "uploads", ...keys, ca, ...options }));
    };
    expect(await of(server)).toMatchObject({ state: "healthy" });
    expect(await of(expired)).toMatchObject({
      failure: { reason: "certificate", message: "certificate has expired: renew it" },
    });
    expect((await of(otherHost)).failure?.reason).toBe("certificate");
    expect(await of(expired, { verifyCertificate: false })).toMatchObject({ state: "healthy" });
  });

  it("warns when an answer takes too long", async () => {
    expect(await resultOf({}, { maxResponseTime: "0s" })).toMatchObject({
      state: "degraded",
      failure: { reason: "threshold" },
    });
  });

  it("records what it asked and who answered, and each request of several by itself", async () => {
    const of = async (options: Options) =>
      (await recordTelemetry(async () => void (await resultOf({}, options)))).spans;
    const listing = (await of({})).find(({ name }) => name === "check S3");
    expect(listing?.attributes).toMatchObject({
      "server.address": "127.0.0.1",
      "network.peer.address": "127.0.0.1",
      "http.response.status_code": 200,
    });
    const writing = await of({ write: true });
    const requests = writing.filter(({ name }) => ["PUT", "GET", "DELETE"].includes(name));
    expect(requests.map(({ attributes }) => attributes)).toMatchObject([
      { "http.request.method": "PUT", "http.response.status_code": 200, "server.address": "127.0.0.1" },
      { "http.request.method": "GET", "http.response.status_code": 200 },
      { "http.request.method": "DELETE", "http.response.status_code": 204 },
    ]);
  });

  it.each<[object, string]>([
    [{ url: "http://s3" }, "give accessKeyId and secretAccessKey"],
    [{ url: "http://s3", accessKeyId: "a" }, "give accessKeyId and secretAccessKey"],
    [
      { url: "http://a:b@s3", accessKeyId: "a", secretAccessKey: "b" },
      "give the keys either in url or as accessKeyId and secretAccessKey",
    ],
    [{ url: "http://a%0d%0aX:b@s3" }, "the user name in url must be an access key"],
    [{ url: "http://a:b@s3/?x=1" }, "nothing may follow a ? in url"],
    [
      { url: "http://a:b@s3", pathStyle: false, bucket: "a:b" },
      "with pathStyle: false, bucket must be a part of a host's name",
    ],
    [{ url: "http://a:b@s3", prefix: "a/../b" }, "must not have . or .. between its slashes"],
    [{ url: "http://a:b@s3", bucket: ".." }, "must be the name of a bucket"],
  ])("refuses %o", (options, message) => {
    expect(() => new S3({ bucket: "uploads", ...options } as never)).toThrow(message);
  });
});
