import { describe, expect, it } from "vitest";
import { HealthMonitor } from "../../../src/engine/monitor.ts";
import { Secret } from "../../../src/health/secret.ts";
import { createApplication } from "../../../src/server/application.ts";
import { fakeCheck } from "../../support/checks.ts";
import { rememberingLogger } from "../../support/logs.ts";
import { listenOnFreePort } from "../../support/throw-away-server.ts";
import { readWellFormed } from "../../support/well-formed.ts";

const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

async function serve() {
  const monitor = new HealthMonitor([fakeCheck({ name: "database", interval: "1h" })], {
    title: "secret-shop",
    logger: rememberingLogger(),
    endpoints: [
      { path: "/health/", checks: ["database"] },
      { path: "/private/", checks: ["database"] },
    ],
  });
  const application = createApplication(monitor, {
    authentication: new Map([["/private/", { bearer: new Secret("token-of-the-test") }]]),
    site: { title: "Example Shop", logo: "data:image/png;base64,AAAA" },
  });
  const { createServer } = await import("node:http");
  const server = createServer(application.callback());
  const port = await listenOnFreePort(server);
  return {
    ask: (path: string, headers: Readonly<Record<string, string>> = {}, method = "GET") =>
      fetch(`http://127.0.0.1:${port}${path}`, { headers, method }),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await monitor.close();
    },
  };
}

const refusals = [
  ["/nothing", 404, "Not found", "Nothing is served here."],
  ["/health/none/", 404, "Not found", 'No check of /health/ is called "none".'],
  ["/private/", 401, "Credentials are needed", "This endpoint asks for credentials."],
  ["/health/?format=pdf", 400, "This request cannot be read", 'Unknown format "pdf".'],
] as const;

describe("a refusal", () => {
  it.each(refusals)("of %s is a page with %d in a browser", async (path, status, heading, sentence) => {
    await using server = await serve();
    const answer = await server.ask(path, { accept: browser });
    expect(answer.status).toBe(status);
    expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(answer.headers.get("x-frame-options")).toBe("DENY");
    const text = readWellFormed(await answer.text());
    expect(text).toContain(heading);
    expect(text).toContain(sentence);
  });

  it.each(refusals)("of %s is a sentence for everybody else", async (path, status, _, sentence) => {
    await using server = await serve();
    for (const accept of ["*/*", "text/plain", "text/plain, text/html", "application/json"]) {
      const answer = await server.ask(path, { accept });
      expect(answer.status).toBe(status);
      expect(answer.headers.get("content-type")).toBe("text/plain; charset=utf-8");
      expect(await answer.text()).toContain(sentence);
    }
  });

  it("gives away nothing of what is watched by 401 and 404", async () => {
    await using server = await serve();
    for (const path of ["/nothing", "/private/", "/private/database/"]) {
      const answer = await server.ask(path, { accept: browser });
      expect(await answer.text()).not.toMatch(/secret-shop|Example Shop|image\/png|database|token-of-the-test/);
    }
    const wrong = await server.ask("/private/none/", { accept: browser, authorization: "Bearer wrong" });
    expect([wrong.status, wrong.headers.get("www-authenticate")]).toEqual([401, 'Bearer realm="health"']);
  });

  it("by 405 still says which methods there are", async () => {
    await using server = await serve();
    const answer = await server.ask("/health/", { accept: browser }, "DELETE");
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, "GET, HEAD, OPTIONS"]);
    expect(await answer.text()).toContain("Ask with GET or HEAD.");
  });

  it("is never made of what checks say", async () => {
    await using server = await serve();
    const answer = await server.ask("/health/?format=text", { accept: browser });
    expect(answer.headers.get("content-type")).toBe("text/plain; charset=utf-8");
  });
});

describe("a page and a feed", () => {
  it("are zipped, and answered with 304 when nothing has changed", async () => {
    await using server = await serve();
    const first = await server.ask("/health/?format=atom");
    expect(first.headers.get("cache-control")).toBe("no-cache");
    const again = await server.ask("/health/?format=atom", { "if-none-match": first.headers.get("etag") ?? "" });
    expect([again.status, await again.text()]).toEqual([304, ""]);
    const page = await server.ask("/health/?format=html");
    expect(page.headers.get("content-encoding")).toBe("gzip"); // What fetch asks for.
    expect(await page.text()).toContain("Example Shop");
    const head = await server.ask("/health/?format=html", {}, "HEAD");
    expect(Number(head.headers.get("content-length"))).toBeGreaterThan(1000);
  });
});
