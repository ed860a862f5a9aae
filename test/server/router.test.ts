import Router from "@koa/router";
import Koa from "koa";
import { describe, expect, it } from "vitest";
import { HealthMonitor } from "../../src/engine/monitor.ts";
import { Secret } from "../../src/health/secret.ts";
import { healthRouter } from "../../src/server/router.ts";
import { ask } from "../support/ask.ts";
import { fakeCheck } from "../support/checks.ts";
import { rememberingLogger } from "../support/logs.ts";
import { serving } from "./faces.ts";

function monitorOf(path = "/health/"): HealthMonitor {
  const endpoints = [{ path, checks: ["database"], degraded: "fail", failureStatus: 500 }] as const;
  return new HealthMonitor([fakeCheck({ name: "database" })], { endpoints, logger: rememberingLogger() });
}

describe("the router in a Koa application", () => {
  it("leaves the program's other routes and their methods alone", async () => {
    const others = new Router().post("/orders", (ctx) => {
      ctx.body = "ordered";
    });
    const application = new Koa()
      .use(healthRouter(monitorOf("/")).routes())
      .use(others.routes())
      .use(others.allowedMethods());
    await using server = await serving(application.callback());
    expect((await ask(server.port, "/")).status).toBe(200);
    expect((await ask(server.port, "/database")).status).toBe(200);
    expect((await ask(server.port, "/orders", { method: "POST" })).text).toBe("ordered");
    expect((await ask(server.port, "/none")).status).toBe(404);
  });

  it("lets the program's middleware see and change the answer", async () => {
    const application = new Koa();
    application.use(async (ctx, next) => {
      ctx.set("Vary", "Accept-Encoding");
      await next();
      ctx.body = `${ctx.status} ${ctx.type} ${ctx.body}`;
    });
    application.use(healthRouter(monitorOf()).routes());
    await using server = await serving(application.callback());
    const { headers, text } = await ask(server.port, "/health/?format=json");
    expect(text).toBe('200 application/json {"database":"working"}\n');
    expect(headers.vary).toBe("Accept-Encoding, Accept");
  });

  it("has no secret in its routes", async () => {
    const monitor = monitorOf();
    const authentication = new Map([["/health/", { path: new Secret("s3cret") }]]);
    const router = healthRouter(monitor, { authentication });
    let matched: unknown;
    const application = new Koa().use(async (ctx, next) => {
      await next();
      matched = ctx._matchedRoute;
    });
    application.use(router.routes());
    await using server = await serving(application.callback());
    expect((await ask(server.port, "/health/s3cret/")).status).toBe(200);
    expect(matched).toBe("/health/:secret{/:check}");
    expect(JSON.stringify(router)).not.toContain("s3cret");
  });

  it("believes a proxy about its address where the program does", async () => {
    const headers = { host: "10.0.3.7:3000", "x-forwarded-proto": "https", "x-forwarded-host": "shop.example" };
    for (const [proxy, address] of [
      [false, "http://10.0.3.7:3000"],
      [true, "https://shop.example"],
    ] as const) {
      const application = new Koa({ proxy }).use(healthRouter(monitorOf()).prefix("/internal").routes());
      await using server = await serving(application.callback());
      const { text } = await ask(server.port, "/internal/health?format=rss", { headers });
      expect(text).toContain(`${address}/internal/health/`);
    }
  });
});
