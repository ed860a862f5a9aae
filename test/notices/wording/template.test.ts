import { describe, expect, it } from "vitest";
import { fillTemplate, templateIssue, templateVariables } from "../../../src/notices/wording/template.ts";
import { messageOf, noticeOf } from "../../support/sample-notices.ts";

const hostile = noticeOf({ message: 'a "quoted" \\ <b> & line\nbreak' });
const fill = (template: string, mediaType: string) => fillTemplate(template, messageOf(hostile), hostile, mediaType);

describe("a body of one's own", () => {
  it("has every variable, in JSON as a text between quotes", () => {
    const template = `{${templateVariables.map((name) => `"${name}":"{{ ${name} }}"`).join(",")}}`;
    const filled = JSON.parse(fill(template, "application/json; charset=utf-8")) as Record<string, string>;
    expect(filled).toMatchObject({
      check: "orders",
      state: "unhealthy",
      title: "orders is unhealthy",
      group: "shop/payments",
      message: hostile.message,
      outage: "1 h 30 min",
      outageSeconds: "5400",
      service: "shop",
    });
    expect(Object.values(filled).filter((value) => value.includes("{{"))).toEqual([]);
  });

  it("is escaped as its media type needs it", () => {
    expect(fill("{{message}}", "application/x-www-form-urlencoded")).toBe(encodeURIComponent(hostile.message));
    expect(fill("<p>{{message}}</p>", "text/html")).toContain("&quot;quoted&quot; \\ &lt;b&gt; &amp; line");
    expect(fill("{{message}}", "text/plain")).toBe(hostile.message);
  });

  it("is refused with a variable that does not exist", () => {
    expect(templateIssue("{{check}} {{chekc}}")).toMatch(
      /^has the unknown variable \{\{chekc\}\}\. Known variables: id, key/,
    );
    expect(templateIssue("{{check}} { } {{ state }}")).toBeUndefined();
    expect(templateIssue("{{constructor}}")).toBeDefined();
  });

  it("does not read what it fills in as a template", () => {
    const notice = noticeOf({ message: "{{check}}" });
    expect(fillTemplate("{{message}}", messageOf(notice), notice, "text/plain")).toBe("{{check}}");
  });
});
