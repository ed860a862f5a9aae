import { createServer } from "node:http";
import { describe, expect, it } from "vitest";
import { badge } from "../../../src/formats/badge/badge.ts";
import { shields } from "../../../src/formats/badge/shields.ts";
import type { PastFound } from "../../../src/formats/past-wanted.ts";
import type { Report } from "../../../src/health/report.ts";
import { describeInBrowser } from "../../support/browser.ts";
import {
  everyState,
  hostile,
  hostileTexts,
  sampleCheck,
  sampleReport,
  sampleTime,
} from "../../support/sample-reports.ts";
import { type Life, simulatedHistory } from "../../support/simulated-history.ts";
import { listenOnFreePort } from "../../support/throw-away-server.ts";
import { readWellFormed } from "../../support/well-formed.ts";

const lives: Readonly<Record<string, Life>> = { database: "healthy", cache: "down", mail: "flapping" };
const history = simulatedHistory(lives, sampleTime);

async function contextFor(report: Report, query: string) {
  const read = badge.readQuery?.(new URLSearchParams(query)) ?? {};
  const { checks = [], spans = [] } = badge.wants?.(report, read)?.buckets ?? {};
  const buckets = await Promise.all(spans.map(async (span) => [span, await history.buckets(checks, span)] as const));
  const found: PastFound | undefined = report.past && { buckets: new Map(buckets), measures: [], incidents: [] };
  return { url: `https://shop.example${report.path}`, offer: badge.offers[0], query: read, found };
}

/** What a badge says, as shields.io is told it; what is drawn says the same. */
async function said(report: Report, query = "") {
  const context = await contextFor(report, query);
  const drawn = badge.render(report, context);
  const told = JSON.parse(shields.render(report, context));
  readWellFormed(drawn);
  expect(drawn).toContain(`fill="#${told.color}"`);
  return { ...told, drawn };
}

const single = (name: string, options = {}): Report => ({
  ...sampleReport([sampleCheck(name, options)], { path: `/health/${name}/` }),
  past: history,
});

describe("a badge", () => {
  it("says the state of a check, in its name", async () => {
    for (const state of ["healthy", "degraded", "unhealthy", "unknown", "skipped"] as const) {
      expect(await said(single("database", { state }))).toMatchObject({ label: "database", message: state });
    }
  });

  it("says the worst state of an endpoint, in the service's name", async () => {
    expect(await said(everyState)).toMatchObject({ label: "shop", message: "unhealthy", isError: true });
    expect(await said(sampleReport([sampleCheck("one")]))).toMatchObject({ message: "healthy", isError: false });
    expect(await said(sampleReport([]))).toMatchObject({ message: "no checks", isError: false });
  });

  it("tells a warning from a failure as its endpoint does", async () => {
    const warning = [sampleCheck("disk", { state: "degraded" })];
    expect(await said(sampleReport(warning, { degraded: "pass" }))).toMatchObject({ isError: false });
    expect(await said(sampleReport(warning))).toMatchObject({ isError: true });
  });

  it("says that a check is in maintenance rather than what it finds", async () => {
    const maintenance = { id: "1", title: "Move", startsAt: sampleTime, endsAt: undefined };
    const report = sampleReport([{ ...sampleCheck("disk", { state: "unhealthy" }), maintenance }]);
    expect(await said(report)).toMatchObject({ message: "maintenance", isError: false });
  });

  it("says the uptime of a window, by default of 30 days, and never 100 % of what was down", async () => {
    expect(await said(single("database"), "of=uptime")).toMatchObject({ message: "100 % in 30 d" });
    expect(await said(single("cache"), "of=uptime&window=24h")).toMatchObject({ message: "79.16 % in 24 h" });
    const almost = {
      ...single("database"),
      past: { ...history, uptime: () => ({ availableSeconds: 999_999, knownSeconds: 1e6 }) },
    };
    expect(await said(almost, "of=uptime")).toMatchObject({ message: "99.99 % in 30 d" });
  });

  it("puts the times of an endpoint's checks together for its uptime", async () => {
    const report = { ...sampleReport([sampleCheck("database"), sampleCheck("cache")]), past: history };
    expect(await said(report, "of=uptime&window=24h")).toMatchObject({ message: "89.58 % in 24 h" });
  });

  it("says so when there is no history", async () => {
    const report = sampleReport([sampleCheck("database")]);
    expect(await said(report, "of=uptime")).toMatchObject({ message: "no history" });
  });

  it("says the median response time of a window, and of an endpoint that of its slowest check", async () => {
    const { message: database } = await said(single("database"), "of=response-time");
    const { message: cache } = await said(single("cache"), "of=response-time&window=7d");
    expect([database, cache]).toEqual([expect.stringMatching(/^[\d.]+ ms$/), expect.stringMatching(/^[\d.]+ ms$/)]);
    const both = { ...sampleReport([sampleCheck("database"), sampleCheck("mail")]), past: history };
    const { message: mail } = await said(single("mail"), "of=response-time");
    const slowest = Math.max(Number.parseFloat(database), Number.parseFloat(mail));
    expect(Number.parseFloat((await said(both, "of=response-time")).message)).toBe(slowest);
  });

  it("says how long the last run took when there is no history, and when nothing has run", async () => {
    const ofLast = sampleReport([sampleCheck("one", { durationSeconds: 0.0421 })]);
    expect(await said(ofLast, "of=response-time")).toMatchObject({ message: "42.1 ms" });
    const fresh = sampleReport([sampleCheck("one", { hasRun: false, state: "unknown" })]);
    expect(await said(fresh, "of=response-time")).toMatchObject({ message: "no runs" });
  });

  it("says what is wrong with its address, and repeats none of it", async () => {
    const wrong = await said(everyState, "of=%3Cb%3Eyou-are-hacked&window=24h");
    expect(wrong).toMatchObject({ message: "of must be state, uptime or response-time", isError: true });
    expect(wrong.drawn).not.toContain("hacked");
    expect(await said(everyState, "of=uptime&window=1y")).toMatchObject({ message: "window must be 24h, 7d or 30d" });
  });

  it("is one image with a title, whatever a name holds", async () => {
    expect((await said(hostile)).drawn).toMatch(/^<svg [^>]*role="img"[^>]*><title>/);
    for (const text of hostileTexts) {
      const path = `/health/${encodeURIComponent(text.toWellFormed())}/`;
      const { drawn } = await said(sampleReport([sampleCheck(text)], { path }));
      expect(drawn.length).toBeLessThan(5000);
    }
  });

  it("may be kept for a minute, and is an answer of 200", () => {
    for (const format of [badge, shields]) {
      expect(format).toMatchObject({ tellsByStatus: false, headers: { "Cache-Control": "max-age=60" } });
    }
  });

  it("has white text with a contrast of at least 4.5 on every colour", async () => {
    for (const state of ["healthy", "degraded", "unhealthy", "unknown", "skipped"] as const) {
      const { color } = await said(single("database", { state }));
      expect(contrastWithWhite(color)).toBeGreaterThanOrEqual(4.5);
    }
  });
});

describe("what shields.io is told", () => {
  it("is what its endpoint badge reads", async () => {
    const report = single("database", { state: "unhealthy" });
    const told = JSON.parse(shields.render(report, await contextFor(report, "")));
    expect(told).toEqual({
      schemaVersion: 1,
      label: "database",
      message: "unhealthy",
      color: "b0241c",
      isError: true,
      cacheSeconds: 60,
    });
  });
});

describeInBrowser("a badge in an image", (page) => {
  it("is shown, its texts within its width", async () => {
    const report = single("database", { state: "degraded" });
    const drawn = badge.render(report, await contextFor(report, ""));
    await using server = await serving(drawn);
    await page().goto(server.url);
    const boxes = await page().evaluate<readonly (readonly [number, number])[]>(
      `Array.from(document.querySelectorAll("text"), (text) => {
        const { x, width } = text.getBBox();
        return [x, x + width];
      })`,
    );
    const [, width] = /width="(\d+)"/.exec(drawn) ?? [];
    const [[, leftEnd] = [0, 0], [rightStart, rightEnd] = [0, 0]] = boxes;
    expect(leftEnd).toBeLessThan(rightStart);
    expect(rightEnd).toBeLessThan(Number(width));
  });
});

async function serving(body: string) {
  const server = createServer((_, response) => response.writeHead(200, { "Content-Type": "image/svg+xml" }).end(body));
  const port = await listenOnFreePort(server);
  return {
    url: `http://127.0.0.1:${port}/`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** WCAG 2.2, "relative luminance" and "contrast ratio". */
function contrastWithWhite(color: string): number {
  const [red = 0, green = 0, blue = 0] = (color.match(/../g) ?? []).map((pair) => {
    const share = Number.parseInt(pair, 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05);
}
