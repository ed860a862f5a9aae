import { describe, expect, it } from "vitest";
import type { Report } from "../../../src/health/report.ts";
import { formats } from "../../../src/server/formats.ts";
import { livedHistory, livedReport, renderWithPast } from "../../support/lived-reports.ts";
import { hostileTexts, sampleCheck, sampleReport, sampleTime } from "../../support/sample-reports.ts";
import { readWellFormed } from "../../support/well-formed.ts";

const [html] = formats;
if (html === undefined) throw new Error("there are no formats");

async function pageOf(report: Report, query = ""): Promise<string> {
  const page = await renderWithPast(html as NonNullable<typeof html>, report, query); // As was seen above.
  readWellFormed(page);
  return page;
}

describe("the page of a check", () => {
  it("shows the chart first, then what was measured, the bars, incidents, changes and facts", async () => {
    const page = await pageOf(livedReport("mail"));
    const headings = [...page.matchAll(/<h2>([^<]*)<\/h2>/g)].map(([, heading]) => heading);
    expect(headings).toEqual([
      "Response times",
      "Certificate",
      "Measured values",
      "Uptime",
      "Incidents",
      "Changes",
      "Details",
      "Run durations",
    ]);
  });

  it("shows what it measured in the span that is asked for", async () => {
    expect(await pageOf(livedReport("mail"))).toContain("queue in the last 24 hours: 0 messages to 1,000 messages");
    expect(await pageOf(livedReport("mail"), "span=7d")).toContain(
      "queue in the last 7 days: 0 messages to 1,000 messages",
    );
    expect(await pageOf({ ...livedReport("mail"), past: undefined })).not.toContain("queue in the last");
  });

  it("shows the span that is asked for, and a day otherwise", async () => {
    expect(await pageOf(livedReport("mail"))).toContain("Response times of the last 24 hours");
    expect(await pageOf(livedReport("mail"), "span=30d")).toContain("Response times of the last 30 days");
    expect(await pageOf(livedReport("mail"), "span=1y")).toContain("Response times of the last 24 hours");
  });

  it.each([
    [23.4 * 86_400_000, "Expires in 23 days"],
    [3_600_000, "Expires in 1 h"],
    [-3 * 86_400_000, "Expired 3 days ago"],
  ])("says when the certificate ends: %d", async (milliseconds, words) => {
    const check = { ...sampleCheck("mail"), certificateExpiresAt: sampleTime + milliseconds };
    expect(await pageOf(sampleReport([check], { path: "/health/mail/" }))).toContain(words);
  });

  it("shows the uptime of each window with what is known of it", async () => {
    const page = await pageOf(livedReport("cache"));
    expect(page).toMatch(/24 hours<\/dt><dd><span class="figure">79\.16 %<\/span> <span class="muted">of 1 d known/);
    expect(page).toContain("of 6.8 days known");
    expect(page).toContain("Last 90 days: ");
  });

  it("folds incidents that follow each other, each with a link that stays", async () => {
    const page = await pageOf(livedReport("mail"));
    expect(page).toContain("<summary>20 times in 24 min</summary>");
    expect(page.match(/id="incident-mail-\d+"/g)).toHaveLength(21);
    const [first] = livedHistory === undefined ? [] : await livedHistory.incidents({ checks: ["mail"], limit: 1 });
    expect(page).toContain(`href="../incidents/?before=${(first?.startedAt ?? 0) + 1}#incident-`);
    expect(page).toContain("connection_refused");
    expect(page).toContain('href="https://traces.example/4bf92f3577b34da6a3ce929d0e0e4736"');
  });

  it("shows its group, tags and interval", async () => {
    const page = await pageOf(livedReport("mail"));
    for (const fact of ["<bdi>shop / storage</bdi>", "eu, core", "15 s"]) expect(page).toContain(`<dd>${fact}</dd>`);
  });

  it("leaves out what is not known without history", async () => {
    const page = await pageOf({ ...livedReport("cache"), past: undefined });
    for (const heading of ["Response times", "Uptime", "Incidents"]) expect(page).not.toContain(`<h2>${heading}</h2>`);
    expect(page).toContain("<h2>Changes</h2>");
  });

  it("is well-formed whatever its name, its labels and its tags hold", async () => {
    for (const text of hostileTexts) {
      const check = sampleCheck(text, { state: "unhealthy", message: text, labels: { text } });
      const path = `/health/${encodeURIComponent(text.toWellFormed())}/`;
      await pageOf(sampleReport([{ ...check, check: { ...check.check, group: [text], tags: [text] } }], { path }));
    }
  });
});
