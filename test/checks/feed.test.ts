import { afterEach, describe, expect, it, vi } from "vitest";
import { Feed } from "../../src/checks/feed.ts";
import { describeCheck } from "../support/describe-check.ts";
import { runCheck } from "../support/run-check.ts";
import { startStatusPages } from "../support/status-pages/status-page-server.ts";

type Options = Partial<ConstructorParameters<typeof Feed>[0]>;

const hour = 3_600_000;
const now = Date.parse("2026-03-04T12:00:00Z");

interface Entry {
  readonly title?: string;
  readonly hoursAgo?: number;
  readonly updatedHoursAgo?: number;
  readonly text?: string;
  readonly category?: string;
  readonly link?: string;
}

/** @param hours before the present of the tests */
const ago = (hours: number): Date => new Date(now - hours * hour);

const rssItem = ({ title = "Slow", hoursAgo, text = "We look", category, link = "https://s.example/i" }: Entry) =>
  [
    `<item><title>${title}</title><link>${link}</link><description>${text}</description>`,
    hoursAgo === undefined ? "" : `<pubDate>${ago(hoursAgo).toUTCString()}</pubDate>`,
    category === undefined ? "" : `<category>${category}</category>`,
    "</item>",
  ].join("");

const rss = (...entries: Entry[]) =>
  `<?xml version="1.0"?><rss version="2.0"><channel><title>Status</title><link>https://s.example</link>${entries.map(rssItem).join("")}</channel></rss>`;

const atomEntry = ({ title = "Slow", hoursAgo, updatedHoursAgo = hoursAgo, text = "We look", category }: Entry) =>
  [
    `<entry><title>${title}</title><link rel="self" href="/feed"/><link href="/i"/><content type="html">${text}</content>`,
    hoursAgo === undefined ? "" : `<published>${ago(hoursAgo).toISOString()}</published>`,
    updatedHoursAgo === undefined ? "" : `<updated>${ago(updatedHoursAgo).toISOString()}</updated>`,
    category === undefined ? "" : `<category term="${category}"/>`,
    "</entry>",
  ].join("");

const atom = (...entries: Entry[]) =>
  `<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://s.example/"><title>Status</title>${entries.map(atomEntry).join("")}</feed>`;

/** Runs the check once, of a feed that nobody has asked for before. */
async function found(body: string | Buffer, options: Options = {}) {
  vi.useFakeTimers({ toFake: ["Date"], now });
  await using server = await startStatusPages({ "/feed": body });
  const { state, failure, measures } = await runCheck(new Feed({ url: `${server.origin}/feed`, ...options }));
  const { reason, message, beganAt } = failure ?? {};
  return { state, reason, message: message?.replaceAll(server.origin, "ORIGIN"), beganAt, measures };
}

afterEach(() => void vi.useRealTimers());

describe("Feed", () => {
  describeCheck(Feed, {
    options: { url: "http://127.0.0.1:9/", timeout: "1s" },
    network: (port) => ({ url: `http://127.0.0.1:${port}/` }),
    secrets: (secret, port) => ({ url: `http://user:${secret}@127.0.0.1:${port}/?token=${secret}` }),
  });

  describe.each([
    ["RSS", rss],
    ["Atom", atom],
  ])("of %s", (_, feed) => {
    it("is healthy without entries, and with old ones", async () => {
      expect(await found(feed())).toMatchObject({ state: "healthy", measures: [{ name: "incidents", value: 0 }] });
      expect(await found(feed({ hoursAgo: 8 }, { hoursAgo: 400 }))).toMatchObject({ state: "healthy" });
      expect(await found(feed({ hoursAgo: 2 }), { maxEntryAge: "2h" })).toMatchObject({ state: "healthy" });
    });

    it("warns of young entries, and of those without a date, by title and link", async () => {
      expect(await found(feed({ hoursAgo: 7.9 }, { hoursAgo: 30, title: "Old" }))).toMatchObject({
        state: "degraded",
        reason: "unavailable",
        message: "Slow: https://s.example/i",
        beganAt: now - 7.9 * hour,
        measures: [{ value: 1 }],
      });
      expect(await found(feed({}))).toMatchObject({ state: "degraded", beganAt: undefined });
      expect(await found(feed({ hoursAgo: 30 }), { maxEntryAge: "31h" })).toMatchObject({ state: "degraded" });
    });

    it("does not warn of what is announced", async () => {
      expect(await found(feed({ hoursAgo: -1, title: "Maintenance" }))).toMatchObject({ state: "healthy" });
    });

    it.each([
      { title: "[RESOLVED] Slow" },
      { title: "Slow - Resolved" },
      { text: "This incident has been resolved." },
      { text: "&lt;p&gt;&lt;strong&gt;Completed&lt;/strong&gt; - done&lt;/p&gt;" },
      { text: "Everything is operating normally." },
      { category: "resolved" },
    ])("takes %j for over", async (entry) => {
      expect(await found(feed({ hoursAgo: 1, ...entry }))).toMatchObject({ state: "healthy" });
    });

    it("takes whole words only", async () => {
      expect(await found(feed({ hoursAgo: 1, title: "Unresolved names" }))).toMatchObject({ state: "degraded" });
    });

    it("looks for other words if told to", async () => {
      const entry = { hoursAgo: 1, title: "Behoben: langsam", category: "fsn1-dc14" };
      expect(await found(feed(entry))).toMatchObject({ state: "degraded" });
      expect(await found(feed(entry), { excludes: "behoben" })).toMatchObject({ state: "healthy" });
      const resolved = { hoursAgo: 1, text: "resolved" };
      expect(await found(feed(resolved), { excludes: ["behoben", "erledigt"] })).toMatchObject({ state: "degraded" });
      expect(await found(feed(entry), { contains: ["nbg1", "FSN1"] })).toMatchObject({ state: "degraded" });
      expect(await found(feed(entry), { contains: "fsn" })).toMatchObject({ state: "healthy" });
    });
  });

  it("goes by the update of an entry, and tells when it began", async () => {
    expect(await found(atom({ hoursAgo: 20, updatedHoursAgo: 1 }))).toMatchObject({
      state: "degraded",
      beganAt: now - 20 * hour,
    });
  });

  it("reads other encodings: by the mark, by the declaration, by the header", async () => {
    const title = "Störung in Zürich";
    const named = (encoding: string) => rss({ title }).replace('version="1.0"', `version="1.0" encoding="${encoding}"`);
    for (const body of [
      Buffer.from(`\uFEFF${rss({ title })}`),
      Buffer.from(`\uFEFF${rss({ title })}`, "utf16le"),
      Buffer.from(`\uFEFF${rss({ title })}`, "utf16le").swap16(),
      Buffer.from(named("ISO-8859-1"), "latin1"),
      Buffer.from(named("utf-8")),
    ]) {
      expect(await found(body)).toMatchObject({ message: `${title}: https://s.example/i` });
    }
  });

  const entities = (count: number) =>
    Array.from({ length: count }, (_, index) => `<!ENTITY e${index + 1} "${`&e${index};`.repeat(10)}">`).join("");
  const bombs: readonly (readonly [string, () => string])[] = [
    [
      "a billion laughs",
      () => `<!DOCTYPE l [<!ENTITY e0 "${"ha".repeat(50)}">${entities(9)}]>${rss({ title: "&e9;" })}`,
    ],
    [
      "one long entity many times",
      () => `<!DOCTYPE l [<!ENTITY e "${"e".repeat(9000)}">]>${rss({ title: "&e;".repeat(90_000) })}`,
    ],
    ["an external entity", () => `<!DOCTYPE l [<!ENTITY e SYSTEM "file:///etc/passwd">]>${rss({ title: "&e;" })}`],
    ["thousands of entities", () => `<!DOCTYPE l [${"<!ENTITY e 'x'>".repeat(40_000)}]>${rss()}`],
    ["deep elements", () => `<rss><channel><title>x</title>${"<a>".repeat(40_000)}</rss>`],
    ["too many elements", () => `<rss><channel><title>x</title>${"<a/>".repeat(20_000)}</channel></rss>`],
    ["a long tag", () => `<rss ${"a ".repeat(400_000)}><channel><title>x</title></channel></rss>`],
    ["comments that do not end", () => `<rss>${"<!--".repeat(40_000)}</rss>`],
    ["brackets alone", () => `${"<".repeat(40_000)}</rss>`],
  ];

  it.each(bombs)("is not held up by %s, and never calm about it", async (_, bomb) => {
    const { state, message } = await found(bomb());
    // What the parser leaves as it was written is a title like any other.
    expect([state, message?.includes("passwd")]).not.toContain("healthy");
    expect(message?.length).toBeLessThan(500);
  });

  it("reads a thousand entries without links and categories in no time, of any number", async () => {
    const many = Array.from({ length: 4900 }, () => "<entry><title>Slow</title></entry>").join("");
    expect(await found(atom().replace("</feed>", `${many}</feed>`))).toMatchObject({
      state: "degraded",
      measures: [{ value: 1000 }],
    });
  });

  it("is unhealthy when the feed is longer than 1 MiB", async () => {
    expect(await found(rss({ text: "x".repeat(1024 ** 2) }))).toMatchObject({
      reason: "unexpected_result",
      message: "the answer is longer than 1 MiB",
    });
  });

  it.each([
    ["HTML", "<!doctype html><html><head><title>Status</title></head><body><p>Moved</p></body></html>"],
    ["nothing", ""],
    ["JSON", "{}"],
    ["a feed that is cut off", rss({ hoursAgo: 30 }).slice(0, -8)],
    ["a feed that ends between two entries", rss().replace("</channel></rss>", "")],
    ["a feed without a title", "<rss><channel></channel></rss>"],
    ["an empty element", "<feed/>"],
    ["an RSS without a channel", "<rss><title>x</title></rss>"],
    ["another root", "<html><rss><channel><title>x</title></channel></rss></html>"],
  ])("does not take %s for a feed", async (_, body) => {
    expect(await found(body)).toMatchObject({
      state: "unhealthy",
      reason: "unexpected_result",
      message: "this is no feed (has it moved?)",
    });
  });

  it("asks an address once for all checks that read it as a feed", async () => {
    await using server = await startStatusPages({ "/feed": rss({ hoursAgo: 1 }) });
    vi.useFakeTimers({ toFake: ["Date"], now });
    const url = `${server.origin}/feed`;
    const checks = [new Feed({ url }), new Feed({ url, maxEntryAge: "30m" }), new Feed({ url, contains: "nbg1" })];
    const states = await Promise.all(checks.map(async (check) => (await runCheck(check)).state));
    expect(states).toEqual(["degraded", "healthy", "healthy"]);
    expect(server.statuses).toEqual([200]);
  });

  it("follows the clock with an answer that it has already", async () => {
    await using server = await startStatusPages({ "/feed": rss({ hoursAgo: 8 - 10 / 3600 }) });
    vi.useFakeTimers({ toFake: ["Date"], now });
    const check = new Feed({ url: `${server.origin}/feed` });
    expect(await runCheck(check, { keepOpen: true })).toMatchObject({ state: "degraded" });
    vi.setSystemTime(now + 11_000);
    expect(await runCheck(check)).toMatchObject({ state: "healthy" });
    expect(server.statuses).toEqual([200]);
  });

  it.each([
    [{ url: "ftp://s.example/feed" }, "url"],
    [{ maxEntryAge: "0s" }, "maxEntryAge"],
    [{ contains: [] }, "contains"],
    [{ excludes: "" }, "excludes"],
  ])("refuses %j", (options, message) => {
    expect(() => new Feed({ url: "https://s.example/feed", ...options })).toThrow(message);
  });
});
