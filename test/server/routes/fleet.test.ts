import { createServer } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { HealthMonitor } from "../../../src/engine/monitor.ts";
import { fleetReport } from "../../../src/fleet/fleet-report.ts";
import { Secret } from "../../../src/health/secret.ts";
import { createApplication } from "../../../src/server/application.ts";
import type { Authentication } from "../../../src/server/authentication.ts";
import { fleetRouter } from "../../../src/server/routes/fleet.ts";
import { ask } from "../../support/ask.ts";
import { rememberingLogger } from "../../support/logs.ts";
import { listenOnFreePort } from "../../support/throw-away-server.ts";

const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => servers.splice(0).map((server) => server.close()));

const report = fleetReport({
  name: "shop",
  isConnected: true,
  replica: "1",
  replicas: [{ id: "1", host: "shop-0", version: "1", since: 0, configuration: "one", shards: [3], heardAt: 0 }],
  held: [3],
  leasesLost: 0,
  commitsRefused: 0,
  configurations: 1,
  newsAgeMilliseconds: 0,
});
const desk = {
  report: () => report,
  reportOn: (check: string) =>
    check === "orders" ? { ...report, check: { name: check } } : `no check is called "${check}".`,
};

async function start(who?: Authentication): Promise<number> {
  const monitor = new HealthMonitor([], { endpoints: [], logger: rememberingLogger() });
  const application = createApplication(monitor, {
    others: () => [fleetRouter(desk, () => who)],
    fleet: () => report,
    ...(who !== undefined && { authentication: new Map([["/-/fleet", who]]) }),
  });
  const server = createServer(application.callback());
  servers.push(server);
  return listenOnFreePort(server);
}

const page = async (port: number, headers: Record<string, string> = {}) =>
  (await ask(port, "/", { headers: { accept: "text/html", ...headers } })).text;

describe("GET /-/fleet", () => {
  it("tells of the fleet as JSON, and of a check", async () => {
    const port = await start();
    const whole = await ask(port, "/-/fleet");
    expect(whole).toMatchObject({ status: 200, headers: { "content-type": "application/json; charset=utf-8" } });
    expect(JSON.parse(whole.text)).toEqual(report);
    expect(JSON.parse((await ask(port, "/-/fleet?check=orders")).text)).toMatchObject({ check: { name: "orders" } });
    expect(await ask(port, "/-/fleet?check=order")).toMatchObject({
      status: 404,
      text: 'no check is called "order".\n',
    });
    expect((await ask(port, "/-/fleet?check=a&check=b")).status).toBe(400);
    expect(await ask(port, "/-/fleet", { method: "POST" })).toMatchObject({ status: 405 });
  });

  it("tells nobody who has no credentials, on the page neither", async () => {
    const port = await start({ bearer: new Secret("one") });
    expect((await ask(port, "/-/fleet")).status).toBe(401);
    expect((await ask(port, "/-/fleet?check=orders")).status).toBe(401);
    const authorization = "Bearer one";
    expect((await ask(port, "/-/fleet", { headers: { authorization } })).status).toBe(200);
    expect(await page(port)).not.toContain("shop-0");
    expect(await page(port, { authorization })).toContain("shop-0");
  });

  it("has a section on the page, where there is a fleet", async () => {
    const text = await page(await start());
    expect(text).toContain("255 of 256 shards have no holder");
    expect(text).toContain('href="./-/fleet"');
  });
});
