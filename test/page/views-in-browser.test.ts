import { createServer } from "node:http";
import type { AxeResults, RunOptions } from "axe-core";
import axe from "axe-core";
import { expect, it } from "vitest";
import { incidentFormats } from "../../src/page/incidents/incident-formats.ts";
import { formats } from "../../src/server/formats.ts";
import { describeInBrowser } from "../support/browser.ts";
import { livedReport, renderWithPast, sampleAnnouncements } from "../support/lived-reports.ts";
import { listenOnFreePort } from "../support/throw-away-server.ts";

const [html] = formats;
const [incidents] = incidentFormats;
if (html === undefined || incidents === undefined) throw new Error("there are no pages");

const pages = {
  "a check that flaps, with announcements": [html, livedReport("mail", sampleAnnouncements), ""],
  "a check that is down, over 90 days": [html, livedReport("cache"), "span=90d"],
  "a healthy check, over a week": [html, livedReport("database"), "span=7d"],
  "a check without history": [html, { ...livedReport("disk"), past: undefined }, ""],
  "all incidents": [incidents, livedReport(), ""],
  "no history of incidents": [incidents, { ...livedReport(), past: undefined }, ""],
  "an endpoint with announcements": [html, livedReport(undefined, sampleAnnouncements), ""],
} as const;

const screens = [
  { name: "wide, in light", colorScheme: "light", viewport: { width: 1280, height: 900 } },
  { name: "on a phone, in dark", colorScheme: "dark", viewport: { width: 375, height: 800 } },
  { name: "narrow, in light", colorScheme: "light", viewport: { width: 320, height: 800 } },
  { name: "wide, in dark", colorScheme: "dark", viewport: { width: 1280, height: 900 } },
] as const;

async function serve([format, report, query]: (typeof pages)[keyof typeof pages]) {
  const body = await renderWithPast(format, report, query);
  const server = createServer((request, response) => {
    if (request.url?.includes("format=events")) {
      response.writeHead(200, { "Content-Type": "text/event-stream" }).write(": nothing happens\n\n");
      return;
    }
    response.writeHead(200, { ...format.headers, "Content-Type": format.offers[0].contentType }).end(body);
  });
  const port = await listenOnFreePort(server);
  return {
    url: `http://127.0.0.1:${port}${report.path}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describeInBrowser("what was, in Chromium", (page) => {
  it.each(Object.entries(pages))("is accessible, fits the screen and breaks no rule: %s", async (_, shown) => {
    await using server = await serve(shown);
    const complaints: string[] = [];
    page().on("console", (message) => complaints.push(message.text()));
    page().on("pageerror", (error) => complaints.push(error.message));
    await page().goto(server.url);
    await page().evaluate(axe.source);
    // What is folded is looked at as well.
    await page().evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })");
    for (const { name, colorScheme, viewport } of screens) {
      await page().emulateMedia({ colorScheme });
      await page().setViewportSize(viewport);
      const options: RunOptions = { resultTypes: ["violations"] };
      const results: unknown = await page().evaluate(`axe.run(${JSON.stringify(options)})`);
      const { violations } = results as AxeResults; // What axe.run gives, by its own types.
      expect(
        violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`),
        name,
      ).toEqual([]);
      expect(await page().evaluate("document.documentElement.scrollWidth"), name).toBeLessThanOrEqual(viewport.width);
    }
    expect(complaints).toEqual([]);
  });

  it("shows the numbers of a bucket where the pointer is", async () => {
    await using server = await serve(pages["a check that flaps, with announcements"]);
    await page().goto(server.url);
    const tips = page().locator(".chart .tip");
    expect(await tips.count()).toBe(96);
    expect(await tips.last().locator("title").textContent()).toMatch(/ UTC: p50 [\d.]+ ms, p95 [\d.]+ ms, \d+ runs$/);
  });
});
