import { createServer } from "node:http";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { HealthMonitor } from "../../../src/engine/monitor.ts";
import { ServiceUnavailable } from "../../../src/health/errors.ts";
import { Secret } from "../../../src/health/secret.ts";
import { createApplication } from "../../../src/server/application.ts";
import type { ServingOptions } from "../../../src/server/serving-options.ts";
import { describeInBrowser } from "../../support/browser.ts";
import { fakeCheck } from "../../support/checks.ts";
import { rememberingLogger } from "../../support/logs.ts";
import { listenOnFreePort } from "../../support/throw-away-server.ts";
import { waitFor } from "../../support/wait-for.ts";

/** A server with checks in two groups, whose `cache` breaks and mends when it is told to. */
async function start(options: ServingOptions = {}) {
  const cache = fakeCheck({ name: "cache", interval: "1h", group: "storage" });
  const others = ["mail", "web"].map((name) => fakeCheck({ name, interval: "1h", group: "front" }));
  const many = Array.from({ length: 40 }, (_, index) => fakeCheck({ name: `check ${index}`, interval: "1h" }));
  const monitor = new HealthMonitor([cache, ...others, ...many], { logger: rememberingLogger() });
  await monitor.report();
  const server = createServer(createApplication(monitor, options).callback());
  const port = await listenOnFreePort(server);
  const act = async (action: () => void): Promise<void> => {
    cache.action = action;
    await monitor.renew("cache");
  };
  return {
    server,
    url: `http://127.0.0.1:${port}`,
    break: () =>
      act(() => {
        throw new ServiceUnavailable("the cache is gone", { reason: "unavailable" });
      }),
    mend: () => act(() => {}),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Everything that the browser complains of; what the page's own status says of failing checks aside. */
function complaintsOf(page: Page): readonly string[] {
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" && !message.text().includes("status of 500")) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  return complaints;
}

const marked = "document.documentElement.dataset.marked";

/** Whether the document is still the one that was marked. */
async function isPatched(page: Page): Promise<boolean> {
  return (await page.evaluate(marked)) === "yes";
}

describeInBrowser("a page with its script", (page) => {
  it("shows a change when it happens, and keeps the place, what is open, and the document itself", async () => {
    await using server = await start();
    const complaints = complaintsOf(page());
    const streaming = page().waitForResponse((response) => response.url().includes("format=events"));
    await page().goto(`${server.url}/health/`);
    await streaming;
    await page().evaluate(`${marked} = "yes"`);
    await page().locator("details", { hasText: "front" }).locator("summary").click();
    await page().evaluate("window.scrollTo(0, 200)");
    await server.break();
    await waitFor(async () => expect(await page().getByRole("heading", { level: 1 }).textContent()).toContain("fail"));
    expect(await page().locator("main").textContent()).toContain("the cache is gone");
    expect(await page().title()).toMatch(/^✗/);
    const open = await page().locator("details[open]").allTextContents();
    expect(open.some((text) => text.includes("mail"))).toBe(true);
    expect(open.some((text) => text.includes("cache"))).toBe(true);
    expect(await page().evaluate("window.scrollY")).toBe(200);
    await server.mend();
    await waitFor(async () => expect(await page().title()).toMatch(/^✓/));
    expect(await isPatched(page())).toBe(true);
    expect(complaints).toEqual([]);
  });

  it("works behind a secret path segment, on a check's page", async () => {
    await using server = await start({ authentication: new Map([["/health/", { path: new Secret("hidden") }]]) });
    const complaints = complaintsOf(page());
    const streaming = page().waitForResponse((response) => response.url().includes("format=events"));
    await page().goto(`${server.url}/health/hidden/cache/`);
    expect((await streaming).url()).toBe(`${server.url}/health/hidden/cache/?format=events`);
    await page().evaluate(`${marked} = "yes"`);
    await server.break();
    await waitFor(async () => expect(await page().title()).toMatch(/^✗/));
    expect(await isPatched(page())).toBe(true);
    expect(complaints).toEqual([]);
  });

  it("says so when the server does not answer, until it does again", async () => {
    await using server = await start();
    await page().goto(`${server.url}/health/`);
    await page().route("**/health/", (route) => route.abort());
    await page().evaluate("document.dispatchEvent(new Event('visibilitychange'))");
    await waitFor(async () => {
      expect(await page().getByRole("alert").textContent()).toContain("The server has not answered since");
    });
    await page().unroute("**/health/");
    await page().evaluate("document.dispatchEvent(new Event('visibilitychange'))");
    await waitFor(async () => expect(await page().getByRole("alert").count()).toBe(0));
  });

  it("shows moments in the reader's time zone, and in UTC as a tooltip", async () => {
    await using server = await start();
    const browser = page().context().browser();
    const there = await browser?.newPage({ timezoneId: "Asia/Tokyo" });
    await there?.goto(`${server.url}/health/cache/`);
    const time = there?.locator("footer time");
    const [shown, tooltip, moment] = [
      await time?.textContent(),
      await time?.getAttribute("title"),
      await time?.getAttribute("datetime"),
    ];
    await there?.close();
    expect(shown).toMatch(/^\d+ \w+ \d+, [\d:]+ (?:GMT\+9|JST)$/);
    expect(tooltip).toMatch(/^\d+ \w+ \d+, [\d:]+ UTC$/);
    const inTokyo = new Date(moment ?? "").toLocaleTimeString("en-GB", { timeZone: "Asia/Tokyo" });
    expect(shown).toContain(inTokyo);
  });

  it("reloads without script, as it always did", async () => {
    await using server = await start();
    const browser = page().context().browser();
    const context = await browser?.newContext({ javaScriptEnabled: false });
    const there = await context?.newPage();
    await there?.goto(`${server.url}/health/`);
    expect(await there?.locator("noscript meta[http-equiv=refresh]").count()).toBe(1);
    expect(await there?.locator("h1").textContent()).toContain("pass");
    await context?.close();
  });
});
