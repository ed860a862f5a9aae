import express from "express";
import { describe, expect, it } from "vitest";
import { HealthMonitor } from "../../src/engine/monitor.ts";
import { type HealthHandler, healthHandler } from "../../src/server/handler.ts";
import { ask } from "../support/ask.ts";
import { fakeCheck } from "../support/checks.ts";
import { rememberingLogger } from "../support/logs.ts";
import { serving } from "./faces.ts";

function handler(): HealthHandler {
  return healthHandler(new HealthMonitor([fakeCheck({ name: "database" })], { logger: rememberingLogger() }));
}

function listener(application: express.Express): Parameters<typeof serving>[0] {
  return application as Parameters<typeof serving>[0]; // Its type has only an overload of it.
}

describe("the handler in an Express application", () => {
  it("leaves what is not ours as it came", async () => {
    const application = express().use(handler());
    application.use((request, response) => {
      const { statusCode, headersSent } = response;
      response.json({ url: request.url, statusCode, headersSent, names: response.getHeaderNames() });
    });
    await using server = await serving(listener(application));
    expect(JSON.parse((await ask(server.port, "/health/none/at/all?x=1")).text)).toEqual({
      url: "/health/none/at/all?x=1",
      statusCode: 200,
      headersSent: false,
      names: ["x-powered-by"],
    });
  });

  it("keeps what the program's own middleware has said", async () => {
    const application = express().use((_request, response, next) => {
      response.set({ Vary: "Accept-Encoding", "X-Request-Id": "17" });
      next();
    });
    application.use(handler());
    await using server = await serving(listener(application));
    expect((await ask(server.port, "/health/")).headers).toMatchObject({
      vary: "Accept-Encoding, Accept, Accept-Encoding",
      "x-request-id": "17",
      "cache-control": "no-cache",
    });
  });

  it("believes a proxy about its address where the program does", async () => {
    const headers = { host: "10.0.3.7:3000", "x-forwarded-proto": "https", "x-forwarded-host": "shop.example" };
    const application = express().use("/internal", handler());
    await using server = await serving(listener(application));
    const address = async () =>
      /https?:\/\/[^"<]*\/health\//.exec(
        (await ask(server.port, "/internal/health?format=rss", { headers })).text,
      )?.[0];
    expect(await address()).toBe("http://10.0.3.7:3000/internal/health/");
    application.set("trust proxy", true);
    expect(await address()).toBe("https://shop.example/internal/health/");
  });
});

describe("the handler in a server of node:http", () => {
  it("answers 404 to what is not ours, or gives it to the next", async () => {
    await using alone = await serving(handler());
    expect(await ask(alone.port, "/none")).toMatchObject({ status: 404, text: "Nothing is served here.\n" });
    const health = handler();
    await using server = await serving((request, response) => health(request, response, () => response.end("next")));
    expect((await ask(server.port, "/none")).text).toBe("next");
  });
});
