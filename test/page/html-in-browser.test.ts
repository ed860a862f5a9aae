import { createServer } from "node:http";
import type { AxeResults, RunOptions } from "axe-core";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import type { Report } from "../../src/health/report.ts";
import { formats } from "../../src/server/formats.ts";
import { describeInBrowser } from "../support/browser.ts";
import { contextOf } from "../support/describe-format.ts";
import { everyState, hostile, hostileTexts, manyChecks, sampleCheck, sampleReport } from "../support/sample-reports.ts";
import { listenOnFreePort } from "../support/throw-away-server.ts";
import { waitFor } from "../support/wait-for.ts";

const cache = everyState.checks.filter(({ check }) => check.name === "cache");

const reports: Readonly<Record<string, Report>> = {
  "every state": everyState,
  "a warning that passes": sampleReport([sampleCheck("disk", { state: "degraded" })], { degraded: "pass" }),
  "no checks": sampleReport([]),
  "hostile texts": hostile,
  "a single check": sampleReport(cache, { path: "/health/cache/" }),
  "a check that has not run": sampleReport([sampleCheck("new", { state: "unknown", hasRun: false })], {
    path: "/health/new/",
  }),
};

const wide = { width: 1280, height: 900 };
const phone = { width: 390, height: 844 };

/** How the page is looked at: both layouts and both schemes. */
const screens = [
  { name: "wide, in light", colorScheme: "light", viewport: wide },
  { name: "on a phone, in dark", colorScheme: "dark", viewport: phone },
] as const;

/** A server that answers with a report as the given offer of the page, as the real one would. */
async function serve(report: Report, offerIndex: 0 | 1 = 0) {
  const [html] = formats;
  const offer = html?.offers[offerIndex];
  if (html === undefined || offer === undefined) throw new Error("there is no such offer");
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? "");
    if (request.url?.includes("format=events")) {
      response.writeHead(200, { "Content-Type": "text/event-stream" }).write(": nothing happens\n\n");
      return;
    }
    response.writeHead(report.status, { ...html.headers, "Content-Type": offer.contentType });
    response.end(html.render(report, contextOf(report, offer)));
  });
  const port = await listenOnFreePort(server);
  return {
    requests,
    url: `http://127.0.0.1:${port}${report.path}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What the browser complains of: errors of scripts, violations of the policy, what could not be read. */
function complaintsOf(page: Page): readonly string[] {
  const complaints: string[] = [];
  page.on("console", (message) => {
    // The answer's own status says that checks fail; that is no complaint about the page.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
      complaints.push(message.text());
    }
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("dialog", async (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    await dialog.dismiss();
  });
  return complaints;
}

/** What is seen of a report that is served as the given offer. */
async function readIn(page: Page, report: Report, offerIndex: 0 | 1) {
  await using server = await serve(report, offerIndex);
  await page.goto(server.url);
  return {
    contentType: await page.evaluate("document.contentType"),
    title: await page.title(),
    text: await page.evaluate("document.body.innerText"),
    iconIsShown: await page.evaluate("document.querySelector('.verdict > .icon')?.getBBox().width > 0"),
  };
}

/** What axe finds amiss on the page as it is now. */
async function violationsOn(page: Page): Promise<readonly string[]> {
  // That the page shows what is true now is what it is for (WCAG 2.2.1, the exception for real time).
  const options: RunOptions = { rules: { "meta-refresh": { enabled: false } }, resultTypes: ["violations"] };
  const results: unknown = await page.evaluate(`axe.run(${JSON.stringify(options)})`);
  const { violations } = results as AxeResults; // What axe.run gives, by its own types.
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}

describeInBrowser("html in Chromium", (page) => {
  it.each(Object.entries(reports))("is accessible and fits the screen with %s", async (_, report) => {
    await using server = await serve(report);
    await page().goto(server.url);
    await page().evaluate(axe.source);
    for (const { name, colorScheme, viewport } of screens) {
      await page().emulateMedia({ colorScheme });
      await page().setViewportSize(viewport);
      expect(await violationsOn(page()), name).toEqual([]);
      expect(await page().evaluate("document.documentElement.scrollWidth"), name).toBeLessThanOrEqual(viewport.width);
    }
  });

  it("is displayed under its own content security policy, with its style, and requests nothing else", async () => {
    await using server = await serve(everyState);
    const complaints = complaintsOf(page());
    const answer = await page().goto(server.url);
    expect(answer?.status()).toBe(500);
    expect(answer?.headers()["content-security-policy"]).toContain("default-src 'none'");
    expect(await page().evaluate("getComputedStyle(document.body).maxWidth")).toBe("1216px");
    expect(await page().getByRole("heading", { level: 1 }).textContent()).toBe(
      "1 of 6 checks fails, 1 was skipped because of it, 1 warns, 1 is in an unknown state",
    );
    expect(complaints).toEqual([]);
    await waitFor(() => expect(server.requests).toEqual(["/health/", "/health/?format=events"]));
  });

  it("is a table to a screen reader, on a phone too", async () => {
    await using server = await serve(everyState);
    await page().goto(server.url);
    for (const viewport of [wide, phone]) {
      await page().setViewportSize(viewport);
      const failing = page().getByRole("table").first();
      const headers = ["Check", "Response, p95", "In this state"];
      expect(await failing.getByRole("columnheader").allTextContents()).toEqual(headers);
      expect(await failing.getByRole("rowheader").count()).toBe(1);
      expect(await failing.getByRole("row").nth(1).getByRole("cell").count()).toBe(2);
    }
  });

  it("shows hostile text unchanged, and runs none of it", async () => {
    await using server = await serve(hostile);
    const complaints = complaintsOf(page());
    await page().goto(server.url);
    const names = await page().locator("tbody th .name").allTextContents();
    expect(names).toHaveLength(hostileTexts.length);
    for (const text of hostileTexts.filter((each) => /^[ -~]+$/.test(each))) expect(names).toContain(text);
    expect(await page().locator("script").count()).toBe(1);
    expect(await page().locator("img, iframe").count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it.each([
    ["every state", everyState],
    ["hostile texts", hostile],
    ["many checks", manyChecks(50)],
  ])("reads the same as XHTML with %s", async (_, report) => {
    const asHtml = await readIn(page(), report, 0);
    const asXhtml = await readIn(page(), report, 1);
    expect(asHtml).toMatchObject({ contentType: "text/html", iconIsShown: true });
    expect(asXhtml).toEqual({ ...asHtml, contentType: "application/xhtml+xml" });
  });

  it("shows 1,000 checks, each with a link to its page", async () => {
    await using server = await serve(manyChecks(1000));
    await page().goto(server.url);
    expect(await page().locator(".rows tbody th, .tiles li").count()).toBe(1000);
    await page().getByRole("link", { name: "check 777: " }).click();
    await page().waitForURL("**/health/check%20777/");
    expect(server.requests.filter((path) => !path.includes("format=events"))).toEqual([
      "/health/",
      "/health/check%20777/",
    ]);
  });
});
