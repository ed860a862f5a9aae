import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HealthMonitor } from "../../src/engine/monitor.ts";
import { ServiceUnavailable } from "../../src/health/errors.ts";
import type { Endpoint } from "../../src/health/report.ts";
import { Secret } from "../../src/health/secret.ts";
import { ask } from "../support/ask.ts";
import { type FakeCheck, fakeCheck } from "../support/checks.ts";
import { rememberingLogger } from "../support/logs.ts";
import { faces, serving } from "./faces.ts";

const names = [
  "database",
  "a check",
  "gesund: naïve 健康 🚀",
  "100%",
  ":name",
  "{*rest}",
  "a+b?c#d&e",
  "(.*)",
  "__proto__",
  "...",
] as const;
const secretSegment = "s3cret/of the path";

const endpoints: readonly Endpoint[] = [
  { path: "/health/", checks: names, degraded: "fail", failureStatus: 500 },
  { path: "/health/node/", checks: ["database"], degraded: "fail", failureStatus: 503 },
  { path: "/heal+th/(x)/:y/", checks: ["database"], degraded: "fail", failureStatus: 500 },
  { path: "/token/", checks: ["database"], degraded: "fail", failureStatus: 500 },
  { path: "/password/", checks: ["database"], degraded: "fail", failureStatus: 500 },
  { path: "/secret/", checks: ["database", "a check"], degraded: "fail", failureStatus: 500 },
];
const authentication = new Map([
  ["/token/", { bearer: new Secret("t0ken-of-the-test") }],
  ["/password/", { basic: { username: "prometheus", password: new Secret("pa:ss wörd") } }],
  ["/secret/", { path: new Secret(secretSegment) }],
]);

describe.each(faces)("$name", ({ prefix, listener }) => {
  let checks: readonly FakeCheck[];
  let monitor: HealthMonitor;
  let server: Awaited<ReturnType<typeof serving>>;
  const get = (path: string, headers: Record<string, string> = { accept: "application/json" }, method = "GET") =>
    ask(server.port, prefix + path, { headers, method });
  const runs = (): number => checks.reduce((sum, check) => sum + check.runs, 0);
  const logger = rememberingLogger();

  beforeEach(async () => {
    checks = names.map((name) => fakeCheck({ name }));
    monitor = new HealthMonitor(checks, { endpoints, logger, title: "shop" });
    server = await serving(listener(monitor, { authentication }));
  });
  afterEach(async () => {
    await server[Symbol.asyncDispose]();
    await monitor.close();
    expect(logger.lines.filter(({ level }) => level === "error")).toEqual([]);
  });

  it.each(["/health", "/health/", "/health?format=json", "/health/?x=%&format=json"])("answers %s", async (path) => {
    const { status, headers, text } = await get(path);
    expect(status).toBe(200);
    expect(Object.keys(JSON.parse(text))).toEqual(names);
    expect(headers).toMatchObject({
      "content-type": "application/json; charset=utf-8",
      "cache-control": "no-store",
      vary: "Accept",
      "x-content-type-options": "nosniff",
      "content-length": String(Buffer.byteLength(text)),
    });
  });

  it.each(names)("answers for the check %s alone", async (name) => {
    for (const slash of ["", "/"]) {
      const { status, text } = await get(`/health/${encodeURIComponent(name)}${slash}`);
      expect(status).toBe(200);
      expect(JSON.parse(text)).toEqual(Object.fromEntries([[name, "working"]]));
    }
    expect(runs()).toBe(2);
  });

  it("tells by the status code which endpoint fails", async () => {
    (checks[0] as FakeCheck).action = () => Promise.reject(new ServiceUnavailable("no answer"));
    const { status, text } = await get("/health/");
    expect({ status, database: JSON.parse(text).database }).toEqual({
      status: 500,
      database: "Unavailable: no answer",
    });
    expect((await get("/health/node/")).status).toBe(503);
    expect((await get("/health/a%20check/")).status).toBe(200);
    expect((await get("/health/?format=rss")).status).toBe(200);
  });

  it("takes an endpoint's path literally", async () => {
    expect((await get("/heal+th/(x)/:y/")).status).toBe(200);
    expect((await get("/heal+th/(x)/:y/database")).status).toBe(200);
    expect((await get("/healllth/(x)/z/")).status).toBe(404);
    expect((await get("/HEALTH/")).status).toBe(404);
  });

  it("answers 404 where nothing is, and runs nothing", async () => {
    const missing = await get("/health/no%22such/");
    expect(missing).toMatchObject({ status: 404, text: 'No check of /health/ is called "no\\"such".\n' });
    expect(missing.headers).toMatchObject({ "cache-control": "no-store", vary: "Accept" });
    for (const path of ["//", "/healthy", "/health//", "/health//database", "/health/database/x", "/other/health"]) {
      expect((await get(path)).status, path).toBe(404);
    }
    expect(runs()).toBe(0);
  });

  it.each(["%", "%E0%A4%A", "a%zz", "%ff%fe"])("answers 400 to the malformed %s", async (segment) => {
    const { status, headers, text } = await get(`/health/${segment}/`);
    expect({ status, text }).toEqual({
      status: 400,
      text: "The path is not well-formed: a percent sign begins no character.\n",
    });
    expect(headers["content-type"]).toBe("text/plain; charset=utf-8");
    expect((await get(`/secret/${segment}/`)).status).toBe(404);
  });

  it("answers HEAD as GET without a body", async () => {
    for (const path of ["/health/", "/health/?format=json", "/health/database", "/health/none", "/health/?format=x"]) {
      const withBody = await get(path);
      const { status, headers, text } = await get(path, { accept: "application/json" }, "HEAD");
      expect(text).toBe("");
      expect({ status, headers: { ...headers, date: "" } }).toEqual({
        status: withBody.status,
        headers: { ...withBody.headers, date: "" },
      });
    }
  });

  it("answers OPTIONS as GET, for load balancers that ask with it, and says what is allowed", async () => {
    (checks[1] as FakeCheck).action = () => Promise.reject(new ServiceUnavailable("no answer"));
    const paths = ["/health/", "/health/database", "/health/node/", "/health/a%20check/", "/health/none/"];
    for (const path of [...paths, "/health/?format=none", "/health/?format=text"]) {
      const asGet = await get(path);
      const { status, headers, text } = await get(path, { accept: "application/json" }, "OPTIONS");
      expect({ path, status, text, headers: { ...headers, date: "" } }).toEqual({
        path,
        status: asGet.status,
        text: asGet.text,
        headers: { ...asGet.headers, date: "", allow: "GET, HEAD, OPTIONS" },
      });
    }
    expect((await get("/health/", {}, "OPTIONS")).status).toBe(500);
    expect((await get("/token/", {}, "OPTIONS")).status).toBe(401);
    expect((await get("/secret/", {}, "OPTIONS")).status).toBe(404);
  });

  it.each(["POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "QUERY", "M-SEARCH"])(
    "refuses %s",
    async (method) => {
      for (const path of ["/health/", "/health/database/"]) {
        const { status, headers } = await get(path, {}, method);
        expect(status).toBe(405);
        expect(headers).toMatchObject({ allow: "GET, HEAD, OPTIONS", "cache-control": "no-store", vary: "Accept" });
      }
      expect(runs()).toBe(0);
    },
  );

  it("refuses before any check runs what cannot be acceptable", async () => {
    const image = await get("/health/", { accept: "image/png, text/plain;q=0, */*;q=0" });
    expect(image.status).toBe(406);
    expect(image.text).toMatch(/^Nothing here is acceptable\. There is .*application\/json.*\.\n$/);
    expect(image.headers).toMatchObject({ "cache-control": "no-store", vary: "Accept" });
    expect(runs()).toBe(0);
  });

  it.each(["xml", "", "JSON", "json&format=json", "json&format=text", "%", "<script>"])(
    "refuses ?format=%s",
    async (format) => {
      const { status, headers, text } = await get(`/health/?format=${format}`, {});
      expect(status).toBe(400);
      expect(text).toMatch(/^(Unknown format "|Name one format, not 2\. ).*There is .*json, text.*\.\n$/);
      expect(headers).toMatchObject({
        "content-type": "text/plain; charset=utf-8",
        "x-content-type-options": "nosniff",
      });
      expect(runs()).toBe(0);
    },
  );

  it("lets ?format= beat the Accept header", async () => {
    const { headers } = await get("/health/?format=text", { accept: "application/json" });
    expect(headers["content-type"]).toBe("text/plain; charset=utf-8");
  });

  it("shows browsers a page that may load nothing and tells nobody where it was", async () => {
    const { headers, text } = await get("/health/", { accept: "text/html,application/xhtml+xml,*/*;q=0.8" });
    expect(headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(headers["content-security-policy"]).toMatch(/default-src 'none'/);
    expect(headers["referrer-policy"]).toBe("no-referrer");
    expect(text).toContain("<!DOCTYPE html>");
  });

  it("tells feeds the address under which it is reached", async () => {
    const { text } = await get("/health/?format=atom", { host: "shop.example:8443" });
    expect(text).toContain(`http://shop.example:8443${prefix}/health/`);
    const nonsense = await get("/health/?format=atom", { host: `"><script>` });
    expect(nonsense.text).toContain(`http://localhost${prefix}/health/`);
  });

  it("asks strangers for a token, and runs nothing for them", async () => {
    const wrong = ["Bearer wrong", "Basic t0ken-of-the-test", "Bearer", "t0ken-of-the-test"];
    const strangers = [{}, ...wrong.map((authorization) => ({ authorization }))];
    for (const [index, headers] of strangers.entries()) {
      for (const path of ["/token/", "/token/database/", "/token/none/", "/token/%ff/", "/token/?format=x"]) {
        // From an address of its own: who goes on trying is made to wait.
        const refused = await ask(server.port, prefix + path, { headers, from: `127.0.0.${index + 2}` });
        expect({ path, status: refused.status }).toEqual({ path, status: 401 });
        expect(refused.headers).toMatchObject({
          "www-authenticate": 'Bearer realm="health"',
          "cache-control": "no-store",
          vary: "Accept",
        });
      }
    }
    expect((await get("/token/", {}, "POST")).status).toBe(401);
    expect(runs()).toBe(0);
    expect((await get("/token/", { authorization: "bearer  t0ken-of-the-test" })).status).toBe(200);
  });

  it("asks strangers for a password", async () => {
    const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString("base64")}` });
    const refused = await get("/password/", basic("prometheus:pa"));
    expect(refused.status).toBe(401);
    expect(refused.headers["www-authenticate"]).toBe('Basic realm="health", charset="UTF-8"');
    expect((await get("/password/", basic("prometheus:pa:ss wörd"))).status).toBe(200);
  });

  it("serves an endpoint under its secret path alone, and shows the secret nowhere", async () => {
    const secret = encodeURIComponent(secretSegment);
    for (const path of ["/secret/", "/secret", "/secret/database/", "/secret/wrong/", "/secret/wrong/database/"]) {
      expect((await get(path)).status, path).toBe(404);
    }
    expect(runs()).toBe(0);
    const forms = [secretSegment, secret, "s3cret"];
    for (const path of [
      `/secret/${secret}/`,
      `/secret/${secret}`,
      `/secret/${secret}/database/`,
      `/secret/${secret}/none`,
    ]) {
      for (const format of ["json", "text", "health", "html", "rss", "atom", "openmetrics", "none"]) {
        const { status, headers, text } = await get(`${path}?format=${format}`);
        const slashless = format === "html" && path === `/secret/${secret}`;
        expect(status, `${path} ${format}`).toBe(
          slashless ? 308 : path.endsWith("none") ? 404 : format === "none" ? 400 : 200,
        );
        for (const form of forms) expect(text, `${path} ${format}`).not.toContain(form);
        // The way to the page with the final slash, of which the links hold without naming the secret.
        if (slashless) expect(headers.location).toBe(`${secret}/?format=html`);
      }
    }
    expect(JSON.stringify(logger.lines)).not.toContain("s3cret");
  });

  it("leaves the rest to the program", async () => {
    const { status, text } = await ask(server.port, "/other");
    const alone = listener === faces[0]?.listener || listener === faces[1]?.listener;
    expect({ status, text }).toEqual(
      alone ? { status: 404, text: "Nothing is served here.\n" } : { status: 200, text: "other" },
    );
  });
});
