import { createServer } from "node:http";
import axe, { type AxeResults } from "axe-core";
import { expect, it } from "vitest";
import { pageHeaders } from "../../src/page/document.ts";
import { indexPage } from "../../src/page/index-page.ts";
import { describeInBrowser } from "../support/browser.ts";
import { listenOnFreePort } from "../support/throw-away-server.ts";

const index = indexPage({
  title: "shop",
  endpoints: [
    { path: "/health/", checks: 2, verdict: { state: "unhealthy", sign: "✗", sentence: "1 of 2 checks fails" } },
    { path: "/health/node/", checks: 1, verdict: { state: "degraded", sign: "⚠", sentence: "The only check passes" } },
    { path: `/health/${"very-long-".repeat(10)}/`, checks: 1, verdict: undefined },
    { path: "/ready/", checks: 1, verdict: { state: "healthy", sign: "✓", sentence: "The only check passes" } },
  ],
  others: [{ path: "/metrics", description: "all metrics, for Prometheus; asks for credentials" }],
  createdAt: Date.now(),
});

async function serve() {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? "");
    response.writeHead(200, { ...pageHeaders(), "Content-Type": "text/html; charset=utf-8" }).end(`${index}\n`);
  });
  const port = await listenOnFreePort(server);
  return {
    requests,
    url: `http://127.0.0.1:${port}/`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describeInBrowser("the index page in Chromium", (page) => {
  it.each([
    ["light", 1280],
    ["dark", 1280],
    ["light", 390],
    ["dark", 390],
  ] as const)("is accessible and fits the screen in %s, %d pixels wide", async (colorScheme, width) => {
    await using server = await serve();
    await page().emulateMedia({ colorScheme });
    await page().setViewportSize({ width, height: 844 });
    await page().goto(server.url);
    await page().evaluate(axe.source);
    // That the page shows what is true now is what it is for (WCAG 2.2.1, the exception for real time).
    const results: unknown = await page().evaluate('axe.run({ rules: { "meta-refresh": { enabled: false } } })');
    const { violations } = results as AxeResults; // What axe.run gives, by its own types.
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
    expect(await page().evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
  });

  it("is shown in its style under its own policy, asks for nothing else, and leads to the endpoints", async () => {
    await using server = await serve();
    const complaints: string[] = [];
    page().on("console", (message) => complaints.push(message.text()));
    await page().goto(server.url);
    expect(await page().evaluate("getComputedStyle(document.body).maxWidth")).toBe("1216px");
    expect(await page().getByRole("heading", { level: 1 }).textContent()).toBe("1 of 3 endpoints fails");
    expect(await page().getByRole("table").first().getByRole("rowheader").count()).toBe(4);
    await page().getByRole("link", { name: "/health/node/" }).click();
    expect(complaints).toEqual([]);
    expect(server.requests).toEqual(["/", "/health/node/"]);
  });
});
