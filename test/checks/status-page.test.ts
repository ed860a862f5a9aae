import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it, vi } from "vitest";
import * as checks from "../../src/checks/status-page.ts";
import { choosePage } from "../../src/clients/status-page/page-choice.ts";
import { type PlatformName, platformNames } from "../../src/clients/status-page/platforms.ts";
import { providers } from "../../src/clients/status-page/providers.ts";
import type { HealthCheckClass } from "../../src/health/health-check.ts";
import { exportIssue } from "../../src/health/thread-place.ts";
import { certificates } from "../support/certificates.ts";
import { describeCheck } from "../support/describe-check.ts";
import { startHttpTarget } from "../support/http-target.ts";
import { leavesNothingBehind } from "../support/leaves-nothing-behind.ts";
import { runCheck } from "../support/run-check.ts";
import { instatusComponents, pageFixtures, utf16BigEndian } from "../support/status-page-fixtures.ts";
import { type StatusPageServer, startStatusPages } from "../support/status-page-server.ts";
import { recordTelemetry } from "../support/telemetry.ts";
import { closedPort } from "../support/throw-away-server.ts";

const { AWS, GitHub, PlatformSh, StatusPage } = checks;

type Options = Partial<ConstructorParameters<typeof StatusPage>[0]>;

/** The address to be configured for a page of a platform on a server. */
function addressOn(server: StatusPageServer, platform: PlatformName): string {
  const isBehind = ["statuspage", "instatus", "betterstack"].includes(platform);
  return `${server.origin}${isBehind ? "/" : pageFixtures[platform].path}`;
}

/** Runs the check once, of a page that nobody has asked for before. */
async function found(platform: PlatformName, body: string | Buffer, options: object = {}, components = "OPERATIONAL") {
  await using server = await startStatusPages({
    [pageFixtures[platform].path]: body,
    "/v3/components.json": instatusComponents(components),
  });
  const url = addressOn(server, platform);
  const check = new StatusPage({ url, platform, ...options });
  const { state, failure, measures } = await runCheck(check);
  const message = failure?.message.replaceAll(url, "PAGE");
  return { state, kind: failure?.kind, reason: failure?.reason, message, beganAt: failure?.beganAt, measures };
}

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
      expect(await found(platform, healthy, options)).toMatchObject({ state: "healthy", measures: [{ value: 0 }] });
    });

    it("warns of an open incident by its name, its address and its start", async () => {
      const { message, beganAt } = degraded.found;
      expect(await found(platform, degraded.body, { ...options, outage: "unhealthy" })).toMatchObject({
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
      expect(await found(platform, outage.body, options)).toMatchObject({ state: "degraded", ...wanted });
      // Feeds do not say how bad it is.
      const state = platform === "feed" || platform === "azure" ? "degraded" : "unhealthy";
      expect(await found(platform, outage.body, { ...options, outage: "unhealthy" })).toMatchObject({
        state,
        ...wanted,
      });
    });

    it.skipIf(maintenance === undefined)("says nothing of maintenance, unless asked to", async () => {
      const { body = "", found: { message, beganAt } = { message: "" } } = maintenance ?? {};
      expect(await found(platform, body, options)).toMatchObject({ state: "healthy", measures: [{ value: 0 }] });
      expect(await found(platform, body, { ...options, maintenance: "degraded" })).toMatchObject({
        state: "degraded",
        reason: "unavailable",
        message,
        beganAt: began(beganAt),
        measures: [{ value: 0 }],
      });
    });

    it.each(concerned)("warns of what concerns %j", async (watched) => {
      expect(await found(platform, degraded.body, watched, "DEGRADEDPERFORMANCE")).toMatchObject({ state: "degraded" });
    });

    it.each(elsewhere)("does not warn of what does not concern %j", async (watched) => {
      expect(await found(platform, degraded.body, watched)).toMatchObject({ state: "healthy" });
    });

    it.skipIf(nearest === undefined)("names the nearest components for one that it does not have", async () => {
      expect(await found(platform, healthy, { component: "Apo" })).toMatchObject({
        state: "unhealthy",
        reason: "assertion",
        message: `the page has no component "Apo", the nearest are ${nearest}`,
      });
    });

    it.each([
      ["an HTML page", () => "<!doctype html><html><head><title>Moved</title></head><body>Moved.</body></html>"],
      ["an empty body", () => ""],
      ["a body that is cut off", () => degraded.body.slice(0, -20)],
      ["a healthy body that is cut off", () => healthy.slice(0, Math.floor(healthy.length / 2))],
      ["JSON of another shape", () => '{"status":"ok"}'],
      ["a list of another shape", () => '[{"status":"ok"}]'],
    ])("does not take %s for all clear", async (_, body) => {
      expect(await found(platform, body(), options)).toMatchObject({
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

  describe("of a page whose make is not told", () => {
    it.each(["statuspage", "instatus", "betterstack"] as const)("finds out that it is %s", async (platform) => {
      const { path, degraded } = pageFixtures[platform];
      await using server = await startStatusPages({ [path]: degraded.body });
      for (const url of [server.origin, `${server.origin}${path}`]) {
        expect(await runCheck(new StatusPage({ url }))).toMatchObject({
          state: "degraded",
          failure: { beganAt: Date.parse(degraded.found.beganAt ?? "") },
        });
      }
    });

    it.each(platformNames)("reads what %s answers programs", async (platform) => {
      const { path, degraded, options } = pageFixtures[platform];
      await using server = await startStatusPages({ [path]: degraded.body });
      const check = new StatusPage({ url: `${server.origin}${path}`, ...options });
      expect(await runCheck(check)).toMatchObject({ state: "degraded", failure: { reason: "unavailable" } });
    });

    it("looks again when the page has moved to another make", async () => {
      const { statuspage, instatus } = pageFixtures;
      await using server = await startStatusPages({ [statuspage.path]: statuspage.healthy });
      vi.useFakeTimers({ toFake: ["Date"] });
      const check = new StatusPage({ url: server.origin });
      expect(await runCheck(check, { keepOpen: true })).toMatchObject({ state: "healthy" });
      server.put(statuspage.path, "<!doctype html><title>We have moved");
      server.put(instatus.path, instatus.degraded.body);
      vi.setSystemTime(Date.now() + 30_000);
      expect(await runCheck(check, { keepOpen: true })).toMatchObject({ state: "degraded" });
      vi.setSystemTime(Date.now() + 30_000);
      const { length } = server.requests;
      expect(await runCheck(check)).toMatchObject({ state: "degraded" });
      expect(server.requests.slice(length).map(({ url }) => url)).toEqual([instatus.path]);
    });

    it("says that it found none", async () => {
      await using server = await startStatusPages();
      expect((await runCheck(new StatusPage({ url: server.origin }))).failure).toMatchObject({
        reason: "status_code",
        message: "status 404, expected a status page (has it moved?)",
      });
      server.put("/page", "<title>Welcome");
      const { failure } = await runCheck(new StatusPage({ url: `${server.origin}/page` }));
      expect(failure).toMatchObject({ reason: "status_code" });
    });

    it("says what it cannot be asked for, once it is known", async () => {
      const { statuspage, aws } = pageFixtures;
      await using server = await startStatusPages({
        [statuspage.path]: statuspage.healthy,
        [aws.path]: aws.degraded.body,
      });
      const ofRegion = await runCheck(new StatusPage({ url: server.origin, region: "eu" }));
      expect(ofRegion.failure).toMatchObject({
        reason: "assertion",
        message: expect.stringContaining("tell no regions"),
      });
      const worldwide = await runCheck(new StatusPage({ url: `${server.origin}${aws.path}` }));
      expect(worldwide.failure).toMatchObject({ reason: "assertion", message: expect.stringContaining("AWS needs a") });
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
    expect(await found("aws", utf16BigEndian(degraded.body), options)).toMatchObject({ state: "degraded" });
    expect(await found("aws", utf16BigEndian("[]"), options)).toMatchObject({ state: "healthy" });
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

  it("shows texts of others in a line, cut, without control characters, secrets and addresses of other protocols", async () => {
    const secret = "S3cret-of-the-test";
    const bodyOf = (name: string, shortlink: string) => {
      const body = JSON.parse(pageFixtures.statuspage.degraded.body);
      body.incidents = [{ ...body.incidents[0], name, shortlink }];
      return JSON.stringify(body);
    };
    const message = async (name: string, link = "https://s.example/i") => {
      await using server = await startStatusPages({
        [`${pageFixtures.statuspage.path}?token=${secret}`]: bodyOf(name, link),
      });
      const check = new StatusPage({ url: `${server.origin}/?token=${secret}`, platform: "statuspage" });
      return (await runCheck(check)).failure?.message.replaceAll(String(server.port), "PORT");
    };
    expect(await message("a\u0000\u202e\n\r\u2028b\u001b[31m")).toBe("a b [31m: https://s.example/i");
    expect(await message("x".repeat(5000))).toBe(`${"x".repeat(199)}…: https://s.example/i`);
    expect(await message("\u{1F525}".repeat(5000))).toBe(`${"\u{1F525}".repeat(199)}…: https://s.example/i`);
    expect(await message(`the token ${secret} is wrong`)).toBe("the token [redacted] is wrong: https://s.example/i");
    for (const link of [
      "javascript:alert(1)",
      "https://a:b@s.example/",
      `https://s.example/${"x".repeat(300)}`,
      "//x",
    ]) {
      expect(await message("Slow", link)).toBe("Slow: http://127.0.0.1:PORT/");
    }
  });

  it("is not held up by a page with thousands of components and incidents", async () => {
    const page = JSON.parse(pageFixtures.statuspage.degraded.body);
    const [slow] = page.incidents;
    const ids = Array.from({ length: 8000 }, (_, index) => `c${index}`);
    page.components = ids.map((id) => ({ id, name: `Component ${id}`, status: "major_outage" }));
    page.incidents = ids.map((id) => ({ ...slow, components: [{ id, name: id }] }));
    const body = JSON.stringify({ ...page, incidents: page.incidents.slice(0, 4000) });
    expect(await found("statuspage", body)).toMatchObject({
      state: "degraded",
      message: expect.stringMatching(/ and 7997 more$/),
    });
    expect(await found("statuspage", body, { component: "C7000" })).toMatchObject({
      message: "Component c7000 (major outage): https://s.example/",
    });
    expect(await found("statuspage", body, { component: "Kompost" })).toMatchObject({ reason: "assertion" });
  });

  it("shows three incidents, the worst first, and how many there are besides", async () => {
    const body = JSON.parse(pageFixtures.statuspage.degraded.body);
    const [slow] = body.incidents;
    const impacts = ["minor", "none", "minor", "critical", "minor"];
    body.incidents = impacts.map((impact, index) => ({ ...slow, name: `Trouble ${index}`, impact, shortlink: null }));
    expect(await found("statuspage", JSON.stringify(body), { outage: "unhealthy" })).toMatchObject({
      state: "unhealthy",
      message: "Trouble 3: https://s.example/; Trouble 0: https://s.example/; Trouble 1: https://s.example/ and 2 more",
      measures: [{ value: 5 }],
    });
  });

  it("warns when only the page as a whole says so, or only an incident", async () => {
    const page = JSON.parse(pageFixtures.statuspage.healthy);
    page.status = { indicator: "critical", description: "Major Outage" };
    expect(await found("statuspage", JSON.stringify(page), { outage: "unhealthy" })).toMatchObject({
      state: "unhealthy",
      message: "Major Outage: https://s.example/",
    });
    const open = JSON.parse(pageFixtures.statuspage.degraded.body);
    open.status.indicator = "none";
    open.components[1].status = "operational";
    expect(await found("statuspage", JSON.stringify(open))).toMatchObject({ state: "degraded" });
    open.incidents[0].status = "postmortem";
    expect(await found("statuspage", JSON.stringify(open))).toMatchObject({ state: "healthy" });
  });

  it("reads incident.io, whose lists are null and whose incidents name no components", async () => {
    const { components: _, ...incident } = JSON.parse(pageFixtures.statuspage.degraded.body).incidents[0];
    const page = {
      ...JSON.parse(pageFixtures.statuspage.healthy),
      components: [
        { id: "c", name: "API", status: "degraded_performance" },
        { id: "w", name: "Website", status: "operational" },
      ],
      incidents: null,
      scheduled_maintenances: null,
    };
    expect(await found("statuspage", JSON.stringify(page))).toMatchObject({
      message: "API (degraded performance): https://s.example/",
    });
    const open = JSON.stringify({ ...page, incidents: [{ ...incident, shortlink: null }] });
    expect(await found("statuspage", open)).toMatchObject({ message: "Slow: https://s.example/" });
    expect(await found("statuspage", open, { component: "Website" })).toMatchObject({ state: "healthy" });
    expect(await found("statuspage", open, { component: "API" })).toMatchObject({
      message: "API (degraded performance): https://s.example/",
    });
  });

  it("asks a page once for thirty checks in 30 seconds", async () => {
    const { path, degraded } = pageFixtures.statuspage;
    await using server = await startStatusPages({ [path]: degraded.body });
    vi.useFakeTimers({ toFake: ["Date"] });
    const components = ["API", "Website"];
    const checks = Array.from({ length: 30 }, (_, index) => {
      const component = components[index % 2] ?? "";
      return new StatusPage({ url: server.origin, platform: "statuspage", component, name: `check ${index}` });
    });
    const states = async () => (await Promise.all(checks.map((check) => runCheck(check)))).map(({ state }) => state);
    const expected = checks.map((_, index) => (index % 2 === 0 ? "degraded" : "healthy"));
    expect(await states()).toEqual(expected);
    vi.setSystemTime(Date.now() + 29_999);
    expect(await states()).toEqual(expected);
    expect(server.statuses).toEqual([200]);
    vi.setSystemTime(Date.now() + 1);
    expect(await states()).toEqual(expected);
    expect(server.statuses).toEqual([200, 304]);
    vi.setSystemTime(Date.now() - 3_600_000);
    expect(await states()).toEqual(expected);
    expect(server.statuses).toEqual([200, 304, 304]);
  });

  it("lets the others have their answer when the one who asked gives up", async () => {
    const { path, healthy } = pageFixtures.statuspage;
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    await using target = await startHttpTarget((_, response) => void released.then(() => response.end(healthy)));
    const check = (name: string, timeout: string) => {
      return new StatusPage({ url: target.origin, platform: "statuspage", name, timeout });
    };
    const { spans } = await recordTelemetry(async () => {
      const impatient = runCheck(check("impatient", "200ms"));
      const patient = [1, 2].map((index) => runCheck(check(`patient ${index}`, "30s")));
      expect(await impatient).toMatchObject({ state: "unhealthy", failure: { reason: "timeout" } });
      release();
      for (const run of patient) expect(await run).toMatchObject({ state: "healthy" });
    });
    expect(target.requests.map(({ url }) => url)).toEqual([path]);
    const runs = spans.filter(({ parentSpanId }) => parentSpanId === undefined);
    const [asker, ...others] = runs;
    const phases = spans.filter(({ parentSpanId }) => parentSpanId === asker?.spanId);
    expect(phases.map(({ name }) => name)).toEqual(["connect", "first byte"]);
    expect(phases.at(-1)?.attributes).toMatchObject({ "error.type": "timeout" });
    expect(others).toHaveLength(2);
    for (const { links, attributes } of others) {
      expect(links).toMatchObject([{ context: { spanId: asker?.spanId } }]);
      expect(attributes).toMatchObject({ "http.response.status_code": 200 });
    }
  });

  it("withdraws the question when nobody waits for it any longer, and asks anew then", async () => {
    const { path, healthy } = pageFixtures.statuspage;
    let answers = false;
    await using target = await startHttpTarget((_, response) => void (answers && response.end(healthy)));
    const check = (timeout: string) => new StatusPage({ url: target.origin, platform: "statuspage", timeout });
    await leavesNothingBehind(async () => {
      const runs = [1, 2, 3].map(() => runCheck(check("200ms")));
      for (const run of runs) expect(await run).toMatchObject({ failure: { reason: "timeout" } });
    });
    answers = true;
    expect(await runCheck(check("30s"))).toMatchObject({ state: "healthy" });
    expect(target.requests.map(({ url }) => url)).toEqual([path, path]);
  });

  it("shares no failed connection, and no answer with who trusts others or uses other addresses", async () => {
    const port = await closedPort();
    const refused = () => runCheck(new StatusPage({ url: `http://127.0.0.1:${port}`, platform: "statuspage" }));
    for (const _ of [1, 2]) expect((await refused()).failure?.reason).toBe("connection_refused");
    const { path, healthy } = pageFixtures.statuspage;
    const { server, ca } = certificates;
    await using target = await startHttpTarget((_, response) => response.end(healthy), server);
    const of = (options: Options) => {
      return runCheck(new StatusPage({ url: target.origin, platform: "statuspage", ...options }));
    };
    expect(await of({ ca })).toMatchObject({ state: "healthy" });
    expect(await of({})).toMatchObject({ state: "unhealthy", failure: { reason: "certificate" } });
    expect(await of({ verifyCertificate: false })).toMatchObject({ state: "healthy" });
    expect(target.requests.map(({ url }) => url)).toEqual([path, path]);
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

describe("the providers", () => {
  const classes = Object.values(checks).filter((Check) => Check.prototype instanceof StatusPage);

  it("have a class each, named as in django-health-check", () => {
    expect(classes.map(({ name }) => name).join(" ")).toBe(
      "AWS Azure Cloudflare DigitalOcean FlyIo GitHub GoogleCloud Heroku Hetzner Npm PlatformSh PyPI Render Sentry Vercel",
    );
  });

  it.each(classes.map((Check) => [Check.name, Check] as const))(
    "%s is a status page of its provider",
    async (name, Check) => {
      const check = new Check({ region: name === "AWS" ? "eu-central-1" : undefined, thread: true });
      expect(check).toBeInstanceOf(StatusPage);
      expect(check).toMatchObject({ name, type: "status-page", labels: { provider: expect.any(String) } });
      expect(await exportIssue(Check as HealthCheckClass)).toBeUndefined();
      expect(Check.module).toBe(pathToFileURL(join(import.meta.dirname, "../../src/checks/status-page.ts")).href);
      expect(check.target.url).toMatch(/^https:\/\//);
    },
  );

  it("have labels of what is watched", () => {
    const check = new GitHub({ component: ["Actions", "Pages"], region: "eu", name: "ci" });
    expect(check.labels).toEqual({ provider: "github", component: "Actions,Pages", region: "eu" });
    expect(check.target.url).toBe("https://eu.githubstatus.com/api/v2/summary.json");
    expect(new AWS({ component: "ec2" }).labels).toEqual({ provider: "aws", component: "ec2" });
    expect(new PlatformSh().labels).toEqual({ provider: "upsun" });
  });

  it("have pages at addresses of their own, of a platform that is known", () => {
    const addresses = Object.values(providers).map(({ url }) => url);
    expect(new Set(addresses).size).toBe(addresses.length);
    for (const address of addresses) expect(new URL(address).protocol).toBe("https:");
  });

  it("watch what people mean by npm, unless told otherwise", () => {
    const { components } = choosePage({ provider: "npm", platform: "auto" });
    expect(components).toEqual(["Package installation"]);
    expect(choosePage({ provider: "npm", platform: "auto", component: ["Website"] }).components).toEqual(["Website"]);
  });
});
