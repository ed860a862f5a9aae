import { afterEach, describe, expect, it, vi } from "vitest";
import { HealthMonitor } from "../../../src/engine/monitor.ts";
import { Secret } from "../../../src/health/secret.ts";
import { createApplication } from "../../../src/server/application.ts";
import type { Authentication } from "../../../src/server/authentication.ts";
import { formats } from "../../../src/server/formats.ts";
import { ask } from "../../support/ask.ts";
import { fakeCheck } from "../../support/checks.ts";
import { rememberingLogger } from "../../support/logs.ts";
import { serving } from "../faces.ts";

afterEach(() => void vi.restoreAllMocks());

async function start(interval: string, path: string) {
  const logger = rememberingLogger();
  const monitor = new HealthMonitor([fakeCheck({ name: "database", interval })], { logger });
  const authentication = new Map([["/health/", { path: new Secret(path) }]]);
  return { logger, monitor, server: await serving(createApplication(monitor, { authentication }).callback()) };
}

describe("a page without a final slash", () => {
  it.each(["a:b", "javascript:alert(1)", "x:y:z"])("has links that lead to this server: %s", async (name) => {
    const monitor = new HealthMonitor([fakeCheck({ name })], { logger: rememberingLogger() });
    await using server = await serving(createApplication(monitor).callback());
    const here = `http://shop.example/health/${name}`;
    const { status, text } = await ask(server.port, `/health/${name}?format=html`);
    const links = [...text.matchAll(/<a [^>]*href="([^"]*)"/g)].map(([, href = ""]) => new URL(href, here).href);
    expect(status).toBe(200);
    expect(links.length).toBeGreaterThan(1);
    for (const link of links) expect(link).toMatch(/^http:\/\/shop\.example\/health\//);
  });
});

it("gives each caller links from where it stands, and the media type that it asked for", async () => {
  const monitor = new HealthMonitor([fakeCheck({ name: "database", interval: "1m" })], { logger: rememberingLogger() });
  await using server = await serving(createApplication(monitor).callback());
  const read = async (path: string, accept: string) => {
    const { headers, text } = await ask(server.port, path, { headers: { accept } });
    return [/href="([^"]*database\/)"/.exec(text)?.[1], headers["content-type"]?.split(";")[0]];
  };
  for (let time = 0; time < 2; time += 1) {
    expect(await read("/health/", "text/html")).toEqual(["database/", "text/html"]);
    expect(await read("/health", "text/html")).toEqual(["health/database/", "text/html"]);
    expect(await read("/health/", "application/xhtml+xml")).toEqual(["database/", "application/xhtml+xml"]);
  }
});

describe("who may read an endpoint", () => {
  it("can change although the endpoints stay", async () => {
    const monitor = new HealthMonitor([fakeCheck({ name: "database" })], { logger: rememberingLogger() });
    let authentication = new Map<string, Authentication>();
    const options = {
      get authentication() {
        return authentication;
      },
    };
    await using server = await serving(createApplication(monitor, options).callback());
    const statusWith = async (token: string) => {
      return (await ask(server.port, "/health/", { headers: { authorization: `Bearer ${token}` } })).status;
    };
    expect(await statusWith("one")).toBe(200);
    authentication = new Map([["/health/", { bearer: new Secret("one") }]]);
    expect([await statusWith("one"), await statusWith("two")]).toEqual([200, 401]);
    authentication = new Map([["/health/", { bearer: new Secret("two") }]]);
    expect([await statusWith("one"), await statusWith("two")]).toEqual([401, 200]);
  });
});

describe("an answer that cannot be made", () => {
  it.each(["0s", "1m"])(
    "is a 500 with a plain sentence, logged once without what is secret (interval %s)",
    async (interval) => {
      const { logger, monitor, server } = await start(interval, "s3cret");
      await using _ = server;
      await monitor.report();
      for (const format of formats) {
        vi.spyOn(format, "render").mockImplementation(() => {
          throw new RangeError("a defect of the format");
        });
      }
      const { status, headers, text } = await ask(server.port, "/health/s3cret/database?format=json&token=s3cret");
      expect({ status, text }).toEqual({
        status: 500,
        text: "The answer could not be made. The server's log tells why.\n",
      });
      expect(headers).toMatchObject({ "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" });
      const errors = logger.lines.filter(({ level }) => level === "error");
      expect(errors).toMatchObject([
        {
          message: "could not answer a request for /health/database/",
          details: { path: "/health/database/", error: { name: "RangeError", message: "a defect of the format" } },
        },
      ]);
      expect(JSON.stringify(errors)).not.toContain("s3cret");
    },
  );
});
