import { describe, expect, it } from "vitest";
import { HealthMonitor } from "../../../src/engine/monitor.ts";
import { Secret } from "../../../src/health/secret.ts";
import { createApplication } from "../../../src/server/application.ts";
import type { ServingOptions } from "../../../src/server/serving-options.ts";
import { ask } from "../../support/ask.ts";
import { fakeCheck } from "../../support/checks.ts";
import { rememberingLogger } from "../../support/logs.ts";
import { simulatedHistory } from "../../support/simulated-history.ts";
import { serving } from "../faces.ts";

const now = Date.UTC(2026, 2, 14, 15);

async function start(options: ServingOptions = {}, details: "all" | "status" = "all") {
  const names = ["cache", "mail"];
  const monitor = new HealthMonitor(
    names.map((name) => fakeCheck({ name, interval: "1h" })),
    {
      logger: rememberingLogger(),
      endpoints: [
        { path: "/health/", details },
        { path: "/mail/", checks: ["mail"] },
      ],
      history: simulatedHistory({ cache: "down", mail: "flapping" }, now),
    },
  );
  await monitor.report();
  return serving(createApplication(monitor, options).callback());
}

const page = { headers: { accept: "text/html" } };

describe("the incidents of an endpoint", () => {
  it("are a page, with and without the final slash, that links to the checks of the endpoint", async () => {
    await using server = await start();
    for (const [path, check] of [
      ["/health/incidents/", "../cache/"],
      ["/health/incidents", "incidents/../cache/"],
    ] as const) {
      const { status, text, headers } = await ask(server.port, path, page);
      expect([status, headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
      expect(text).toContain(`href="${check}"`);
      expect(new URL(check, `http://shop.example${path}`).pathname).toBe("/health/cache/");
    }
  });

  it("are those of its own checks alone", async () => {
    await using server = await start();
    const { text } = await ask(server.port, "/mail/incidents/?format=json");
    const checks = new Set(JSON.parse(text).incidents.map(({ check }: { check: string }) => check));
    expect([...checks]).toEqual(["mail"]);
  });

  it("have no messages, reasons and traces where those are not told", async () => {
    await using server = await start({}, "status");
    for (const path of ["/health/incidents/", "/health/incidents/?format=json", "/health/cache/?format=html"]) {
      const { text } = await ask(server.port, path, page);
      expect(text).toContain("cache");
      for (const detail of ["refused", "connection_refused", "4bf92f35"]) expect(text).not.toContain(detail);
    }
  });

  it("ask for the endpoint's credentials", async () => {
    await using server = await start({ authentication: new Map([["/health/", { bearer: new Secret("right") }]]) });
    expect((await ask(server.port, "/health/incidents/")).status).toBe(401);
    const { status } = await ask(server.port, "/health/incidents/", { headers: { authorization: "Bearer right" } });
    expect(status).toBe(200);
  });

  it("are behind the secret segment, which no link repeats", async () => {
    await using server = await start({ authentication: new Map([["/health/", { path: new Secret("s3gment") }]]) });
    expect((await ask(server.port, "/health/incidents/")).status).toBe(404);
    for (const path of ["/health/s3gment/incidents/", "/health/s3gment/incidents"]) {
      const { status, text } = await ask(server.port, path, page);
      expect(status).toBe(200);
      expect(text).not.toContain("s3gment");
    }
  });

  it("are to be had in two formats", async () => {
    await using server = await start();
    const { status, text } = await ask(server.port, "/health/incidents/?format=text");
    expect([status, text]).toEqual([400, 'Unknown format "text". There is html, json.\n']);
  });
});
