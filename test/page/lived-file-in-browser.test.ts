import { join } from "node:path";
import type { AxeResults } from "axe-core";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeInBrowser } from "../support/browser.ts";
import { lifeGap, outages, writeLivedFile } from "../support/history/lived-file.ts";
import { type HttpTarget, startHttpTarget } from "../support/http-target.ts";
import { type ServeProcess, startServe } from "../support/serve-command.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";
import { closedPort } from "../support/throw-away-server.ts";

const day = 86_400_000;

/** A server that opens the file of a store that has lived for 90 days, with the checks that are in it. */
describeInBrowser("a server whose store has lived for 90 days, in Chromium", (page) => {
  let folder: TemporaryFolder;
  let target: HttpTarget;
  let server: ServeProcess;
  let endedAt: number;

  beforeAll(async () => {
    folder = await temporaryFolder();
    target = await startHttpTarget((_, response) => response.end("ok"));
    endedAt = Date.now() - 5000;
    await writeLivedFile(join(folder.path, "history.db"), endedAt);
    const configuration = `
store: history.db
checks:
  web: { type: http, url: "${target.origin}/" }
  api: { type: tcp, host: 127.0.0.1, port: ${await closedPort()} }
  disk: { type: disk, path: /, maxUsage: 100% }
`;
    await folder.write("healthspan.yaml", configuration);
    server = await startServe(folder.path);
  }, 120_000);
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await target[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  async function open(path: string): Promise<Page> {
    await page().goto(new URL(path, server.url).href);
    return page();
  }

  const textOf = async (of: Page, selector: string): Promise<string> =>
    (await of.locator(selector).first().textContent()) ?? "";
  const labelOf = async (of: Page, selector: string): Promise<string> =>
    (await of.locator(selector).first().getAttribute("aria-label")) ?? "";

  /** The share of the last 30 days in which a check was not down, as a page rounds it: an hour more or less is not known exactly. */
  function uptimeOf(name: keyof typeof outages): { readonly least: number; readonly most: number } {
    const lost = outages[name].reduce((sum, { from, until }) => sum + Math.max(0, Math.min(from, 30 * day) - until), 0);
    const known = 30 * day - (lifeGap.from - lifeGap.until);
    const share = (100 * (known - lost)) / known;
    return { least: share - 0.02, most: share + 0.02 };
  }

  it("has 90 bars for each check, with what happened in them", async () => {
    const overview = await open("/health/?span=90d");
    const bars = overview.locator("tr svg.bars");
    expect(await bars.count()).toBe(3);
    for (const one of await bars.all()) expect(await one.getAttribute("viewBox")).toBe("0 0 90 16");
    expect(await labelOf(overview, "#check-web svg.bars")).toMatch(/^Last 90 days: unhealthy 3 h, healthy 87 d/);
    expect(await labelOf(overview, "#check-api svg.bars")).toMatch(/^Last 90 days: unhealthy 5 h (2[5-9]|3\d) min/);
    expect(await labelOf(overview, "#check-disk svg.bars")).toMatch(
      /^Last 90 days: healthy 87 d [^,]*(, unknown (\d min )?\d+ s)?$/,
    );
    const tips = await overview.locator("#check-disk svg.bars title").allTextContents();
    expect(tips.filter((tip) => tip.includes("no data"))).not.toEqual([]); // It did not run.
  });

  it("tells the uptime of 30 days, without the time in which it did not run", async () => {
    const overview = await open("/health/");
    for (const name of ["web", "api", "disk"] as const) {
      const shown = Number((await textOf(overview, `#check-${name} td.uptime`)).replace(" %", ""));
      const { least, most } = uptimeOf(name);
      expect(shown, name).toBeGreaterThanOrEqual(least);
      expect(shown, name).toBeLessThanOrEqual(most);
    }
    expect(await overview.locator("#check-web td.uptime span").getAttribute("title")).toMatch(/of 28 days known/);
  });

  it("goes on with the incident that lasted, and has the older ones", async () => {
    const check = await open("/health/api/");
    const rows = await check.locator("tr[id^=incident-] td.took").allTextContents();
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatch(/^(4 h 5\d min|5 h( \d+ min)?) so far$/);
    expect(rows[1]).toBe("30 min");
    expect(await check.locator(".chart svg[role=img]").first().getAttribute("aria-label")).toMatch(/runs failed\.$/);
    const all = await open("/health/incidents/");
    expect(await all.locator("tr[id^=incident-]").count()).toBe(3);
  });

  it("draws the response times and the measured values of the time", async () => {
    const check = await open("/health/disk/?span=90d");
    expect(await labelOf(check, ".chart svg[role=img]")).toMatch(
      /^Response times of the last 90 days: p50 from .* to .*, p95 from .* to .*; 0 of 2\d,\d{3} runs failed\.$/,
    );
    const points = (await check.locator(".chart path.median").first().getAttribute("d"))?.match(/[ML]/g) ?? [];
    expect(points.length).toBeGreaterThanOrEqual(88);
    const usage = check.locator("table.measures tr", { has: check.locator("th", { hasText: /^usage$/ }) });
    expect(await usage.locator("svg").getAttribute("aria-label")).toMatch(
      /^usage in the last 90 days: [\d.]+ % to [\d.]+ %$/,
    );
    const path = (await usage.locator("svg path").getAttribute("d")) ?? "";
    const heights = [...path.matchAll(/[ML][\d.]+ ([\d.]+)/g)].map(([, y]) => Number(y));
    const lived = heights.slice(0, -1); // What the disk really has is in the last one, too.
    expect(lived).toEqual(lived.toSorted((one, other) => other - one)); // It grew.
    expect(path.match(/M/g)).toHaveLength(2); // Interrupted once, when Healthspan did not run.
  });

  it("has the axis of a day in the reader's zone, and that of more days in UTC", async () => {
    const browser = page().context().browser();
    const there = await browser?.newPage({ timezoneId: "Asia/Kolkata" });
    if (there === undefined) throw new Error("the browser has gone");
    await there.goto(new URL("/health/disk/", server.url).href);
    const marks = await there.locator(".chart text[data-at]").all();
    expect(marks.length).toBeGreaterThanOrEqual(3);
    for (const mark of marks) {
      const at = new Date(Number(await mark.getAttribute("data-at")));
      expect(await mark.textContent()).toBe(
        at.toLocaleTimeString("en-GB", { timeZone: "Asia/Kolkata", timeStyle: "short" }),
      );
    }
    expect(await textOf(there, ".chart .legend [data-zone]")).toBe("The axis is in your time zone.");
    await there.goto(new URL("/health/disk/?span=30d", server.url).href);
    expect(await textOf(there, ".chart .legend")).toContain("Times are in UTC.");
    expect(await there.locator(".chart text[data-at]").count()).toBe(0);
    await there.close();
  });

  it.each(["/health/?span=90d", "/health/api/", "/health/disk/?span=90d", "/health/incidents/"])(
    "is accessible and breaks no rule: %s",
    async (path) => {
      const complaints: string[] = [];
      page().on("console", (message) => complaints.push(message.text()));
      page().on("pageerror", (error) => complaints.push(error.message));
      const shown = await open(path);
      await shown.evaluate(axe.source);
      await shown.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })");
      for (const width of [1280, 320]) {
        await shown.setViewportSize({ width, height: 900 });
        const { violations } = (await shown.evaluate("axe.run({ resultTypes: ['violations'] })")) as AxeResults; // By its own types.
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`)).toEqual([]);
        expect(await shown.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
      }
      // That a page of what fails has the status 500 is meant so.
      expect(complaints.filter((complaint) => !complaint.includes("a status of 500"))).toEqual([]);
    },
  );
});
