import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it, vi } from "vitest";
import { StatusPage } from "../../src/checks/status-page.ts";
import { platformNames } from "../../src/clients/status-page/platforms.ts";
import { describeCheck } from "../support/describe-check.ts";
import { startHttpTarget } from "../support/http-target.ts";
import { runCheck } from "../support/run-check.ts";
import { pageFixtures, utf16BigEndian } from "../support/status-pages/all-pages.ts";
import { addressOn, findOnPage } from "../support/status-pages/find-on-page.ts";
import { startStatusPages } from "../support/status-pages/status-page-server.ts";
import { recordTelemetry } from "../support/telemetry.ts";

type Options = Partial<ConstructorParameters<typeof StatusPage>[0]>;

afterEach(() => void vi.useRealTimers());

describe("StatusPage", () => {
  describeCheck(StatusPage, {
    options: { url: "http://127.0.0.1:9/", timeout: "1s" },
    network: (port) => ({ url: `http://127.0.0.1:${port}/` }),
    secrets: (secret, port) => ({ url: `http://user:${secret}@127.0.0.1:${port}/?token=${secret}` }),
  });

  describe.each(platformNames)("of %s", (platform) => {
    const {
      options = {},
      healthy,
      degraded,
      outage,
      maintenance,
      elsewhere,
      concerned,
      nearest,
    } = pageFixtures[platform];
    const began = (at: string | undefined) => (at === undefined ? expect.any(Number) : Date.parse(at));

    it("is healthy when all is calm", async () => {
      expect(await findOnPage(platform, healthy, options)).toMatchObject({
        state: "healthy",
        measures: [{ value: 0 }],
      });
    });

    it("warns of an open incident by its name, its address and its start", async () => {
      const { message, beganAt } = degraded.found;
      expect(await findOnPage(platform, degraded.body, { ...options, outage: "unhealthy" })).toMatchObject({
        state: "degraded",
        kind: "Warning",
        reason: "unavailable",
        message,
        beganAt: began(beganAt),
        measures: [{ name: "incidents", unit: "{incident}", value: 1 }],
      });
    });

    it("warns of an outage, or is unhealthy if asked to be", async () => {
      const { message, beganAt } = outage.found;
      const wanted = { reason: "unavailable", message, beganAt: began(beganAt) };
      expect(await findOnPage(platform, outage.body, options)).toMatchObject({ state: "degraded", ...wanted });
      // Feeds do not say how bad it is.
      const state = platform === "feed" || platform === "azure" ? "degraded" : "unhealthy";
      expect(await findOnPage(platform, outage.body, { ...options, outage: "unhealthy" })).toMatchObject({
        state,
        ...wanted,
      });
    });

    it.each(maintenance === undefined ? [] : [maintenance])(
      "says nothing of maintenance, unless asked to",
      async (page) => {
        const {
          body,
          found: { message, beganAt },
        } = page;
        expect(await findOnPage(platform, body, options)).toMatchObject({ state: "healthy", measures: [{ value: 0 }] });
        expect(await findOnPage(platform, body, { ...options, maintenance: "degraded" })).toMatchObject({
          state: "degraded",
          reason: "unavailable",
          message,
          beganAt: began(beganAt),
          measures: [{ value: 0 }],
        });
      },
    );

    it.each(concerned)("warns of what concerns %j", async (watched) => {
      expect(await findOnPage(platform, degraded.body, watched, "DEGRADEDPERFORMANCE")).toMatchObject({
        state: "degraded",
      });
    });

    it.each(elsewhere)("does not warn of what does not concern %j", async (watched) => {
      expect(await findOnPage(platform, degraded.body, watched)).toMatchObject({ state: "healthy" });
    });

    it.each(nearest === undefined ? [] : [nearest])(
      "names the nearest components, %s, for one that it does not have",
      async (names) => {
        expect(await findOnPage(platform, healthy, { component: "Apo" })).toMatchObject({
          state: "unhealthy",
          reason: "assertion",
          message: `the page has no component "Apo", the nearest are ${names}`,
        });
      },
    );

    it.each([
      ["an HTML page", () => "<!doctype html><html><head><title>Moved</title></head><body>Moved.</body></html>"],
      ["an empty body", () => ""],
      ["a body that is cut off", () => degraded.body.slice(0, -20)],
      ["a healthy body that is cut off", () => healthy.slice(0, Math.floor(healthy.length / 2))],
      ["JSON of another shape", () => '{"status":"ok"}'],
      ["a list of another shape", () => '[{"status":"ok"}]'],
    ])("does not take %s for all clear", async (_, body) => {
      expect(await findOnPage(platform, body(), options)).toMatchObject({
        state: "unhealthy",
        reason: "unexpected_result",
        message: expect.stringMatching(/^this is no (?:feed|status page of .*) \(has it moved\?\)$/),
      });
    });

    it("asks again only for what has changed", async () => {
      await using server = await startStatusPages({ [pageFixtures[platform].path]: healthy });
      vi.useFakeTimers({ toFake: ["Date"] });
      const check = new StatusPage({ url: addressOn(server, platform), platform, ...options });
      const run = async () => (await runCheck(check, { keepOpen: true })).state;
      expect(await run()).toBe("healthy");
      vi.setSystemTime(Date.now() + 30_000);
      expect(await run()).toBe("healthy");
      server.put(pageFixtures[platform].path, degraded.body);
      expect(await run()).toBe("healthy");
      vi.setSystemTime(Date.now() + 30_000);
      expect(await run()).toBe("degraded");
      vi.setSystemTime(Date.now() + 30_000);
      expect(await run()).toBe("degraded");
      expect(server.statuses).toEqual([200, 304, 200, 304]);
    });
  });

  it.each([
    [401, "authentication", "the server does not let us see the page (status 401)"],
    [403, "authentication", "the server does not let us see the page (status 403)"],
    [404, "status_code", "status 404, expected a status page of Better Stack (has it moved?)"],
    [429, "unavailable", "the server is asked too often (status 429)"],
    [503, "status_code", "status 503, expected a status page of Better Stack"],
    [304, "status_code", "status 304, expected a status page of Better Stack (has it moved?)"],
    [204, "status_code", "status 204, expected a status page of Better Stack (has it moved?)"],
  ])("is unhealthy at status %d, whatever comes with it", async (status, reason, message) => {
    await using target = await startHttpTarget((_, response) => {
      response.writeHead(status).end(pageFixtures.betterstack.healthy);
    });
    const check = new StatusPage({ url: target.origin, platform: "betterstack" });
    expect(await runCheck(check)).toMatchObject({ state: "unhealthy", failure: { reason, message } });
  });

  it("follows the page to where it redirects, and tells nobody of the trace", async () => {
    const { path, degraded } = pageFixtures.statuspage;
    await using server = await startStatusPages({ [path]: degraded.body });
    await using former = await startHttpTarget((request, response) => {
      response.writeHead(301, { Location: `${server.origin}${request.url}` }).end();
    });
    const { spans } = await recordTelemetry(async () => {
      const check = new StatusPage({ url: former.origin, platform: "statuspage" });
      expect(await runCheck(check)).toMatchObject({ state: "degraded" });
    });
    expect(spans.length).toBeGreaterThan(3);
    for (const { headers } of [...former.requests, ...server.requests])
      expect(headers).not.toHaveProperty("traceparent");
  });

  it("reads AWS' UTF-16, big-endian, and compressed pages", async () => {
    const { degraded } = pageFixtures.aws;
    const options = { region: "eu-west-9" };
    expect(await findOnPage("aws", utf16BigEndian(degraded.body), options)).toMatchObject({ state: "degraded" });
    expect(await findOnPage("aws", utf16BigEndian("[]"), options)).toMatchObject({ state: "healthy" });
    await using target = await startHttpTarget((_, response) => {
      response.writeHead(200, { "Content-Encoding": "gzip" }).end(gzipSync(degraded.body));
    });
    const check = new StatusPage({ url: `${target.origin}/events`, platform: "aws", ...options });
    expect(await runCheck(check)).toMatchObject({ state: "degraded" });
    expect(target.requests[0]?.headers["accept-encoding"]).toBe("gzip");
  });

  it("is unhealthy when the page is too long, compressed or not", async () => {
    await using target = await startHttpTarget((request, response) => {
      const body = Buffer.alloc(3 * 1024 ** 2, " ");
      if (request.url?.startsWith("/z")) response.writeHead(200, { "Content-Encoding": "gzip" }).end(gzipSync(body));
      else response.end(body);
    });
    for (const path of ["/", "/z"]) {
      const check = new StatusPage({ url: `${target.origin}${path}`, platform: "betterstack" });
      for (const _ of [1, 2]) {
        expect((await runCheck(check)).failure).toMatchObject({
          reason: "unexpected_result",
          message: "the answer is longer than 2 MiB",
        });
      }
    }
    expect(target.requests).toHaveLength(2);
  });

  it("says on its span what it asked, and what answered", async () => {
    const { path, healthy } = pageFixtures.statuspage;
    await using server = await startStatusPages({ [path]: healthy });
    const { spans } = await recordTelemetry(async () => {
      await runCheck(new StatusPage({ url: server.origin }));
    });
    const run = spans.find(({ parentSpanId }) => parentSpanId === undefined);
    expect(run?.attributes).toMatchObject({
      "server.address": "127.0.0.1",
      "server.port": server.port,
      "url.full": `${server.origin}${path}`,
      "http.request.method": "GET",
      "http.response.status_code": 200,
      "network.peer.address": "127.0.0.1",
    });
    const phases = spans.filter(({ parentSpanId }) => parentSpanId === run?.spanId).map(({ name }) => name);
    expect(phases).toEqual(["connect", "first byte", "transfer"]);
  });

  it("warns when the page takes too long", async () => {
    const { healthy } = pageFixtures.statuspage;
    await using target = await startHttpTarget((_, response) => void setTimeout(() => response.end(healthy), 50));
    const check = new StatusPage({ url: target.origin, platform: "statuspage", maxResponseTime: "20ms" });
    expect(await runCheck(check)).toMatchObject({ state: "degraded", failure: { reason: "threshold" } });
  });

  it("runs once a minute unless told otherwise", () => {
    expect(new StatusPage({ provider: "github" }).interval?.seconds).toBe(60);
  });

  it.each([
    [{}, "give either provider or url"],
    [{ provider: "github", url: "https://www.githubstatus.com" }, "give either provider or url"],
    [{ provider: "myspace" }, "provider"],
    [{ provider: "github", platform: "feed" }, "platform goes with url"],
    [{ provider: "github", region: "de" }, "region of GitHub must be one of au, eu, jp, us"],
    [{ provider: "github", region: ["eu", "us"] }, "region of GitHub must be one of au, eu, jp, us"],
    [{ provider: "cloudflare", region: "fra" }, "tell no regions: name a component instead"],
    [{ url: "https://s.example", platform: "instatus", region: "eu" }, "tell no regions"],
    [{ provider: "aws" }, "AWS needs a region or a component"],
    [{ url: "https://s.example", platform: "aws" }, "AWS needs a region or a component"],
    [{ provider: "github", component: "" }, "component"],
    [{ provider: "github", component: [] }, "component"],
    [{ provider: "github", component: " " }, "component"],
    [{ provider: "hetzner", maxEntryAge: "0s" }, "maxEntryAge"],
  ])("refuses %j", (options, message) => {
    expect(() => new StatusPage(options as Options)).toThrow(message);
  });
});
