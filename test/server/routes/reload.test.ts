import { createServer } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { HealthMonitor } from "../../../src/engine/monitor.ts";
import { Secret } from "../../../src/health/secret.ts";
import { createApplication } from "../../../src/server/application.ts";
import type { Authentication } from "../../../src/server/authentication.ts";
import { type Reload, reloadRouter } from "../../../src/server/routes/reload.ts";
import { ask } from "../../support/ask.ts";
import { rememberingLogger } from "../../support/logs.ts";
import { listenOnFreePort } from "../../support/throw-away-server.ts";

const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => servers.splice(0).map((server) => server.close()));

async function start(reload: Reload, who: () => Authentication | undefined): Promise<number> {
  const monitor = new HealthMonitor([], { endpoints: [], logger: rememberingLogger() });
  const server = createServer(createApplication(monitor, { others: () => [reloadRouter(reload, who)] }).callback());
  servers.push(server);
  return listenOnFreePort(server);
}

const post = (port: number, authorization?: string) =>
  ask(port, "/-/reload", {
    method: "POST",
    ...(authorization !== undefined && { headers: { authorization } }),
  });

describe("POST /-/reload", () => {
  it("tells what became of the reload", async () => {
    const outcomes = [{ ok: true }, { ok: false, message: "a.yaml: is empty" }] as const;
    let count = 0;
    const port = await start(
      async () => outcomes[count++] ?? outcomes[0],
      () => undefined,
    );
    expect(await post(port)).toMatchObject({ status: 200, text: "The configuration was reloaded.\n" });
    expect(await post(port)).toMatchObject({ status: 500, text: "a.yaml: is empty\n" });
    expect(await ask(port, "/-/reload")).toMatchObject({ status: 405, headers: { allow: "POST" } });
    expect(count).toBe(2);
  });

  it("reloads for nobody but those who may ask, which another configuration can change", async () => {
    let reloads = 0;
    let who: Authentication = { bearer: new Secret("one") };
    const port = await start(
      async () => {
        reloads += 1;
        return { ok: true };
      },
      () => who,
    );
    for (const authorization of [undefined, "Bearer two", "Basic b25lOm9uZQ=="]) {
      const refused = await post(port, authorization);
      expect(refused).toMatchObject({ status: 401, headers: { "www-authenticate": 'Bearer realm="health"' } });
    }
    expect((await ask(port, "/-/reload")).status).toBe(401);
    expect(reloads).toBe(0);
    expect((await post(port, "Bearer one")).status).toBe(200);
    who = { basic: { username: "prometheus", password: new Secret("two") } };
    expect((await post(port, "Bearer one")).status).toBe(401);
    expect((await post(port, `Basic ${Buffer.from("prometheus:two").toString("base64")}`)).status).toBe(200);
    expect(reloads).toBe(2);
  });

  it("does nothing for a page of another site that a browser shows", async () => {
    let reloads = 0;
    const port = await start(
      async () => {
        reloads += 1;
        return { ok: true };
      },
      () => undefined,
    );
    const from = async (origin: string) =>
      (await ask(port, "/-/reload", { method: "POST", headers: { origin, host: `Health.example:${port}` } })).status;
    for (const origin of ["https://evil.example", "null", "", `http://health.example:${port + 1}`, "nonsense"]) {
      expect(await from(origin)).toBe(403);
    }
    expect(reloads).toBe(0);
    expect(await from(`https://health.example:${port}`)).toBe(200);
  });
});
