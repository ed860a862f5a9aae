import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HealthMonitor } from "../../../src/engine/monitor.ts";
import { ServiceUnavailable } from "../../../src/health/errors.ts";
import { Secret } from "../../../src/health/secret.ts";
import { createApplication } from "../../../src/server/application.ts";
import type { Authentication } from "../../../src/server/authentication.ts";
import { ask } from "../../support/ask.ts";
import { type FakeCheck, fakeCheck } from "../../support/checks.ts";
import { rememberingLogger } from "../../support/logs.ts";
import { readWellFormed } from "../../support/well-formed.ts";
import { type Serving, serving } from "../faces.ts";

const authentication = new Map<string, Authentication>([
  ["/token/", { bearer: new Secret("t0ken") }],
  ["/password/", { basic: { username: "u", password: new Secret("p") } }],
  ["/hidden/", { path: new Secret("s3cret") }],
]);

describe("the page at /", () => {
  let database: FakeCheck;
  let monitor: HealthMonitor;
  let server: Serving;

  beforeEach(async () => {
    database = fakeCheck({ name: "database" });
    const paths = ["/health/", "/token/", "/password/", "/hidden/"];
    const endpoints = paths.map((path) => ({ path, checks: ["database"] }));
    monitor = new HealthMonitor([database], { endpoints, logger: rememberingLogger(), title: "shop" });
    server = await serving(createApplication(monitor, { authentication }).callback());
  });
  afterEach(() => server[Symbol.asyncDispose]());

  async function read(headers: Readonly<Record<string, string>> = {}): Promise<string> {
    const { status, text } = await ask(server.port, "/", { headers: { accept: "text/html", ...headers } });
    expect(status).toBe(200);
    return readWellFormed(text).replaceAll(/\s+/g, " ");
  }

  it("runs nothing, and shows what is known", async () => {
    expect(await read()).toContain("Unknown /health/ 1 check The only check is in an unknown state");
    expect(database.runs).toBe(0);
    await monitor.renew("database");
    // What took long to find is shown a little longer.
    await vi.waitFor(async () => expect(await read()).toContain("Healthy /health/ 1 check "));
    database.action = () => Promise.reject(new ServiceUnavailable("no answer"));
    await monitor.renew("database");
    await vi.waitFor(async () => expect(await read()).toContain("Unhealthy /health/ 1 check The only check fails"));
    expect(database.runs).toBe(2);
  });

  it("shows the state of what asks for credentials to those alone who have them", async () => {
    await monitor.renew("database");
    const bearer = { authorization: "Bearer t0ken" };
    const basic = { authorization: `Basic ${btoa("u:p")}` };
    const shown = "Healthy /token/ 1 check";
    const withheld = "Not shown /token/ Asks for credentials";
    for (const headers of [{}, { authorization: "Bearer wrong" }, { authorization: "Basic t0ken" }, basic]) {
      const page = await read(headers);
      expect(page).toContain(withheld);
      expect(page).not.toContain(shown);
    }
    expect(await read(bearer)).toContain(shown);
    expect(await read(bearer)).toContain("Not shown /password/");
    expect(await read(basic)).toContain("Healthy /password/ 1 check");
  });

  it("never names what is served under a secret path", async () => {
    for (const accept of ["text/html", "text/plain"]) {
      const { text } = await ask(server.port, "/", { headers: { accept, authorization: "Bearer s3cret" } });
      expect(text).not.toContain("/hidden/");
      expect(text).not.toContain("s3cret");
    }
  });

  it("shows the endpoints of a reload", async () => {
    await read();
    await monitor.replace([database], [{ path: "/new/", checks: "all" }]);
    const page = await read();
    expect(page).toContain("/new/ 1 check");
    expect(page).not.toContain("/health/");
  });

  it("counts the checks at most once a second while nothing changes, and however many there are", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    try {
      const snapshot = vi.spyOn(monitor, "snapshot");
      await read();
      await read();
      expect(snapshot).toHaveBeenCalledTimes(1);
      vi.advanceTimersByTime(1001);
      await read();
      expect(snapshot).toHaveBeenCalledTimes(2);
      snapshot.mockImplementation((endpoint) => {
        vi.advanceTimersByTime(20);
        return Object.getPrototypeOf(monitor).snapshot.call(monitor, endpoint);
      });
      for (let round = 0; round < 40; round += 1) {
        await monitor.renew("database");
        await read();
        vi.advanceTimersByTime(10);
      }
      expect(snapshot.mock.calls.length).toBeGreaterThan(3);
      expect(snapshot.mock.calls.length).toBeLessThan(10);
    } finally {
      vi.useRealTimers();
    }
  });

  it("takes the methods that read, and OPTIONS as GET", async () => {
    const options = await ask(server.port, "/", { method: "OPTIONS" });
    expect(options).toMatchObject({ status: 200, headers: { allow: "GET, HEAD, OPTIONS" } });
    expect(options.text).toContain("/health/");
    expect(await ask(server.port, "/", { method: "HEAD" })).toMatchObject({ status: 200, text: "" });
    expect(await ask(server.port, "/", { method: "POST" })).toMatchObject({ status: 405 });
  });
});
