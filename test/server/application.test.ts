import Router from "@koa/router";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HealthMonitor } from "../../src/engine/monitor.ts";
import type { Endpoint } from "../../src/health/report.ts";
import { Secret } from "../../src/health/secret.ts";
import { createApplication } from "../../src/server/application.ts";
import { UnreadBodies } from "../../src/server/unread/unread-bodies.ts";
import { ask } from "../support/ask.ts";
import { fakeCheck } from "../support/checks.ts";
import { rememberingLogger } from "../support/logs.ts";
import { serving } from "./faces.ts";

function endpoint(path: string, ...checks: string[]): Endpoint {
  return { path, checks, degraded: "fail", failureStatus: 500 };
}

const checks = () => [fakeCheck({ name: "database" }), fakeCheck({ name: "disk" })];
const browser = { accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" };

function metricsRoute(): Router {
  return new Router().get("/metrics", (ctx) => {
    ctx.body = "# EOF\n";
  });
}

describe("the server", () => {
  const logger = rememberingLogger();
  let monitor: HealthMonitor;
  let server: Awaited<ReturnType<typeof serving>>;

  beforeEach(async () => {
    const endpoints = [
      endpoint("/health/", "database", "disk"),
      endpoint("/health/node/", "disk"),
      endpoint("/hidden/", "disk"),
    ];
    monitor = new HealthMonitor(checks(), { endpoints, logger, title: "<shop>" });
    const metrics = metricsRoute();
    metrics.get("/broken", () => {
      throw new Error("a defect with its stack");
    });
    const authentication = new Map([
      ["/health/node/", { bearer: new Secret("a token") }],
      ["/hidden/", { path: new Secret("s3cret") }],
    ]);
    server = await serving(createApplication(monitor, { authentication, metrics: () => metrics }).callback());
  });
  afterEach(() => server[Symbol.asyncDispose]());

  it.each(["/health/?format=html", "/"])("counts what waits for its reader at %s", async (path) => {
    const many = Array.from({ length: 50 }, (_, index) => fakeCheck({ name: `database-${index}` }));
    const application = createApplication(new HealthMonitor(many, { logger }));
    await using busy = await serving(application.callback());
    const hold = vi.spyOn(UnreadBodies.prototype, "hold");
    await ask(busy.port, path, { headers: browser });
    expect(hold).toHaveBeenCalledOnce();
    expect(String(hold.mock.calls[0]?.[0].body)).toContain("<!DOCTYPE html>");
  });

  it("sends a short answer of an endpoint past Koa, with what its head says", async () => {
    const answer = await ask(server.port, "/health/?format=json", { method: "HEAD" });
    expect(answer).toMatchObject({ status: 200, text: "" });
    expect(answer.headers).toMatchObject({ vary: "Accept", "cache-control": "no-store", "content-length": "40" });
  });

  it("says at / what there is, but not what is secret", async () => {
    const { status, headers, text } = await ask(server.port, "/");
    expect({ status, type: headers["content-type"] }).toEqual({ status: 200, type: "text/plain; charset=utf-8" });
    expect(headers).toMatchObject({ "cache-control": "no-store", vary: "Accept", "x-content-type-options": "nosniff" });
    expect(text).toBe(
      [
        "/health/       2 checks",
        "/health/node/  asks for credentials",
        "/metrics       all metrics, for Prometheus",
        "/livez         whether this process answers",
        "/readyz        whether it wants to be asked",
        "",
      ].join("\n"),
    );
  });

  it("links at / to what there is, for browsers", async () => {
    const { headers, text } = await ask(server.port, "/", { headers: browser });
    expect(headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(headers["content-security-policy"]).toMatch(/^default-src 'none'/);
    expect(text).toContain('<bdi class="service">&lt;shop&gt;</bdi>');
    expect([...text.matchAll(/<a [^>]*href="([^"]*)"/g)].map(([, href]) => href)).toEqual([
      "./health/",
      "./health/node/",
      "./metrics",
      "./livez",
      "./readyz",
    ]);
    expect(text).not.toContain("/hidden/");
    expect(text).not.toContain("s3cret");
  });

  it.each(["/livez", "/livez/"])("answers %s for the process alone", async (path) => {
    const { status, headers, text } = await ask(server.port, path);
    expect({ status, text }).toEqual({ status: 200, text: "ok\n" });
    expect(headers).toMatchObject({ "cache-control": "no-store", "content-type": "text/plain; charset=utf-8" });
    const head = await ask(server.port, path, { method: "HEAD" });
    expect({ status: head.status, text: head.text }).toEqual({ status: 200, text: "" });
    const post = await ask(server.port, path, { method: "POST" });
    expect({ status: post.status, allow: post.headers.allow }).toEqual({ status: 405, allow: "GET, HEAD, OPTIONS" });
    const options = await ask(server.port, path, { method: "OPTIONS" });
    expect({ status: options.status, text: options.text, allow: options.headers.allow }).toEqual({
      status: 200,
      text: "ok\n",
      allow: "GET, HEAD, OPTIONS",
    });
  });

  it.each(["GET", "HEAD", "OPTIONS"])("says at /readyz by %s when it is about to stop", async (method) => {
    let isReady = true;
    await using stopping = await serving(createApplication(monitor, { isReady: () => isReady }).callback());
    expect((await ask(stopping.port, "/readyz", { method })).status).toBe(200);
    isReady = false;
    const { status, text } = await ask(stopping.port, "/readyz", { method });
    expect({ status, text }).toEqual({ status: 503, text: method === "HEAD" ? "" : "This server is about to stop.\n" });
    expect((await ask(stopping.port, "/livez", { method })).status).toBe(200);
  });

  it("answers with the metrics that it was given", async () => {
    expect((await ask(server.port, "/metrics")).text).toBe("# EOF\n");
  });

  it("answers 404 where nothing is, whatever the target looks like", async () => {
    for (const path of ["/none", "//", "/%", "/%2e%2e/", "*", "/health/node/disk/x", "/LIVEZ", "/favicon.ico"]) {
      for (const method of path === "*" ? ["OPTIONS"] : ["GET", "POST", "OPTIONS"]) {
        const { status, text } = await ask(server.port, path, { method });
        expect({ path, method, status, text }).toEqual({
          path,
          method,
          status: 404,
          text: "Nothing is served here.\n",
        });
      }
    }
  });

  it("answers a target that is a whole address", async () => {
    const { status } = await ask(server.port, "http://shop.example/health/?format=json");
    expect(status).toBe(200);
  });

  it("logs a defect once, and tells nobody else what it is", async () => {
    const { status, text } = await ask(server.port, "/broken?token=s3cret");
    expect({ status, text }).toEqual({
      status: 500,
      text: "The answer could not be made. The server's log tells why.\n",
    });
    const errors = logger.lines.filter(({ level }) => level === "error");
    expect(errors).toMatchObject([
      {
        message: "could not answer a request for /broken",
        details: { error: { name: "Error", message: "a defect with its stack" } },
      },
    ]);
    expect(JSON.stringify(errors)).not.toContain("s3cret");
  });
});

describe("what is served besides the endpoints", () => {
  it("is loaded when it is first asked for, and once", async () => {
    const metrics = vi.fn(metricsRoute);
    const monitor = new HealthMonitor(checks(), { logger: rememberingLogger() });
    await using server = await serving(createApplication(monitor, { metrics }).callback());
    for (const path of ["/health/", "/health/disk", "/livez", "/readyz"]) await ask(server.port, path);
    expect(metrics).not.toHaveBeenCalled();
    await Promise.all(["/metrics", "/metrics", "/none"].map((path) => ask(server.port, path)));
    expect(metrics).toHaveBeenCalledOnce();
  });

  it("is loaded anew when it could not be, and the endpoints are there meanwhile", async () => {
    const logger = rememberingLogger();
    const metrics = vi.fn(async () => metricsRoute());
    metrics.mockRejectedValueOnce(new Error("too many open files"));
    await using server = await serving(
      createApplication(new HealthMonitor(checks(), { logger }), { metrics }).callback(),
    );
    const { status, text } = await ask(server.port, "/metrics");
    expect({ status, text }).toEqual({
      status: 500,
      text: "The answer could not be made. The server's log tells why.\n",
    });
    expect(logger.lines.filter(({ level }) => level === "error")).toMatchObject([
      { details: { error: { name: "Error", message: "too many open files" } } },
    ]);
    expect((await ask(server.port, "/health/")).status).toBe(200);
    expect((await ask(server.port, "/metrics")).text).toBe("# EOF\n");
  });
});

describe("a server with an endpoint at /", () => {
  it("serves the endpoint there, and everything else besides it", async () => {
    const endpoints = [endpoint("/", "database", "disk"), endpoint("/node/", "disk")];
    const monitor = new HealthMonitor(checks(), { endpoints, logger: rememberingLogger() });
    await using server = await serving(createApplication(monitor).callback());
    const json = async (path: string) => JSON.parse((await ask(server.port, `${path}?format=json`)).text);
    expect(await json("/")).toEqual({ database: "working", disk: "working" });
    expect(await json("/disk")).toEqual({ disk: "working" });
    expect(await json("/database/")).toEqual({ database: "working" });
    expect(await json("/node/")).toEqual({ disk: "working" });
    expect((await ask(server.port, "/livez")).text).toBe("ok\n");
    expect((await ask(server.port, "/none")).status).toBe(404);
    expect((await ask(server.port, "/?format=atom")).text).toContain(`http://127.0.0.1:${server.port}/`);
  });
});

describe("a server whose monitor is given other checks", () => {
  it("serves the new endpoints", async () => {
    const monitor = new HealthMonitor(checks(), { logger: rememberingLogger() });
    await using server = await serving(createApplication(monitor).callback());
    expect((await ask(server.port, "/health/disk")).status).toBe(200);
    await monitor.replace([fakeCheck({ name: "cache" })], [endpoint("/ready/", "cache")]);
    expect((await ask(server.port, "/ready/cache/")).status).toBe(200);
    expect((await ask(server.port, "/health/")).status).toBe(404);
  });

  it("answers who has been waiting", async () => {
    let finish = (): void => {};
    const slow = fakeCheck({ name: "slow" }, () => new Promise((resolve) => (finish = () => resolve())));
    const monitor = new HealthMonitor([slow], { logger: rememberingLogger() });
    await using server = await serving(createApplication(monitor).callback());
    const waiting = ask(server.port, "/health/?format=json");
    await vi.waitFor(() => expect(slow.runs).toBe(1));
    await monitor.replace([fakeCheck({ name: "cache" })], [endpoint("/health/", "cache")]);
    finish();
    // What it waited for is gone: it is told what there is now.
    expect(JSON.parse((await waiting).text)).toEqual({ cache: "working" });
    expect((await ask(server.port, "/health/?format=json")).text).toBe('{"cache":"working"}\n');
  });

  it.each([
    ["a check of an endpoint", "/health/slow/", [endpoint("/health/", "cache")], 404],
    ["an endpoint", "/health/", [endpoint("/ready/", "cache")], 404],
    ["an endpoint that has another check of the name", "/health/slow/", [endpoint("/health/", "slow", "cache")], 200],
  ])("answers who has been waiting for %s that is removed", async (_, path, endpoints, expected) => {
    const slow = fakeCheck({ name: "slow" }, () => new Promise(() => {}));
    const logger = rememberingLogger();
    const monitor = new HealthMonitor([slow], { logger });
    await using server = await serving(createApplication(monitor).callback());
    const waiting = ask(server.port, `${path}?format=json`);
    await vi.waitFor(() => expect(slow.runs).toBe(1));
    await monitor.replace([fakeCheck({ name: "cache" }), fakeCheck({ name: "slow", timeout: "1s" })], endpoints);
    expect((await waiting).status).toBe(expected);
    expect(logger.lines.filter(({ level }) => level === "error")).toEqual([]);
  });

  it("asks who has been waiting for the credentials that count now", async () => {
    let finish = (): void => {};
    const slow = fakeCheck({ name: "slow" }, () => new Promise((resolve) => (finish = () => resolve())));
    const monitor = new HealthMonitor([slow], { logger: rememberingLogger() });
    let authentication = new Map<string, { bearer: Secret }>();
    const options = {
      get authentication() {
        return authentication;
      },
    };
    await using server = await serving(createApplication(monitor, options).callback());
    const waiting = ask(server.port, "/health/");
    await vi.waitFor(() => expect(slow.runs).toBe(1));
    await monitor.replace([slow], [endpoint("/health/", "slow")], () => {
      authentication = new Map([["/health/", { bearer: new Secret("a token") }]]);
    });
    finish();
    expect((await waiting).status).toBe(401);
  });
});
