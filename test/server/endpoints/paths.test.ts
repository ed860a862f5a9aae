import type { IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import { HealthMonitor } from "../../../src/engine/monitor.ts";
import { Secret } from "../../../src/health/secret.ts";
import { createApplication } from "../../../src/server/application.ts";
import { healthHandler } from "../../../src/server/handler.ts";
import { ask } from "../../support/ask.ts";
import { fakeCheck } from "../../support/checks.ts";
import { rememberingLogger } from "../../support/logs.ts";
import { serving } from "../faces.ts";

const monitorOf = (...paths: readonly string[]) => {
  const endpoints = paths.map((path) => ({ path, checks: ["database"] }));
  return new HealthMonitor([fakeCheck({ name: "database" })], { endpoints, logger: rememberingLogger() });
};

describe("a check that there is not", () => {
  it("is named in the answer as far as a person reads", async () => {
    await using server = await serving(createApplication(monitorOf("/health/")).callback());
    const named = async (name: string) => (await ask(server.port, `/health/${name}/`)).text;
    expect(await named("x".repeat(100))).toBe(`No check of /health/ is called "${"x".repeat(100)}".\n`);
    expect(await named("y".repeat(500))).toBe(`No check of /health/ is called "${"y".repeat(100)}".\n`);
    expect(await named("a%20b%0d")).toBe('No check of /health/ is called "a b\\r".\n');
  });

  it("may be something else of the program where the endpoint is at /", async () => {
    await using server = await serving(createApplication(monitorOf("/", "/node/")).callback());
    expect((await ask(server.port, "/database")).status).toBe(200);
    expect((await ask(server.port, "/livez")).text).toBe("ok\n");
    expect((await ask(server.port, "/none")).text).toBe("Nothing is served here.\n");
    expect((await ask(server.port, "/%ff")).status).toBe(404);
    expect((await ask(server.port, "/node/none")).text).toBe('No check of /node/ is called "none".\n');
  });
});

describe("under a secret path", () => {
  it("the page is at the address with a final slash, with the query that it was asked with", async () => {
    const authentication = new Map([["/health/", { path: new Secret("a:secret") }]]);
    await using server = await serving(createApplication(monitorOf("/health/"), { authentication }).callback());
    const headers = { accept: "text/html" };
    const at = async (path: string) => {
      const { status, headers: said } = await ask(server.port, path, { headers });
      return [status, said.location];
    };
    expect(await at("/health/a:secret")).toEqual([308, "a%3Asecret/"]);
    expect(await at("/health/a:secret?a=b&c")).toEqual([308, "a%3Asecret/?a=b&c"]);
    expect(await at("/health/a:secret/")).toEqual([200, undefined]);
    expect(await at("/health/a:secret/database")).toEqual([200, undefined]);
    expect(await at("/health/a:secret?format=json")).toEqual([200, undefined]);
  });
});

describe("the address in a feed", () => {
  it.each([
    ["/health/", "/health/", "/health/"],
    ["/health", "/health", "/health/"],
    ["/health/", "/internal/health/", "/internal/health/"],
    ["/health", "/internal/health", "/internal/health/"],
    ["/health/database", "/internal/health/database", "/internal/health/database/"],
    ["/health/", "/a/b/c/health/", "/a/b/c/health/"],
    // Whatever it has been rewritten from, ours is what is known.
    ["/health/", "/status/", "/health/"],
    ["/health/", "/something/else/", "/health/"],
    ["/health/", "/health", "/health/"],
    ["/health/database/", "/status/database/", "/health/database/"],
  ])("of %s, where the program was asked for %s, is %s", async (url, originalUrl, address) => {
    const handler = healthHandler(monitorOf("/health/"));
    await using server = await serving((request, response) => {
      handler(Object.assign(request, { url: `${url}?format=rss`, originalUrl }) as IncomingMessage, response);
    });
    const { text } = await ask(server.port, "/", { headers: { host: "shop.example" } });
    expect(/<link>(.*?)<\/link>/.exec(text)?.[1]).toBe(`http://shop.example${address}`);
  });
});
