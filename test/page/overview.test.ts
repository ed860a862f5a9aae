import { describe, expect, it } from "vitest";
import type { Report } from "../../src/health/report.ts";
import { formats } from "../../src/server/formats.ts";
import { renderPage } from "../support/render-page.ts";
import {
  everyState,
  hostile,
  hostileTexts,
  manyChecks,
  sampleCheck,
  sampleReport,
  sampleTime,
} from "../support/sample-reports.ts";
import { type Life, simulatedHistory } from "../support/simulated-history.ts";
import { readWellFormed } from "../support/well-formed.ts";

const lives: Readonly<Record<string, Life>> = {
  database: "healthy",
  disk: "degraded",
  cache: "down",
  orders: "flapping",
  search: "new",
};
const history = simulatedHistory(lives, sampleTime);

/** What is read of the page, without its style. */
function textOf(page: string): string {
  return readWellFormed(page.replace(/<style>[\s\S]*?<\/style>/, "")).replaceAll(/\s+/g, " ");
}

const count = (page: string, pattern: RegExp) => [...page.matchAll(pattern)].length;

describe("an endpoint's page with history", () => {
  it("shows for each check its bars, response times, uptime and since when", async () => {
    const page = await renderPage(everyState, { history });
    expect(count(page, /<svg [^>]*class="bars"/g)).toBe(5); // Nothing is known of one of the six.
    expect(count(page, /<svg [^>]*class="spark"/g)).toBe(5);
    expect(textOf(page)).toMatch(/Healthy: database .* 100 % 1 d /);
    expect(page).toMatch(/<span title="99\.\d\d % of 2\d(?:\.\d)? days known, of the last 30 days">99\.\d\d %<\/span>/);
  });

  it.each([
    ["", "Last 24 hours"],
    ["span=7d", "Last 7 days"],
    ["span=30d", "Last 30 days"],
    ["span=90d", "Last 90 days"],
    ["span=forever", "Last 24 hours"],
  ])("shows with ?%s the bars of the %s", async (query, heading) => {
    expect(textOf(await renderPage(everyState, { history, query }))).toContain(` ${heading} Response, p95`);
  });

  it("says in the head the uptime of all checks, and the last incident", async () => {
    const text = textOf(await renderPage(everyState, { history }));
    expect(text).toMatch(
      /1 of 6 checks fails, 1 was skipped because of it, 1 warns, 1 is in an unknown state 99\.\d\d % uptime in 30 days · Incident of disk for 40 min/,
    );
    const healthy = sampleReport([sampleCheck("orders")]);
    expect(textOf(await renderPage(healthy, { history }))).toContain(
      "Last incident: orders , 2 h 36 min ago , for 35 s",
    );
  });

  it("adds to a failing check the length of its incident and a link to the trace that found it", async () => {
    const page = await renderPage(everyState, { history });
    expect(textOf(page)).toContain("connection refused by 10.0.3.7:6379 incident for 5 h · 28 consecutive failures");
    expect(page).toContain(
      'href="https://traces.example/?service=shop&amp;id=4bf92f3577b34da6a3ce929d0e0e4736">trace<',
    );
  });

  it("has no bars, sparkline, uptime and spans without history, and nothing in their place", async () => {
    const page = await renderPage(everyState, { query: "span=7d" });
    expect(page).not.toMatch(/class="(?:bars|spark|uptime|past|spans)"/);
    expect(textOf(page)).toContain("Check Response, p95 In this state");
  });

  it("asks for the history of what it shows, and of sixty checks at most", () => {
    const wants = (report: Report, query = {}) => formats[0]?.wants?.(report, query);
    expect(wants(manyChecks(1000))?.buckets?.checks).toHaveLength(20);
    expect(wants(manyChecks(40))?.buckets?.checks).toHaveLength(40);
    const failing = Array.from({ length: 100 }, (_, index) => sampleCheck(`${index}`, { state: "unhealthy" }));
    expect(wants(sampleReport(failing))?.buckets?.checks).toHaveLength(60);
    expect(wants(everyState, { state: "skipped", span: "7d" })?.buckets).toEqual({ checks: ["orders"], spans: ["7d"] });
    expect(wants(sampleReport([]))?.buckets).toBeUndefined();
  });

  it("is well-formed with hostile names", async () => {
    const all = Object.fromEntries(hostileTexts.map((text) => [text, "flapping"] as const));
    const text = textOf(
      await renderPage(hostile, { history: simulatedHistory(all, sampleTime), query: "q=%3Cscript%3E" }),
    );
    expect(text).toContain("<script>alert(1)</script>");
  });
});

describe("the address that a check watches", () => {
  const withUrl = (url: string) => renderPage(sampleReport([sampleCheck("site", { labels: { url } })]));

  it.each(["https://shop.example/a?b=c&d", "http://[::1]:8080/"])("is a link of its own: %s", async (url) => {
    expect(await withUrl(url)).toContain(
      `<a class="target" href="${url.replaceAll("&", "&amp;")}" rel="noreferrer nofollow"`,
    );
  });

  it.each(["javascript:alert(1)", "redis://cache/0", "https://", "http://a b", "data:text/html,x"])(
    "is no link: %s",
    async (url) => {
      expect(await withUrl(url)).not.toContain('class="target"');
    },
  );
});

describe("groups", () => {
  const grouped = sampleReport([
    sampleCheck("web", { group: ["shop"] }),
    sampleCheck("card", { group: ["shop", "payments"], state: "unhealthy" }),
    sampleCheck("disk", { group: ["node"] }),
    sampleCheck("alone"),
  ]);

  it("are open when something in them fails, groups within them too, and come before what is well", async () => {
    const page = await renderPage(grouped);
    const found = [
      ...page.matchAll(
        /<details class="group (\w+)"( open="open")?><summary>.*?<bdi>(\w+)<\/bdi> <span class="count">(\d)/g,
      ),
    ];
    expect(found.map(([, state, open, name, size]) => [name, state, open !== undefined, size])).toEqual([
      ["shop", "unhealthy", true, "2"],
      ["payments", "unhealthy", true, "1"],
      ["node", "healthy", false, "1"],
    ]);
    expect(page.indexOf("<h2>Healthy")).toBeGreaterThan(page.lastIndexOf("</details>"));
  });

  it("show each check once, in its own group", async () => {
    const page = await renderPage(grouped, { query: "span=7d" });
    const table = page.slice(0, page.indexOf("Recent changes"));
    for (const { check } of grouped.checks)
      expect(count(table, new RegExp(`<bdi>${check.name}</bdi></a>`, "g"))).toBe(1);
  });

  it("tell the uptime of their checks together", async () => {
    const known = simulatedHistory({ web: "healthy", card: "down", disk: "healthy" }, sampleTime);
    expect(textOf(await renderPage(grouped, { history: known }))).toMatch(
      /shop 2 Unhealthy Uptime of 30 days: 99\.\d\d %/,
    );
  });

  it("count a check in maintenance as no failure", async () => {
    const page = await renderPage(
      sampleReport([sampleCheck("web", { group: ["shop"], state: "unhealthy", maintenance: "Move" })]),
    );
    expect(page).toContain('<details class="group maintenance"><summary>');
    expect(textOf(page)).toContain("Unhealthy, in maintenance: web");
    expect(textOf(page)).toContain("Maintenance Move , until");
  });
});

describe("tiles", () => {
  it("stand for healthy checks when there are more than sixty, each with a link and a tooltip", async () => {
    const page = await renderPage(manyChecks(1000));
    expect(count(page, /<li><a href="check%20\d+\/" title="check \d+: Healthy for 1 d, 12\.3 ms"><\/a><\/li>/g)).toBe(
      980,
    );
    expect(count(page, /<th scope="row"/g)).toBe(20);
    expect(count(await renderPage(manyChecks(60)), /class="card tiles/g)).toBe(0);
  });

  it("are rows again when a filter leaves few", async () => {
    const page = await renderPage(manyChecks(1000), { query: "q=check+99" });
    expect(count(page, /class="card tiles/g)).toBe(0);
    expect(textOf(page)).toContain("20 of 1,000 checks fail");
    expect(textOf(page)).toContain("Shown are 11 of 1,000 checks: “ check 99 ”. 989 are filtered out.");
  });

  it("say the uptime where history is kept, and are in groups like rows", async () => {
    const checks = Array.from({ length: 70 }, (_, index) => sampleCheck(`${index}`, { group: ["all"] }));
    const known = simulatedHistory({ "7": "healthy" }, sampleTime);
    const page = await renderPage(sampleReport(checks), { history: known });
    expect(page).toContain('title="7: Healthy for 1 d, 12.3 ms, uptime 100 %"');
    expect(page.indexOf('class="card tiles')).toBeLessThan(page.indexOf("</details>"));
  });
});

describe("the head of the page", () => {
  const site = {
    title: "Example Shop",
    logo: "data:image/png;base64,AAAA",
    links: [{ title: "Support", url: "https://shop.example/support?a&b" }],
    footer: "Run by <us>.",
  };

  it("shows the title, logo and links of the configuration, and the footer below", async () => {
    const page = await renderPage(everyState, { site });
    expect(page).toContain("1 is in an unknown state · Example Shop</title>");
    expect(page).toContain(
      '<img class="logo" src="data:image/png;base64,AAAA" alt=""/><bdi class="service">Example Shop</bdi>',
    );
    expect(page).toContain('<a href="https://shop.example/support?a&amp;b"><bdi>Support</bdi></a>');
    expect(page).toContain("<p><bdi>Run by &lt;us&gt;.</bdi></p>");
    readWellFormed(page);
  });

  it("offers the other endpoints as tabs, from the page of a check as well", async () => {
    const siblings = [
      { path: "/health/", href: "./", isCurrent: true },
      { path: "/health/node/", href: "../health/node/", isCurrent: false },
    ];
    const page = await renderPage(everyState, { siblings, linkPrefix: "health/" });
    expect(page).toContain('<a href="health/./" aria-current="page"><bdi>/health/</bdi></a>');
    expect(page).toContain('<a href="health/../health/node/"><bdi>/health/node/</bdi></a>');
    expect(await renderPage(everyState, { siblings: siblings.slice(0, 1) })).not.toContain('class="tabs"');
  });
});

describe("how often the page reloads", () => {
  const seconds = async (...intervals: readonly (number | undefined)[]) => {
    const checks = intervals.map((interval, index) =>
      sampleCheck(`${index}`, interval === undefined ? {} : { intervalMilliseconds: interval * 1000 }),
    );
    return /http-equiv="refresh" content="(\d+)"/.exec(await renderPage(sampleReport(checks)))?.[1];
  };

  it("is the smallest interval shown, from 15 seconds to five minutes", async () => {
    expect(await seconds(60, 30, undefined)).toBe("30");
    expect(await seconds(1)).toBe("15");
    expect(await seconds(undefined)).toBe("15");
    expect(await seconds(86_400)).toBe("300");
  });
});
