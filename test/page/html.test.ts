import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Report } from "../../src/health/report.ts";
import { states } from "../../src/health/state.ts";
import { formats } from "../../src/server/formats.ts";
import { contextOf, describeFormat } from "../support/describe-format.ts";
import { everyState, hostile, manyChecks, sampleCheck, sampleReport } from "../support/sample-reports.ts";
import { readWellFormed } from "../support/well-formed.ts";

const [html, ...alternatives] = formats.filter(({ isByQueryOnly = false }) => !isByQueryOnly);
if (html === undefined) throw new Error("there are no formats");

function render(report: Report, linkPrefix?: string): string {
  const context = contextOf(report, html?.offers[0] ?? { mediaType: "", contentType: "" });
  return html?.render(report, linkPrefix === undefined ? context : { ...context, linkPrefix }) ?? "";
}

function titleOf(report: Report): string | undefined {
  return /<title>(.*)<\/title>/.exec(render(report))?.[1];
}

function linksOf(page: string): readonly (string | undefined)[] {
  return [...page.matchAll(/<a [^>]*href="([^"]*)"/g)].map(([, address]) => address);
}

describe("html", () => {
  describeFormat(html, { extension: "html", read: readWellFormed, charactersPerCheck: 1000 });

  it("comes first, so that it wins ties", () => {
    expect(html.name).toBe("html");
  });

  it.each([
    ["✓ All 2 checks pass · shop", "healthy", "fail"],
    ["✗ 1 of 2 checks warns · shop", "degraded", "fail"],
    ["⚠ All 2 checks pass, 1 of them with a warning · shop", "degraded", "pass"],
    ["✗ 1 of 2 checks fails · shop", "unhealthy", "pass"],
    ["✗ 1 of 2 checks is in an unknown state · shop", "unknown", "pass"],
    ["✗ 1 of 2 checks was skipped · shop", "skipped", "pass"],
  ] as const)("is titled %s when a check is %s and degraded would %s", (title, state, degraded) => {
    expect(titleOf(sampleReport([sampleCheck("one", { state }), sampleCheck("other")], { degraded }))).toBe(title);
  });

  it.each([
    ["– This endpoint has no checks · shop", []],
    ["✓ The only check passes · shop", ["healthy"]],
    ["✗ The only check was skipped · shop", ["skipped"]],
    ["✗ All 3 checks fail · shop", ["unhealthy", "unhealthy", "unhealthy"]],
    ["✗ 1 of 3 checks warns, 1 is in an unknown state · shop", ["healthy", "unknown", "degraded"]],
  ] as const)("is titled %s for checks that are %j", (title, present) => {
    expect(titleOf(sampleReport(present.map((state, index) => sampleCheck(`${index}`, { state }))))).toBe(title);
  });

  it("counts with separators", () => {
    expect(titleOf(manyChecks(1250))).toBe("✗ 25 of 1,250 checks fail · shop");
  });

  it.each([
    ["✓ disk is healthy · shop", "healthy", "fail"],
    ["⚠ disk is degraded · shop", "degraded", "pass"],
    ["✗ disk is degraded · shop", "degraded", "fail"],
    ["✗ disk is unhealthy · shop", "unhealthy", "fail"],
    ["✗ disk is in an unknown state · shop", "unknown", "fail"],
    ["✗ disk was skipped · shop", "skipped", "fail"],
  ] as const)("is titled %s on the page of a check that is %s", (title, state, degraded) => {
    const checks = [sampleCheck("disk", { state })];
    expect(titleOf(sampleReport(checks, { path: "/health/disk/", degraded }))).toBe(title);
  });

  it("names each state in words, not by colour alone", () => {
    const text = readWellFormed(render(everyState));
    for (const state of states) expect(text.toLowerCase()).toContain(state);
    for (const word of ["Healthy", "Degraded", "Unhealthy", "Unknown", "Skipped"]) expect(text).toContain(word);
  });

  it("shows what went wrong, for how long, what 95 % of the runs took, and the last success", () => {
    const text = readWellFormed(render(everyState)).replaceAll(/\s+/g, " ");
    expect(text).toMatch(
      /Unhealthy: cache 8\.88 ms 7 min Unavailable: connection refused by 10\.0\.3\.7:6379 28 consecutive failures · last success 7 min 15 s ago · trace/,
    );
    expect(render(everyState)).toContain(
      '<time datetime="2026-03-14T15:02:26.535Z" title="14 Mar 2026, 15:02:26 UTC">7 min</time>',
    );
  });

  it("shows failing checks first, most urgent first, and otherwise keeps the endpoint's order", () => {
    const names = [...render(everyState).matchAll(/<th scope="row".*?<a class="name" href="([^"]+)\/"/g)];
    expect(names.map(([, name]) => name)).toEqual(["cache", "disk", "search", "orders", "database", "payments"]);
  });

  it("shows recent changes, except that checks are healthy at the start", () => {
    const [, changes = ""] = render(everyState).split("Recent changes");
    const text = readWellFormed(
      `<div>${changes.slice(changes.indexOf("</h2>") + 5, changes.indexOf("</section>"))}</div>`,
    );
    expect(text.replaceAll(/\s+/g, " ")).toMatch(
      /Healthy payments after 3 min: Unavailable: connection refused by 10\.0\.3\.7:6379 2 h ago/,
    );
    expect(text).not.toContain("database");
    expect(readWellFormed(render(sampleReport([sampleCheck("disk")])))).toContain("No changes since the start.");
  });

  it("shows the ten newest changes of many", () => {
    const many = Array.from({ length: 12 }, (_, index) => {
      return sampleCheck(`check-${index}`, { state: "unhealthy", lasting: (index + 1) * 60_000 });
    });
    const [, changes = ""] = render(sampleReport(many)).split("Recent changes");
    const names = [...changes.matchAll(/<bdi>([^<]+)<\/bdi>/g)].map(([, name]) => name);
    expect(names).toEqual(many.slice(0, 10).map(({ check }) => check.name));
  });

  it("lists the checks of each state under a heading of their own, with their number", () => {
    const headings = [...render(everyState).matchAll(/<h2>(\w+) <span class="count">(\d+)</g)].map(
      ([, ...said]) => said,
    );
    expect(headings).toEqual([
      ["Failing", "1"],
      ["Warnings", "1"],
      ["Unknown", "1"],
      ["Skipped", "1"],
      ["Healthy", "2"],
    ]);
  });

  it("bears the state of what does not pass, not of warnings that do", () => {
    const checks = [sampleCheck("disk", { state: "degraded" }), sampleCheck("search", { state: "unknown" })];
    expect(render(sampleReport(checks, { degraded: "pass" }))).toContain('<section class="verdict unknown">');
    expect(render(sampleReport(checks))).toContain('<section class="verdict degraded">');
  });

  it("counts consecutive failures from the second on", () => {
    const failing = (lasting: number) =>
      readWellFormed(render(sampleReport([sampleCheck("a", { state: "unhealthy", lasting })])));
    expect(failing(15_000)).not.toContain("consecutive");
    expect(failing(30_000)).toContain("2 consecutive failures");
  });

  it("links to each check's page, and to the other formats", () => {
    const links = linksOf(render(everyState));
    for (const { check } of everyState.checks) expect(links).toContain(`${check.name}/`);
    expect(links.slice(-alternatives.length)).toEqual(alternatives.map(({ name }) => `?format=${name}`));
    expect(alternatives.map(({ name }) => name)).toEqual(["json", "text", "health", "atom", "rss", "openmetrics"]);
  });

  it("links to the trace of the last run when traces.url is set", () => {
    const cache = everyState.checks.filter(({ check }) => check.name === "cache");
    const links = (traceUrl: string) => linksOf(render(sampleReport(cache, { path: "/health/cache/", traceUrl })));
    const address = "https://traces.example/4bf92f3577b34da6a3ce929d0e0e4736?a=b&amp;c=d";
    expect(links("https://traces.example/{traceId}?a=b&c=d")).toContain(address);
    expect(links("").join(" ")).not.toContain("4bf92f3577b34da6a3ce929d0e0e4736");
  });

  it("lets feed readers find the feeds", () => {
    expect(render(everyState)).toContain(
      '<link rel="alternate" type="application/atom+xml" title="Atom" href="?format=atom"/>',
    );
  });

  it("has links that work for any name, and without a trailing slash", () => {
    const names = ["a b", "ü", "what?", "a#b", "100%", "javascript:alert(1)", "&amp;"];
    const report = sampleReport(names.map((name) => sampleCheck(name)));
    const resolved = (page: string, base: string) =>
      linksOf(page)
        .slice(0, names.length)
        .map((link) => new URL(link?.replaceAll("&amp;", "&") ?? "", base).href);
    const expected = names.map((name) => `https://shop.example/health/${encodeURIComponent(name)}/`);
    expect(resolved(render(report), "https://shop.example/health/")).toEqual(expected);
    expect(resolved(render(report, "health/"), "https://shop.example/health")).toEqual(expected);
  });

  it("links from a check's page back to the endpoint, with and without a trailing slash", () => {
    const report = sampleReport([sampleCheck("disk")], { path: "/health/disk/" });
    for (const [prefix, address] of [
      ["", "/health/disk/"],
      ["disk/", "/health/disk"],
    ] as const) {
      const [up = ""] = linksOf(render(report, prefix));
      expect(new URL(up, `https://shop.example${address}`).pathname).toBe("/health/");
    }
  });

  it("shows everything about a check on its own page", () => {
    const cache = everyState.checks.filter(({ check }) => check.name === "cache");
    const page = render(sampleReport(cache, { path: "/health/cache/" }));
    const text = readWellFormed(page).replaceAll(/\s+/g, " ");
    for (const part of [
      "cache is unhealthy Unavailable: connection refused by 10.0.3.7:6379 Since 14 Mar 2026, 15:02:26 UTC (7 min ago)",
      "Type redis url redis://cache:6379/0 Last run 4 s ago Duration 4.2 ms Reason connection_refused",
      "Consecutive failures 28 Last success 14 Mar 2026, 15:02:11 UTC",
      "Trace of the last run 4bf92f3577b34da6a3ce929d0e0e4736",
      "Unhealthy Unavailable: connection refused by 10.0.3.7:6379 7 min 7 min ago Healthy OK 23 h 53 min 1 d ago",
      "Up to Share Runs 1 ms 250 5 ms 3,750 10 ms 1,000 25 ms",
      "2.5 s 22 failed",
    ]) {
      expect(text).toContain(part);
    }
  });

  it("shows what a check measured on its own page, as people read it", () => {
    const page = (report: Report) => readWellFormed(render(report)).replaceAll(/\s+/g, " ");
    const disk = everyState.checks.filter(({ check }) => check.name === "disk");
    const text = page(sampleReport(disk, { path: "/health/disk/" }));
    expect(text).toContain("Measured values Measure Last value usage 93.13 % available 5.5 GiB Changes");
    const cache = everyState.checks.filter(({ check }) => check.name === "cache");
    expect(page(sampleReport(cache, { path: "/health/cache/" }))).not.toContain("Measured");
    expect(page(sampleReport(disk))).not.toContain("Measured");
  });

  it("shows that a check has not run yet", () => {
    const checks = [sampleCheck("new", { state: "unknown", hasRun: false })];
    const text = readWellFormed(render(sampleReport(checks, { path: "/health/new/" }))).replaceAll(/\s+/g, " ");
    expect(text).toContain("Last run none yet");
    expect(text).toContain("Last success never");
    expect(text).toContain("No changes have been recorded.");
    expect(text).not.toContain("How long runs take");
  });

  it("reloads itself, and loads nothing else", () => {
    const page = render(everyState);
    expect(page).toContain('<noscript><meta http-equiv="refresh" content="15"/></noscript>');
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page).toContain('<script data-events="?format=events" data-refresh="15">(');
    expect(page.replace(/<script[\s\S]*<\/script>/, "")).not.toMatch(
      /<iframe|<img|<object|<embed|<form|@import|url\(| on\w+="| style="/i,
    );
    for (const [, address = ""] of page.matchAll(/<(?!a )[^>]* (?:src|href)="([^"]*)"/g)) {
      expect(address).toMatch(/^(?:#|\?format=|data:image\/svg\+xml,)/);
    }
  });

  it("marks its tables as tables, for browsers that forget it when cells are displayed as blocks", () => {
    const page = render(everyState);
    for (const [tag, role] of Object.entries({
      table: "table",
      "t(?:head|body)": "rowgroup",
      tr: "row",
      td: "cell",
      th: "(?:columnheader|rowheader)",
    })) {
      expect(page).toMatch(new RegExp(`<${tag} [^>]*role="${role}"`));
      expect(page).not.toMatch(new RegExp(`<${tag}(?=[ >])(?![^>]*role="${role}")`));
    }
  });

  it("shows the state in the tab", () => {
    const icon = (report: Report) => decodeURIComponent(/rel="icon" href="([^"]*)"/.exec(render(report))?.[1] ?? "");
    const icons = states.map((state) => icon(sampleReport([sampleCheck("one", { state })])));
    expect(new Set(icons).size).toBe(states.length);
    for (const each of icons) readWellFormed(each.replace("data:image/svg+xml,", ""));
  });

  it("has a content security policy that allows its own style and script and nothing else", () => {
    const [, styleSheet = ""] = /<style>([\s\S]*?)<\/style>/.exec(render(hostile)) ?? [];
    const [, script = ""] = /<script[^>]*>([\s\S]*?)<\/script>/.exec(render(hostile)) ?? [];
    const hashOf = (text: string): string => createHash("sha256").update(text).digest("base64");
    expect(html.headers?.["Content-Security-Policy"]).toBe(
      `default-src 'none'; style-src 'sha256-${hashOf(styleSheet)}'; script-src 'sha256-${hashOf(script)}'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`,
    );
  });

  it("inserts a check's text only as text and in quoted attributes", () => {
    const without = render(
      sampleReport(hostile.checks.map((check) => ({ ...check, check: { ...check.check, name: "x" } }))),
    );
    const tags = (page: string) => new Set([...page.matchAll(/<\/?[\w!-]+/g)].map(([tag]) => tag));
    expect(tags(render(hostile))).toEqual(tags(without));
    expect(render(hostile).match(/<script/g)).toHaveLength(1);
    expect(tags(render(hostile))).not.toContain("<img");
  });
});
