import { describe, expect, it } from "vitest";
import { pageHeaders } from "../../src/page/document.ts";
import { type Index, indexPage } from "../../src/page/index-page.ts";
import { contentSecurityPolicy } from "../../src/page/style.ts";
import type { Verdict } from "../../src/page/verdict.ts";
import { hostileTexts } from "../support/sample-reports.ts";
import { readWellFormed } from "../support/well-formed.ts";

const passing: Verdict = { state: "healthy", sign: "✓", sentence: "All 2 checks pass" };
const warning: Verdict = { state: "degraded", sign: "⚠", sentence: "The only check passes, with a warning" };
const failing: Verdict = { state: "unhealthy", sign: "✗", sentence: "1 of 2 checks fails" };
const notRun: Verdict = { state: "unknown", sign: "✗", sentence: "The only check is in an unknown state" };
const skipped: Verdict = { state: "skipped", sign: "✗", sentence: "The only check was skipped" };
const warned: Verdict = { state: "degraded", sign: "✗", sentence: "The only check warns" };

function pageOf(verdicts: readonly (Verdict | undefined)[], parts: Partial<Index> = {}): string {
  const endpoints = verdicts.map((verdict, index) => ({ path: `/health/${index}/`, checks: index + 1, verdict }));
  const others = [{ path: "/metrics", description: "all metrics" }];
  return indexPage({ title: "shop", endpoints, others, createdAt: Date.UTC(2026, 2, 14), ...parts }).toString();
}

const headingOf = (page: string) => /<h1>(.*)<\/h1>/.exec(page)?.[1];

describe("indexPage", () => {
  it.each([
    ["✓", "The endpoint passes", [passing]],
    ["✓", "All 2 endpoints pass", [passing, passing]],
    ["✓", "The endpoint passes", [passing, undefined]],
    ["⚠", "The endpoint passes, with a warning", [warning]],
    ["⚠", "All 3 endpoints pass, 2 of them with a warning", [passing, warning, warning]],
    ["✗", "The endpoint fails", [failing]],
    ["✗", "1 of 2 endpoints fails", [passing, failing]],
    ["✗", "All 2 endpoints fail", [failing, failing]],
    ["✗", "1 of 3 endpoints fails, 1 is in an unknown state", [failing, warning, notRun]],
    [
      "✗",
      "1 of 4 endpoints fails, 1 warns, 1 is in an unknown state, 1 has skipped checks",
      [skipped, notRun, warned, failing],
    ],
    ["✗", "All 2 endpoints are in an unknown state", [notRun, notRun]],
    ["✗", "The endpoint warns", [warned]],
    ["✗", "All 2 endpoints have skipped checks", [skipped, skipped]],
    ["–", "Every endpoint asks for credentials", [undefined, undefined]],
    ["–", "There are no endpoints", []],
  ])("says %s %s", (sign, sentence, verdicts) => {
    const page = pageOf(verdicts);
    expect(headingOf(page)).toBe(sentence);
    expect(page).toContain(`<title>${sign} ${sentence} · shop</title>`);
  });

  it("bears the colour of what is worst", () => {
    expect(pageOf([passing, notRun, failing])).toContain('<section class="verdict unhealthy">');
    expect(pageOf([passing, notRun, warning])).toContain('<section class="verdict unknown">');
    expect(pageOf([passing, warning])).toContain('<section class="verdict degraded">');
    expect(pageOf([undefined])).toContain('<section class="verdict unknown">');
  });

  it("shows each endpoint with its state, and that of none that asks for credentials", () => {
    const text = readWellFormed(pageOf([passing, failing, undefined])).replaceAll(/\s+/g, " ");
    expect(text).toContain("Healthy /health/0/ 1 check ");
    expect(text).toContain("Unhealthy /health/1/ 2 checks 1 of 2 checks fails");
    expect(text).toContain("Not shown /health/2/ Asks for credentials");
    expect(text).toContain("1 more asks for credentials.");
    expect(text).toContain("/metrics all metrics");
  });

  it("links to everything below its own address", () => {
    const links = [...pageOf([passing, undefined]).matchAll(/<a [^>]*href="([^"]*)"/g)].map(([, href]) => href);
    expect(links).toEqual(["./health/0/", "./health/1/", "./metrics"]);
  });

  it("has the style and the policy of the other pages, and no resource from elsewhere", () => {
    expect(pageHeaders()["Content-Security-Policy"]).toBe(contentSecurityPolicy([]));
    expect(pageOf([passing])).toContain("<style>");
    expect(pageOf([passing])).toContain('<script data-refresh="15">(');
    expect(pageOf([passing])).not.toMatch(/<img|(?:src|href)="(?!\.\/|#|data:)/);
  });

  it.each(hostileTexts)("is well-formed with the title %j", (title) => {
    expect(() => readWellFormed(pageOf([passing, undefined], { title }))).not.toThrow();
  });
});
