import { createServer } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { HealthMonitor } from "../../../src/engine/monitor.ts";
import { Secret } from "../../../src/health/secret.ts";
import { createApplication } from "../../../src/server/application.ts";
import { type MaintenanceDesk, maintenanceRouter } from "../../../src/server/routes/maintenance.ts";
import { ask } from "../../support/ask.ts";
import { rememberingLogger } from "../../support/logs.ts";
import { listenOnFreePort } from "../../support/throw-away-server.ts";

const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => servers.splice(0).map((server) => server.close()));

/** A server whose desk remembers what it was asked. */
async function start() {
  const asked: unknown[] = [];
  const desk: MaintenanceDesk = {
    list: () => ({ maintenance: [] }),
    begin: (request) => {
      asked.push(request);
      return { status: 201, content: { id: "1" } };
    },
    end: (request) => {
      asked.push(request);
      return { status: 404, message: "No maintenance is under way." };
    },
  };
  const monitor = new HealthMonitor([], { endpoints: [], logger: rememberingLogger() });
  const router = maintenanceRouter(desk, () => ({ bearer: new Secret("one") }));
  const server = createServer(createApplication(monitor, { others: () => [router] }).callback());
  servers.push(server);
  const port = await listenOnFreePort(server);
  const authorization = "Bearer one";
  const post = (path: string, body: string, headers: object = {}) =>
    ask(port, path, { method: "POST", headers: { authorization, ...headers }, body });
  return { port, asked, post, headers: { authorization } };
}

describe("/-/maintenance", () => {
  it("lists, begins and ends", async () => {
    const { port, asked, post, headers } = await start();
    expect(await ask(port, "/-/maintenance", { headers })).toMatchObject({
      status: 200,
      text: '{"maintenance":[]}\n',
      headers: { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" },
    });
    expect(await post("/-/maintenance", '{"title":"A"}')).toMatchObject({ status: 201, text: '{"id":"1"}\n' });
    expect(await post("/-/maintenance/end", '{"all":true}')).toMatchObject({
      status: 404,
      text: "No maintenance is under way.\n",
    });
    expect(asked).toEqual([{ title: "A" }, { all: true }]);
  });

  it("asks everybody for credentials, whatever the method", async () => {
    const { port, asked } = await start();
    for (const method of ["GET", "POST", "PUT", "OPTIONS"]) {
      for (const path of ["/-/maintenance", "/-/maintenance/end"]) {
        for (const headers of [undefined, { authorization: "Bearer two" }]) {
          expect((await ask(port, path, { method, ...(headers && { headers }) })).status).toBe(401);
        }
      }
    }
    expect(asked).toEqual([]);
  });

  it("refuses other methods, and what pages of other sites send", async () => {
    const { port, asked, post, headers } = await start();
    expect(await ask(port, "/-/maintenance", { method: "DELETE", headers })).toMatchObject({ status: 405 });
    expect(await ask(port, "/-/maintenance/end", { headers })).toMatchObject({
      status: 405,
      headers: { allow: "POST, OPTIONS" },
    });
    expect(await post("/-/maintenance", '{"title":"A"}', { origin: "https://evil.example" })).toMatchObject({
      status: 403,
    });
    expect(asked).toEqual([]);
  });

  it("says in plain words what is wrong with a body", async () => {
    const { asked, post } = await start();
    for (const body of ["", "{", "title=A"]) {
      expect(await post("/-/maintenance", body)).toMatchObject({
        status: 400,
        text: expect.stringMatching(/^The body must be JSON/),
      });
    }
    expect(await post("/-/maintenance", `"${"a".repeat(1024 ** 2)}"`)).toMatchObject({ status: 413 });
    expect(asked).toEqual([]);
  });
});
