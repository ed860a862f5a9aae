import { parseFeed } from "@rowanmanning/feed-parser";
import { describe, expect, it } from "vitest";
import { atom } from "../../src/formats/atom.ts";
import type { Format } from "../../src/formats/format.ts";
import { rss } from "../../src/formats/rss.ts";
import type { CheckReport, Report, Transition } from "../../src/health/report.ts";
import { contextOf } from "../support/describe-format.ts";
import {
  everyState,
  hostile,
  hostileTexts,
  manyChecks,
  sampleCheck,
  sampleReport,
  sampleTime,
} from "../support/sample-reports.ts";
import { readWellFormed } from "../support/well-formed.ts";

function read(format: Format, report: Report, url?: string) {
  const context = contextOf(report, format.offers[0]);
  return parseFeed(format.render(report, url === undefined ? context : { ...context, url }));
}

function categoriesOf(item: { readonly categories: readonly { readonly term: string }[] } | undefined) {
  return item?.categories.map(({ term }) => term);
}

/** A check of which these transitions are remembered, the newest first. */
function checkWith(transitions: readonly Transition[], name = "database"): CheckReport {
  return { ...sampleCheck(name), transitions };
}

const start: Transition = { at: sampleTime - 60_000, from: "unknown", to: "healthy", failure: undefined };

describe.each([rss, atom])("the feed as $title", (format) => {
  it("has an entry per transition, newest first, dated by the transition", () => {
    const feed = read(format, everyState);
    const published = feed.items.map((item) => item.published?.getTime() ?? 0);
    expect(feed.items).toHaveLength(10);
    expect(published).toEqual(published.toSorted((a, b) => b - a));
    // RSS has no milliseconds.
    expect(Math.floor((published[0] ?? 0) / 1000)).toBe(Math.floor((sampleTime - 7 * 60_000) / 1000));
  });

  it("says what was wrong, since when, why, and for which check", () => {
    const item = read(format, everyState).items.find(({ title }) => title?.startsWith("cache"));
    expect(item?.title).toBe("cache: Unavailable: connection refused by 10.0.3.7:6379");
    expect(item?.url).toBe("https://shop.example/health/cache/");
    expect(item?.description).toBe(
      "<p>Unavailable: connection refused by 10.0.3.7:6379</p>" +
        '<p>Unhealthy since <time datetime="2026-03-14T15:02:26.535Z">Sat, 14 Mar 2026 15:02:26 GMT</time>.' +
        " Reason: connection_refused. Before, it was healthy for 23 h 53 min.</p>" +
        "<p>redis, url: redis://cache:6379/0</p>",
    );
  });

  it("says what was wrong before a recovery", () => {
    const item = read(format, everyState).items.find(({ title }) => title === "payments: OK");
    expect(item?.description).toContain(
      "Before, it was unhealthy for 3 min (Unavailable: connection refused by 10.0.3.7:6379).",
    );
  });

  it("has the categories of django-health-check, and others for what is neither healthy nor fails", () => {
    const { items } = read(format, sampleReport([...everyState.checks, sampleCheck("slow", { state: "unknown" })]));
    const of = (start: string) => categoriesOf(items.find(({ title }) => title?.startsWith(start)));
    expect(of("payments: OK")).toEqual(["healthy"]);
    expect(of("cache")).toEqual(["unhealthy", "error"]);
    expect(of("disk")).toEqual(["degraded", "warning"]);
    expect(of("orders")).toEqual(["skipped"]);
    expect(of("slow")).toEqual(["unknown"]);
  });

  it("has the same bytes until a state changes, whenever it is requested", () => {
    const render = (report: Report): string => format.render(report, contextOf(report, format.offers[0]));
    const later = { ...everyState, createdAt: sampleTime + 3_600_000 };
    const ranAgain = later.checks.map((check) => ({ ...check, lastRun: undefined, consecutiveFailures: 999 }));
    expect(render({ ...later, checks: ranAgain })).toBe(render(everyState));
    for (const checks of [[], [sampleCheck("new", { state: "unknown", hasRun: false })]]) {
      const report = sampleReport(checks);
      expect(render({ ...report, createdAt: sampleTime + 3_600_000 })).toBe(render(report));
    }
  });

  it("has unique identifiers that do not depend on the requested address", () => {
    const ids = read(format, everyState).items.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) {
      expect(id).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
    expect(read(format, everyState, "http://10.0.0.1:9464/health/").items.map(({ id }) => id)).toEqual(ids);
  });

  it("keeps an entry's identifier when newer ones come", () => {
    const broke: Transition = {
      at: sampleTime,
      from: "healthy",
      to: "unhealthy",
      failure: { kind: "Unavailable", message: "gone", reason: "unavailable" },
    };
    const before = read(format, sampleReport([checkWith([start])])).items.map(({ id }) => id);
    const after = read(format, sampleReport([checkWith([broke, start])])).items.map(({ id }) => id);
    expect(after.slice(1)).toEqual(before);
    expect(after[0]).not.toBe(before[0]);
  });

  it("announces once that a check is healthy at the start, however often the process restarts", () => {
    const ids = [start, { ...start, at: sampleTime }].map(
      (transition) => read(format, sampleReport([checkWith([transition])])).items[0]?.id,
    );
    expect(ids[0]).toBe(ids[1]);
    const other = read(format, sampleReport([checkWith([start], "cache")])).items[0]?.id;
    expect(other).not.toBe(ids[0]);
  });

  it("announces each recovery, also from a time in which nothing was known", () => {
    const unknown: Transition = { ...start, from: "healthy", to: "unknown" };
    for (const [from, before] of [
      ["unknown", [unknown]],
      ["unhealthy", []],
    ] as const) {
      const ids = [sampleTime - 1000, sampleTime].map((at) => {
        const recovered: Transition = { at, from, to: "healthy", failure: undefined };
        return read(format, sampleReport([checkWith([recovered, ...before])])).items[0]?.id;
      });
      expect(ids[0]).not.toBe(ids[1]);
    }
  });

  it("is as old as the youngest state when no change is known", () => {
    const checks = [60_000, 5_000, 90_000].map((lasting) => ({
      ...sampleCheck(`${lasting}`, { lasting }),
      transitions: [],
    }));
    const updated = (report: Report) => {
      const { updated: at, published } = read(format, report);
      return (at ?? published)?.getTime();
    };
    const second = (milliseconds: number) => Math.floor(milliseconds / 1000);
    expect(second(updated(sampleReport(checks)) ?? 0)).toBe(second(sampleTime - 5_000));
    expect(updated(sampleReport([])) ?? 0).toBe(0);
  });

  it.each([
    ["redis, url: redis://cache", { type: "redis", labels: { url: "redis://cache" } }],
    ["redis", { type: "redis", labels: {} }],
    ["a: b, c: d", { type: undefined, labels: { a: "b", c: "d" } }],
    [undefined, { type: undefined, labels: {} }],
  ])("says of the check %s", (what, identity) => {
    const check = checkWith([start]);
    const report = sampleReport([{ ...check, check: { name: "database", ...identity } }]);
    const paragraphs = read(format, report).items[0]?.description?.split("</p>") ?? [];
    expect(paragraphs[2]).toBe(what === undefined ? "" : `<p>${what}`);
  });

  it("announces a failure at each start", () => {
    const failure = { kind: "Warning", message: "full", reason: "threshold" } as const;
    const ids = [start.at, sampleTime].map((at) => {
      const transition: Transition = { at, from: "unknown", to: "degraded", failure };
      return read(format, sampleReport([checkWith([transition])])).items[0]?.id;
    });
    expect(ids[0]).not.toBe(ids[1]);
  });

  it("is bounded and keeps the newest entries", () => {
    const report = manyChecks(300);
    const { items } = read(format, report);
    expect(items).toHaveLength(100);
    for (const { check, state } of report.checks) {
      if (state === "unhealthy") expect(items.some(({ title }) => title?.startsWith(`${check.name}: Un`))).toBe(true);
    }
  });

  it("contains its own address and that of the page", () => {
    const feed = read(format, everyState);
    expect(feed.url).toBe("https://shop.example/health/");
    expect(feed.self).toBe(`https://shop.example/health/?format=${format.name}`);
    expect(feed.title).toBe("Health of shop");
    const updated = (feed.updated ?? feed.published)?.toISOString().slice(0, 19);
    expect(updated).toBe("2026-03-14T15:02:26");
  });

  it("links a check's own feed to the check's page", () => {
    const report = sampleReport([sampleCheck("disk space")], { path: "/health/disk%20space/" });
    expect(read(format, report).items[0]?.url).toBe("https://shop.example/health/disk%20space/");
  });

  it("has valid links even when the Host header is invalid", () => {
    expect(read(format, everyState, "http://a b<c>/health/").url).toBe("http://localhost/health/");
  });

  it("escapes text everywhere", () => {
    const answer = format.render(hostile, contextOf(hostile, format.offers[0]));
    const descriptions = [...answer.matchAll(/<(?:description|summary)[^>]*><!\[CDATA\[(.*?)\]\]>/g)];
    expect(descriptions).toHaveLength(2 * hostileTexts.length);
    for (const [, description] of descriptions) {
      expect(description).not.toMatch(/<(?!\/?p>|time datetime="[\d:.TZ-]+">|\/time>)/);
    }
  });

  it("preserves every text, including text that looks escaped", () => {
    const text = "a &amp; b &lt; c & d ]]> e < f";
    const report = sampleReport([sampleCheck("x", { state: "degraded", message: text })], { title: text });
    const answer = format.render(report, contextOf(report, format.offers[0]));
    expect(readWellFormed(answer)).toContain(`Health of ${text}`);
    const [title] = /(?<=<title.*?><!\[CDATA\[).*?(?=\]\]>)/.exec(answer) ?? [];
    expect(title).toBe(
      format.name === "atom"
        ? "x: Warning: a &amp;amp; b &amp;lt; c &amp; d ]]&gt; e &lt; f"
        : "x: Warning: a &amp; b &lt; c & d ]] > e < f",
    );
  });
});
