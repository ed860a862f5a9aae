import { X509Certificate } from "node:crypto";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { Http } from "../../src/checks/http.ts";
import { certificates } from "../support/certificates.ts";
import { describeCheck } from "../support/describe-check.ts";
import { type HttpTarget, startHttpTarget } from "../support/http-target.ts";
import { runCheck } from "../support/run-check.ts";
import { recordTelemetry } from "../support/telemetry.ts";
import { startTcpServer } from "../support/throw-away-server.ts";

const { ca, client, expired, otherHost, server } = certificates;

type Options = ConstructorParameters<typeof Http>[0];

/** What a check says of the target: `undefined` when it is healthy. */
async function problem(options: Options): Promise<string | undefined> {
  const { failure } = await runCheck(new Http(options));
  return failure && `${failure.reason}: ${failure.kind}: ${failure.message}`;
}

function startStatus(status: number): Promise<HttpTarget> {
  return startHttpTarget((_, response) => response.writeHead(status).end());
}

function startBody(body: string | Buffer, headers: Record<string, string> = {}): Promise<HttpTarget> {
  return startHttpTarget((_, response) => response.writeHead(200, headers).end(body));
}

describe("Http", () => {
  describeCheck(Http, {
    options: { url: "http://127.0.0.1:9/" },
    network: (port) => ({ url: `http://127.0.0.1:${port}/` }),
    secrets: (secret, port) => ({
      url: `http://${secret}:${secret}@127.0.0.1:${port}/?token=${secret}`,
      method: "POST",
      headers: { "X-Api-Key": secret, Cookie: secret },
      body: secret,
      bodyContains: "ok",
    }),
  });

  it("shows its address without credentials and query", () => {
    const check = new Http({ url: "https://user:hunter2@shop.example/orders?key=hunter2", method: "POST" });
    expect(check.labels).toEqual({ url: "https://shop.example/orders", method: "POST" });
    expect(check.target).toEqual({
      address: "shop.example",
      port: 443,
      url: "https://shop.example/orders",
      method: "POST",
    });
  });

  it.each([
    [{ url: "http://a.example", minCertificateDays: 7 }, "minCertificateDays needs a url that starts with https://"],
    [{ url: "http://a.example", method: "HEAD", bodyContains: "ok" }, "the answer to HEAD has no body"],
    [{ url: "http://user:pass@a.example", bearer: "token" }, "credentials must be given in one place"],
    [{ url: "http://a.example", clientKey: client.key }, "clientCertificate and clientKey must be given together"],
    [{ url: "http://a.example", maxBodySize: "1GiB" }, "must be at most 64MiB"],
  ] satisfies [Options, string][])("refuses options that make no sense together: %j", (options, message) => {
    expect(() => new Http(options)).toThrow(message);
  });

  describe("the request", () => {
    it("says who asks, and that nothing is to be kept open or compressed", async () => {
      await using target = await startStatus(200);
      expect(await problem({ url: `${target.origin}/path?query=1`, propagate: false })).toBeUndefined();
      expect(target.requests).toEqual([
        {
          method: "GET",
          url: "/path?query=1",
          headers: {
            host: `127.0.0.1:${target.port}`,
            "user-agent": "healthspan",
            accept: "*/*",
            "accept-encoding": "identity",
            connection: "close",
          },
          body: "",
        },
      ]);
    });

    it("sends the method, the headers and the body that it is given", async () => {
      await using target = await startStatus(200);
      const headers = { "Content-Type": "application/json", "user-agent": "me", Host: "shop.example" };
      await problem({ url: target.origin, method: "PUT", headers, body: '{"größe":1}' });
      expect(target.requests[0]).toMatchObject({
        method: "PUT",
        headers: {
          "content-type": "application/json",
          "user-agent": "me",
          host: "shop.example",
          "content-length": "13",
        },
        body: '{"größe":1}',
      });
    });

    it("authenticates itself by the address or by a token, and prints neither", async () => {
      await using target = await startStatus(200);
      await problem({ url: `http://us%40er:hunter2@127.0.0.1:${target.port}` });
      const check = new Http({ url: target.origin, bearer: "hunter2" });
      await runCheck(check);
      expect(target.requests.map(({ headers }) => headers.authorization)).toEqual([
        `Basic ${Buffer.from("us@er:hunter2").toString("base64")}`,
        "Bearer hunter2",
      ]);
      expect(inspect(check, { depth: 10, showHidden: true })).not.toContain("hunter2");
    });

    it("uses a new connection for each run", async () => {
      const answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n";
      await using target = await startTcpServer((socket) => socket.on("data", () => socket.write(answer)));
      const check = new Http({ url: `http://127.0.0.1:${target.port}` });
      for (let run = 0; run < 3; run += 1) expect((await runCheck(check)).state).toBe("healthy");
      expect(target.accepted()).toBe(3);
    });

    it("asks for the addresses of one family only, when told so", async () => {
      await using target = await startStatus(200); // It listens on IPv4.
      const url = `http://localhost:${target.port}`;
      expect(await problem({ url, family: 4 })).toBeUndefined();
      expect(await problem({ url, family: 6 })).toMatch(/^(connection_refused|dns|unavailable): /);
    });

    it("says that a name does not exist", async () => {
      expect(await problem({ url: "http://no-such-host.invalid" })).toBe("dns: Unavailable: host name not found");
    });
  });

  describe("the status", () => {
    it.each([
      [200, undefined, undefined],
      [204, undefined, undefined],
      [503, undefined, "status_code: Unexpected Result: status 503, expected 2xx"],
      [404, 404, undefined],
      [401, ["2xx", 401], undefined],
      [403, ["2xx", 401], "status_code: Unexpected Result: status 403, expected 2xx, 401"],
      [304, "300-399", undefined],
    ])("%d is compared with %j", async (status, expectedStatus, message) => {
      await using target = await startStatus(status);
      const url = target.origin;
      expect(await problem(expectedStatus === undefined ? { url } : { url, expectedStatus })).toBe(message);
    });

    it("counts when a protocol is switched", async () => {
      const answer = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
      await using target = await startTcpServer((socket) => socket.once("data", () => socket.write(answer)));
      const headers = { Upgrade: "websocket" };
      expect(await problem({ url: `http://127.0.0.1:${target.port}`, headers, expectedStatus: 101 })).toBeUndefined();
    });

    it("is asked for with HEAD too", async () => {
      await using target = await startBody("not sent");
      expect(await problem({ url: target.origin, method: "HEAD" })).toBeUndefined();
    });
  });

  describe("the body", () => {
    it("is compared with what is expected", async () => {
      await using target = await startBody('{"status": "ok", "queue": {"length": 3}}');
      const url = target.origin;
      expect(await problem({ url, bodyContains: '"ok"', bodyMatches: "length.*3", json: { "$.status": "ok" } })).toBe(
        undefined,
      );
      expect(await problem({ url, json: { "queue.length": 4 } })).toBe(
        "assertion: Unexpected Result: queue.length is 3, expected 4",
      );
    });

    it("is not looked at when the status is wrong already", async () => {
      await using target = await startHttpTarget((_, response) => response.writeHead(500).end("no"));
      expect(await problem({ url: target.origin, bodyContains: "ok" })).toMatch(/^status_code: /);
    });

    it("is decompressed when the server compresses unasked, and read in its charset", async () => {
      const { gzipSync } = await import("node:zlib");
      const headers = { "Content-Encoding": "gzip", "Content-Type": "text/plain; charset=latin1" };
      await using target = await startBody(gzipSync(Buffer.from("grün", "latin1")), headers);
      expect(await problem({ url: target.origin, bodyContains: "grün" })).toBeUndefined();
    });

    it("may not be longer than allowed when something is expected of it", async () => {
      await using target = await startBody("ok".repeat(600));
      const url = target.origin;
      expect(await problem({ url, bodyContains: "ok", maxBodySize: "1KiB" })).toBe(
        "unexpected_result: Unexpected Result: the body is longer than 1024 bytes (maxBodySize)",
      );
      expect(await problem({ url, bodyContains: "ok", maxBodySize: 1200 })).toBeUndefined();
      expect(await problem({ url, maxBodySize: "1KiB" })).toBeUndefined();
    });

    it("is not waited for when nothing of it is to be read", async () => {
      await using target = await startHttpTarget((_, response) => response.writeHead(200).write(" "));
      expect(await problem({ url: target.origin, maxBodySize: 0, timeout: "2s" })).toBeUndefined();
    });
  });

  describe("the response time", () => {
    it("warns when it is too long", async () => {
      await using target = await startHttpTarget((_, response) => void setTimeout(() => response.end(), 30));
      const url = target.origin;
      expect(await problem({ url, maxResponseTime: "10ms" })).toMatch(
        /^threshold: Warning: took \d+ ms, expected at most 10ms$/,
      );
      expect(await problem({ url, maxResponseTime: "3s" })).toBeUndefined();
    });

    it("does not matter when the answer is wrong", async () => {
      await using target = await startStatus(500);
      expect(await problem({ url: target.origin, maxResponseTime: "0s" })).toMatch(/^status_code: /);
    });
  });

  describe("TLS", () => {
    const answer = () => startHttpTarget((_, response) => response.end(), server);

    it("trusts an authority of one's own, and no other", async () => {
      await using target = await answer();
      expect(await problem({ url: target.origin, ca })).toBeUndefined();
      expect(await problem({ url: `https://localhost:${target.port}`, ca })).toBeUndefined();
      expect(await problem({ url: target.origin })).toBe(
        "certificate: Unavailable: certificate's issuer is not trusted: trust its authority, or let the server send its whole chain",
      );
    });

    it("refuses a certificate that has expired", async () => {
      await using target = await startHttpTarget((_, response) => response.end(), expired);
      expect(await problem({ url: target.origin, ca })).toBe(
        "certificate: Unavailable: certificate has expired: renew it",
      );
      expect(await problem({ url: target.origin, verifyCertificate: false })).toBeUndefined();
    });

    it("refuses another host's certificate, unless the header Host asks for that host", async () => {
      await using target = await startHttpTarget((_, response) => response.end(), otherHost);
      expect(await problem({ url: target.origin, ca })).toBe(
        "certificate: Unavailable: certificate is for another host name: it must have the name that is asked for",
      );
      expect(await problem({ url: target.origin, ca, headers: { host: "other.example:8443" } })).toBeUndefined();
    });

    it("sends nothing to a server that it does not trust", async () => {
      await using target = await answer();
      await problem({ url: target.origin, bearer: "token" });
      expect(target.requests).toEqual([]);
    });

    it("makes itself known to a server that asks for a certificate", async () => {
      const mutual = { ...server, ca, requestCert: true };
      await using target = await startHttpTarget((_, response) => response.end(), mutual);
      const url = target.origin;
      expect(await problem({ url, ca, clientCertificate: client.cert, clientKey: client.key })).toBeUndefined();
      expect(await problem({ url, ca })).toBe("tls: Unavailable: the server asks for a client certificate");
    });

    it("tells when the server's certificate ends", async () => {
      await using target = await answer();
      const expiry = new X509Certificate(server.cert).validToDate.getTime();
      const { check, measures } = await runCheck(new Http({ url: target.origin, ca }));
      expect(check.certificateExpiresAt).toBe(expiry);
      const days = expect.closeTo((expiry - Date.now()) / 86_400_000, 2);
      expect(measures).toEqual([{ name: "certificateDays", unit: "d", value: days }]);
      const wrong = await runCheck(new Http({ url: target.origin, ca, bodyContains: "something else" }));
      expect(wrong).toMatchObject({ state: "unhealthy", check: { certificateExpiresAt: expiry } });
      await using plain = await startStatus(200);
      const insecure = await runCheck(new Http({ url: plain.origin }));
      expect(insecure).toMatchObject({ check: { certificateExpiresAt: undefined }, measures: [] });
    });

    it("tells the end of a certificate that only a server on the way has, or had at the run before", async () => {
      await using last = await startHttpTarget((_, response) => void response.end());
      await using way = await startHttpTarget((_, response) => {
        response.writeHead(302, { Location: last.origin }).end();
      }, server);
      let location: string | undefined = way.origin;
      await using first = await startHttpTarget((_, response) => {
        response
          .writeHead(location === undefined ? 204 : 302, location === undefined ? {} : { Location: location })
          .end();
      });
      const check = new Http({ url: first.origin, ca });
      const { validToDate } = new X509Certificate(server.cert);
      expect(await runCheck(check)).toMatchObject({ state: "healthy", measures: [{ name: "certificateDays" }] });
      expect(check.certificateExpiresAt).toBe(validToDate.getTime());
      location = undefined;
      expect(await runCheck(check)).toMatchObject({ state: "healthy", measures: [] });
      expect(check.certificateExpiresAt).toBe(validToDate.getTime());
    });

    it("tells and warns of the certificate that ends first, also when it is that of a server on the way", async () => {
      await using last = await startHttpTarget((_, response) => void response.end(), server);
      await using way = await startHttpTarget((_, response) => {
        response.writeHead(302, { Location: last.origin }).end();
      }, expired);
      const check = new Http({ url: way.origin, verifyCertificate: false, minCertificateDays: 14 });
      const { state, failure } = await runCheck(check);
      expect({ state, reason: failure?.reason }).toEqual({ state: "degraded", reason: "certificate" });
      expect(check.certificateExpiresAt).toBe(new X509Certificate(expired.cert).validToDate.getTime());
    });

    it("warns of a certificate that expires soon", async () => {
      await using target = await answer();
      expect(await problem({ url: target.origin, ca, minCertificateDays: 30 })).toBeUndefined();
      expect(await problem({ url: target.origin, ca, minCertificateDays: 100_000 })).toMatch(
        /^certificate: Warning: certificate expires in \d+\.\d days$/,
      );
    });

    it("fails when the server does not speak it", async () => {
      await using target = await startStatus(200);
      expect(await problem({ url: `https://127.0.0.1:${target.port}` })).toBe(
        "tls: Unavailable: the server does not speak TLS on this port: ask without TLS, or at another port",
      );
    });
  });

  describe("the trace", () => {
    it("goes on at the target as a child of the run", async () => {
      await using target = await startStatus(200);
      const { spans } = await recordTelemetry(async () => void (await runCheck(new Http({ url: target.origin }))));
      const run = spans.find(({ name }) => name === "check Http");
      expect(target.requests[0]?.headers.traceparent).toBe(`00-${run?.traceId}-${run?.spanId}-01`);
    });

    it("stays here when told so", async () => {
      await using target = await startStatus(200);
      await recordTelemetry(async () => void (await runCheck(new Http({ url: target.origin, propagate: false }))));
      expect(target.requests[0]?.headers).not.toHaveProperty("traceparent");
    });

    it("shows the phases of the request as children of the run", async () => {
      await using target = await startHttpTarget((_, response) => response.end("ok"), server);
      const url = `https://localhost:${target.port}`;
      const { spans } = await recordTelemetry(async () => void (await runCheck(new Http({ url, ca }))));
      const run = spans.at(-1);
      expect(spans.map(({ name, parentSpanId }) => [name, parentSpanId])).toEqual([
        ...["dns", "connect", "tls", "first byte", "transfer"].map((name) => [name, run?.spanId]),
        ["check Http", undefined],
      ]);
    });

    it("shows the phase that failed", async () => {
      const { spans } = await recordTelemetry(async () => {
        await using target = await startTcpServer((socket) => void socket.end());
        await runCheck(new Http({ url: `http://127.0.0.1:${target.port}` }));
      });
      expect(spans.map(({ name, status }) => [name, status.message])).toEqual([
        ["connect", undefined],
        ["first byte", "connection closed before an answer came"],
        ["check Http", "Unavailable: connection closed before an answer came"],
      ]);
    });

    it("shows in which phase the time-out struck", async () => {
      const { spans } = await recordTelemetry(async () => {
        await using target = await startTcpServer();
        await runCheck(new Http({ url: `http://127.0.0.1:${target.port}`, timeout: "100ms" }));
      });
      expect(spans.map(({ name, status }) => [name, status.message])).toEqual([
        ["connect", undefined],
        ["first byte", "timed out after 100ms"],
        ["check Http", "Unavailable: timed out after 100ms"],
      ]);
    });
  });
});
