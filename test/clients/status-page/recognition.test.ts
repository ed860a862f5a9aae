import { afterEach, describe, expect, it, vi } from "vitest";
import { StatusPage } from "../../../src/checks/status-page.ts";
import { platformNames } from "../../../src/clients/status-page/platforms.ts";
import { runCheck } from "../../support/run-check.ts";
import { pageFixtures } from "../../support/status-pages/all-pages.ts";
import { startStatusPages } from "../../support/status-pages/status-page-server.ts";

afterEach(() => void vi.useRealTimers());

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
