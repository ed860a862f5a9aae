import { describe, expect, it } from "vitest";
import type { History, Incident } from "../../../src/health/history/history.ts";
import { incidentFormats } from "../../../src/page/incidents/incident-formats.ts";
import { livedHistory, livedReport, renderWithPast } from "../../support/lived-reports.ts";
import { hostileTexts, sampleTime } from "../../support/sample-reports.ts";
import { readWellFormed } from "../../support/well-formed.ts";

const [html, json] = incidentFormats;
if (html === undefined || json === undefined) throw new Error("incidents have no formats");

/** A history of nothing but these incidents. */
function historyOf(incidents: readonly Incident[]): History {
  return {
    ...livedHistory,
    incidents: async ({ before = Number.POSITIVE_INFINITY, limit }) =>
      incidents.filter(({ startedAt }) => startedAt < before).slice(0, limit),
  };
}

/** The newest first, an hour apart from each other unless they are said to begin together. */
function incidents(count: number, hours = 1): readonly Incident[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `${index}`,
    check: `check ${index % 7}`,
    startedAt: sampleTime - index * hours * 3_600_000,
    endedAt: sampleTime - index * hours * 3_600_000 + 1000,
    state: "unhealthy",
    failure: { kind: "Unavailable", message: `message ${index}`, reason: "unavailable" },
    traceId: undefined,
  }));
}

async function page(history: History, query = ""): Promise<string> {
  const rendered = await renderWithPast(html as NonNullable<typeof html>, livedReport(), query, history); // As was seen above.
  readWellFormed(rendered);
  return rendered;
}

const idsIn = (text: string): readonly string[] => [...text.matchAll(/ id="incident-(\d+)"/g)].map(([, id = ""]) => id);

describe("the page of incidents", () => {
  it("has all of them by the day of UTC on which they began, each with its check and a link that stays", async () => {
    const text = await page(livedHistory);
    const days = [...text.matchAll(/<h2>([^<]*)<\/h2>/g)].map(([, day]) => day);
    expect(days).toEqual([
      "Sat, 14 Mar 2026",
      "Thu, 5 Mar 2026",
      "Wed, 25 Feb 2026",
      "Thu, 12 Feb 2026",
      "Fri, 9 Jan 2026",
    ]);
    expect(text).toContain('<a class="name" href="../cache/"><bdi>cache</bdi></a>');
    expect(text).toContain(`href="?before=${sampleTime - 5 * 3_600_000 + 1}#incident-cache-2"`);
    expect(text).toContain("5 h so far");
  });

  it("has pages of a hundred, from the newest to the oldest without a gap", async () => {
    const history = historyOf(incidents(250));
    const seen: string[] = [];
    let query: string | undefined = "";
    while (query !== undefined) {
      const text: string = await page(history, query);
      seen.push(...idsIn(text));
      query = /href="\?(before=\d+)" rel="next"/.exec(text)?.[1];
    }
    expect(seen).toEqual(Array.from({ length: 250 }, (_, index) => String(index)));
  });

  it("keeps those together that began at the same moment", async () => {
    const together = incidents(130).map((one, index) =>
      index < 95 ? one : { ...one, startedAt: sampleTime - 95 * 3_600_000 },
    );
    const first = await page(historyOf(together));
    expect(idsIn(first)).toHaveLength(95);
    const [, next = ""] = /href="\?(before=\d+)" rel="next"/.exec(first) ?? [];
    expect(idsIn(await page(historyOf(together), next))).toHaveLength(35);
  });

  it("begins with the incident that a link of its own names", async () => {
    const history = historyOf(incidents(150));
    const [, address = ""] = /href="\?(before=\d+)#incident-42"/.exec(await page(history)) ?? [];
    expect(idsIn(await page(history, address))[0]).toBe("42");
  });

  it("heeds a moment as ISO 8601 too, and nothing else", async () => {
    const history = historyOf(incidents(5));
    const before = new Date(sampleTime - 2 * 3_600_000).toISOString();
    expect(idsIn(await page(history, `before=${before}`))).toEqual(["3", "4"]);
    for (const wrong of ["yesterday", "-1", "1e3", "99999999999999999999"]) {
      expect(html.readQuery?.(new URLSearchParams({ before: wrong }))).toEqual({});
    }
  });

  it("says how to get a history where there is none, and when it cannot be read", async () => {
    const report = livedReport();
    const without = await renderWithPast(html, { ...report, past: undefined });
    expect(without).toContain("Set <code>store</code> in the configuration");
    const context = { url: "https://shop.example/health/", offer: html.offers[0] };
    expect(html.render(report, context)).toContain("The history cannot be read at the moment.");
    expect(await page(historyOf([]))).toContain("No incidents are known.");
  });

  it("is well-formed whatever names, messages and identifiers hold", async () => {
    const hostile = hostileTexts.map((text, index) => ({
      ...(incidents(1)[0] as Incident), // There is one.
      id: `${index} ${text}`,
      check: text,
      failure: { kind: "Unavailable", message: text, reason: "unavailable" as const },
    }));
    await page(historyOf(hostile));
  });

  it("is an answer of 200 whatever the checks say", () => {
    for (const format of incidentFormats) expect(format.tellsByStatus).toBe(false);
  });
});

describe("the incidents for programs", () => {
  it("have the same fields as other answers, and the moment of the next page", async () => {
    const told = JSON.parse(await renderWithPast(json, livedReport(), "", historyOf(incidents(101))));
    expect(told.isKnown).toBe(true);
    expect(told.incidents).toHaveLength(100);
    expect(told.incidents[0]).toEqual({
      id: "0",
      check: "check 0",
      state: "unhealthy",
      started: new Date(sampleTime).toISOString(),
      ended: new Date(sampleTime + 1000).toISOString(),
      output: "Unavailable: message 0",
      reason: "unavailable",
    });
    expect(told.next).toBe(told.incidents[99].started);
  });

  it("say that nothing is known rather than that nothing happened", async () => {
    const told = await renderWithPast(json, { ...livedReport(), past: undefined });
    expect(JSON.parse(told)).toEqual({ isKnown: false, incidents: [] });
  });
});
