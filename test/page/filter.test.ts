import { describe, expect, it } from "vitest";
import {
  filtered,
  filterForm,
  filterNote,
  isFiltering,
  readPageQuery,
  spanLinks,
  spanOf,
} from "../../src/page/filter.ts";
import { hostileTexts, sampleCheck } from "../support/sample-reports.ts";

const read = (query: string) => readPageQuery(new URLSearchParams(query));

const checks = [
  sampleCheck("Database", { type: "postgres", group: ["shop", "storage"], tags: ["prod", "eu"] }),
  sampleCheck("cache", { type: "redis", state: "unhealthy", group: ["shop"], labels: { url: "redis://cache:6379/0" } }),
  sampleCheck("shopping", { group: ["shopping"], tags: ["prod"] }),
  sampleCheck("mail", { state: "unhealthy", maintenance: "Move" }),
];
const namesFor = (query: string) => filtered(checks, read(query)).map(({ check }) => check.name);

describe("readPageQuery", () => {
  it("reads what the page heeds, always in the same order", () => {
    const whole = { span: "7d", q: "cache", state: "unhealthy", group: "shop/payments", tag: "prod" };
    expect(read("tag=prod&group=shop/payments&state=unhealthy&q=+cache+&span=7d")).toEqual(whole);
    expect(Object.keys(read("tag=prod&q=cache&span=7d"))).toEqual(["span", "q", "tag"]);
  });

  it("leaves out what means nothing, and what is shown anyway", () => {
    const nothing = [
      "",
      "span=24h",
      "span=1y",
      "span=",
      "q=",
      "q=%20",
      "state=bad",
      "tag=a%20b",
      "group=",
      "x=y",
      "%",
      "q",
    ];
    for (const query of nothing) expect(read(query)).toEqual({});
    expect(read(`group=${"x".repeat(511)}`)).toEqual({});
  });

  it("cuts a text that is longer than any name, between characters", () => {
    expect(read(`q=${"x".repeat(5000)}`).q).toHaveLength(100);
    expect(read(`q=${"👩".repeat(200)}`).q).toBe("👩".repeat(100));
  });

  it("takes whatever is written into a query", () => {
    for (const text of hostileTexts) {
      const query = new URLSearchParams({ q: text, span: text, state: text, group: text, tag: text });
      expect(() => filtered(checks, readPageQuery(query))).not.toThrow();
    }
  });

  it("has a span whatever the query", () => {
    expect(spanOf(read("span=90d"))).toBe("90d");
    expect(spanOf(read("span=nonsense"))).toBe("24h");
    expect(spanOf({ span: "nonsense" })).toBe("24h");
  });
});

describe("filtered", () => {
  it("finds a text in name, type, labels, groups and tags, whatever its case", () => {
    expect(namesFor("q=DATA")).toEqual(["Database"]);
    expect(namesFor("q=redis")).toEqual(["cache"]);
    expect(namesFor("q=6379")).toEqual(["cache"]);
    expect(namesFor("q=storage")).toEqual(["Database"]);
    expect(namesFor("q=nothing")).toEqual([]);
  });

  it("finds states, of which maintenance is one", () => {
    expect(namesFor("state=unhealthy")).toEqual(["cache"]);
    expect(namesFor("state=maintenance")).toEqual(["mail"]);
  });

  it("finds a group with the groups within it, and no group whose name only begins alike", () => {
    expect(namesFor("group=shop")).toEqual(["Database", "cache"]);
    expect(namesFor("group=shop/storage")).toEqual(["Database"]);
  });

  it("finds a tag, and what all conditions hold for", () => {
    expect(namesFor("tag=prod")).toEqual(["Database", "shopping"]);
    expect(namesFor("tag=prod&q=shop&group=shopping")).toEqual(["shopping"]);
  });

  it("is everything when nothing is asked for", () => {
    expect(filtered(checks, read("span=7d"))).toBe(checks);
    expect(isFiltering(read("span=7d"))).toBe(false);
  });
});

describe("filterForm", () => {
  it("offers the states, groups and tags that there are", () => {
    const form = String(filterForm(checks, {}));
    const options = [...form.matchAll(/<option value="([^"]*)"/g)].map(([, value]) => value);
    expect(options).toEqual([
      ...["", "unhealthy", "healthy", "maintenance"],
      ...["", "shop", "shop/storage", "shopping"],
      ...["", "eu", "prod"],
    ]);
  });

  it("keeps what was asked for, the span too", () => {
    const form = String(filterForm(checks, read("span=7d&q=a%22b&state=degraded&tag=gone")));
    expect(form).toContain('<input type="hidden" name="span" value="7d"/>');
    expect(form).toContain('name="q" value="a&quot;b"');
    expect(form).toContain('<option value="degraded" selected="selected">');
    expect(form).toContain('<option value="gone" selected="selected">');
  });

  it("is absent where there is little to filter, unless something is filtered", () => {
    const few = [sampleCheck("a"), sampleCheck("b")];
    expect(filterForm(few, {})).toBeUndefined();
    expect(filterForm(few, read("q=a"))).toBeDefined();
    expect(
      filterForm(
        Array.from({ length: 13 }, (_, index) => sampleCheck(`${index}`)),
        {},
      ),
    ).toBeDefined();
  });
});

describe("filterNote", () => {
  it("says what is shown, what is filtered out, and how to see all", () => {
    const note = String(filterNote(3, 1200, read("q=x&state=unhealthy&span=7d"))).replaceAll(/<bdi>|<\/bdi>/g, "");
    expect(note).toContain("Shown are 3 of 1,200 checks: “x”, state unhealthy. 1,197 are filtered out.");
    expect(note).toContain('<a href="?span=7d">Show all</a>');
    expect(filterNote(3, 3, {})).toBeUndefined();
  });
});

describe("spanLinks", () => {
  it("keeps the filter, and marks what is shown", () => {
    const links = [...String(spanLinks(read("q=a&span=7d"))).matchAll(/href="([^"]*)"( aria-current="true")?/g)];
    expect(links.map(([, address]) => address)).toEqual([
      "?q=a",
      "?q=a&amp;span=7d",
      "?q=a&amp;span=30d",
      "?q=a&amp;span=90d",
    ]);
    expect(links.map(([, , current]) => current !== undefined)).toEqual([false, true, false, false]);
  });
});
