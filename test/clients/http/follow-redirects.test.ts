import { SpanStatusCode } from "@opentelemetry/api";
import { describe, expect, it } from "vitest";
import { Http } from "../../../src/checks/http.ts";
import { certificates } from "../../support/certificates.ts";
import { type HttpTarget, startHttpTarget } from "../../support/http-target.ts";
import { runCheck } from "../../support/run-check.ts";
import { recordTelemetry } from "../../support/telemetry.ts";

type Options = ConstructorParameters<typeof Http>[0];

async function problem(options: Options): Promise<string | undefined> {
  const { failure } = await runCheck(new Http(options));
  return failure && `${failure.reason}: ${failure.message}`;
}

/** A server whose every path `/N` leads to `/N-1`, and `/0` to the end. */
function startChain(): Promise<HttpTarget> {
  return startHttpTarget(({ url = "" }, response) => {
    const left = Number(url.slice(1));
    if (left === 0) response.end("the end");
    else response.writeHead(302, { Location: `/${left - 1}` }).end("a body that nobody waits for");
  });
}

function startRedirect(status: number, location: string): Promise<HttpTarget> {
  return startHttpTarget((_, response) => response.writeHead(status, { Location: location }).end());
}

function startEnd(): Promise<HttpTarget> {
  return startHttpTarget((_, response) => response.end("the end"));
}

describe("followRedirects", () => {
  it("follows ten redirects and no more", async () => {
    await using target = await startChain();
    expect(await problem({ url: `${target.origin}/10`, bodyContains: "the end" })).toBeUndefined();
    expect(target.requests).toHaveLength(11);
    expect(await problem({ url: `${target.origin}/11` })).toBe("unexpected_result: redirects more than 10 times");
  });

  it("ends a circle", async () => {
    await using target = await startRedirect(301, "/");
    expect(await problem({ url: target.origin })).toBe("unexpected_result: redirects more than 10 times");
  });

  it("takes the redirect for the answer when it is not to be followed, or is what is expected", async () => {
    await using target = await startRedirect(301, "/elsewhere");
    const url = target.origin;
    expect(await problem({ url, followRedirects: false })).toBe("status_code: status 301, expected 2xx");
    expect(await problem({ url, expectedStatus: 301 })).toBeUndefined();
    expect(target.requests).toHaveLength(2);
  });

  it("takes a redirect that leads nowhere for the answer", async () => {
    await using target = await startHttpTarget((_, response) => response.writeHead(302).end());
    expect(await problem({ url: target.origin })).toBe("status_code: status 302, expected 2xx");
  });

  it.each([
    ["http://[bad", "unexpected_result: redirects to an address that is not valid"],
    ["ftp://example.org/?secret", "unexpected_result: redirects to an address that is neither http nor https"],
  ])("refuses to follow a redirect to %s", async (location, message) => {
    await using target = await startRedirect(302, location);
    expect(await problem({ url: target.origin })).toBe(message);
  });

  it("keeps credentials from another origin", async () => {
    await using other = await startEnd();
    await using target = await startRedirect(302, `http://name:pass@127.0.0.1:${other.port}/there`);
    const headers = { Cookie: "id=hunter2", "X-Api-Key": "hunter2", Accept: "text/plain", Host: "shop.example" };
    expect(await problem({ url: `http://user:hunter2@127.0.0.1:${target.port}`, headers })).toBeUndefined();
    expect(target.requests[0]?.headers).toMatchObject({ cookie: "id=hunter2", authorization: expect.anything() });
    expect(other.requests).toEqual([
      {
        method: "GET",
        url: "/there",
        headers: {
          host: `127.0.0.1:${other.port}`,
          accept: "text/plain",
          "accept-encoding": "identity",
          "user-agent": "healthspan",
          connection: "close",
        },
        body: "",
      },
    ]);
  });

  it("keeps credentials to itself on the way back too", async () => {
    const home: { origin?: string } = {};
    await using other = await startHttpTarget((_, response) =>
      response.writeHead(302, { Location: `${home.origin}/back` }).end(),
    );
    await using target = await startHttpTarget(({ url }, response) =>
      url === "/back" ? response.end() : response.writeHead(302, { Location: other.origin }).end(),
    );
    home.origin = target.origin;
    expect(await problem({ url: target.origin, bearer: "hunter2" })).toBeUndefined();
    expect(target.requests.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      ["/", "Bearer hunter2"],
      ["/back", undefined],
    ]);
  });

  it("sends them on within the origin", async () => {
    await using target = await startChain();
    await problem({ url: `${target.origin}/1`, bearer: "hunter2" });
    expect(target.requests.map(({ headers }) => headers.authorization)).toEqual(["Bearer hunter2", "Bearer hunter2"]);
  });

  it("keeps the body from another origin", async () => {
    await using other = await startEnd();
    await using target = await startRedirect(307, other.origin);
    expect(await problem({ url: target.origin, method: "POST", body: "hunter2" })).toBe(
      "unexpected_result: status 307: the redirect asks for the body at another origin",
    );
    expect(other.requests).toEqual([]);
  });

  it("keeps the client's certificate from another origin", async () => {
    const { ca, client, server } = certificates;
    const seen: boolean[] = [];
    const mutual = { ...server, ca, requestCert: true, rejectUnauthorized: false };
    await using other = await startHttpTarget(({ socket }, response) => {
      seen.push("authorized" in socket && socket.authorized === true);
      response.end();
    }, mutual);
    await using target = await startHttpTarget(({ socket }, response) => {
      seen.push("authorized" in socket && socket.authorized === true);
      response.writeHead(302, { Location: other.origin }).end();
    }, mutual);
    const options = { ca, clientCertificate: client.cert, clientKey: client.key };
    expect(await problem({ url: target.origin, ...options })).toBeUndefined();
    expect(seen).toEqual([true, false]);
  });

  it("warns of any certificate on the way that expires soon", async () => {
    const { ca, server } = certificates;
    await using plain = await startEnd();
    await using target = await startHttpTarget(
      (_, response) => response.writeHead(302, { Location: plain.origin }).end(),
      server,
    );
    expect(await problem({ url: target.origin, ca, minCertificateDays: 100_000 })).toMatch(/^certificate: /);
  });

  it.each([
    [301, "POST", "GET", ""],
    [302, "PUT", "PUT", "content"],
    [303, "PUT", "GET", ""],
    [307, "POST", "POST", "content"],
    [308, "POST", "POST", "content"],
  ] as const)("after %d a %s becomes a %s", async (status, method, next, body) => {
    await using target = await startHttpTarget(({ url }, response) =>
      url === "/" ? response.writeHead(status, { Location: "there" }).end() : response.end(),
    );
    const headers = { "Content-Type": "text/plain" };
    expect(await problem({ url: target.origin, method, body: "content", headers })).toBeUndefined();
    expect(target.requests[1]).toMatchObject({ method: next, url: "/there", body });
    expect("content-type" in (target.requests[1]?.headers ?? {})).toBe(body !== "");
  });

  it("after 303 a HEAD stays a HEAD", async () => {
    await using target = await startHttpTarget(({ url }, response) =>
      url === "/" ? response.writeHead(303, { Location: "/there" }).end() : response.end(),
    );
    await problem({ url: target.origin, method: "HEAD" });
    expect(target.requests.map(({ method }) => method)).toEqual(["HEAD", "HEAD"]);
  });

  it("tells each server of the trace, and shows the phases of each", async () => {
    await using target = await startHttpTarget(({ url }, response) => {
      if (url === "/end") response.end();
      else response.writeHead(302, { Location: "/end", "Content-Length": 1000 }).write("a body that never ends");
    });
    const { spans } = await recordTelemetry(async () => void (await runCheck(new Http({ url: target.origin }))));
    const run = spans.at(-1);
    const phases = ["connect", "first byte", "transfer"];
    expect(spans.map(({ name }) => name)).toEqual([...phases, ...phases, "check Http"]);
    for (const { status } of spans) expect(status).toEqual({ code: SpanStatusCode.UNSET });
    for (const { headers } of target.requests) expect(headers.traceparent).toContain(run?.spanId);
  });
});
