import { describe, expect, it } from "vitest";
import { type Fragment, markup } from "../../src/formats/markup.ts";
import { hostileTexts } from "../support/sample-reports.ts";
import { readWellFormed } from "../support/well-formed.ts";

describe("markup", () => {
  it.each<[Fragment, string]>([
    [`<b> & "quotes" 'apostrophes'`, "&lt;b&gt; &amp; &quot;quotes&quot; &#39;apostrophes&#39;"],
    ["&amp;", "&amp;amp;"],
    ["line\nfeed \u0000 \u202e", "line\uFFFDfeed \uFFFD \uFFFD"],
    [12.5, "12.5"],
    [0, "0"],
    [undefined, ""],
    [false, ""],
    ["", ""],
    [markup`<b>${"<"}</b>`, "<b>&lt;</b>"],
    [[markup`<i>1</i>`, "<", [2, undefined, ">"]], "<i>1</i>&lt;2&gt;"],
  ])("puts %j into a document as %s", (fragment, text) => {
    expect(markup`${fragment}`.toString()).toBe(text);
    expect(markup`before ${fragment} after`.toString()).toBe(`before ${text} after`);
  });

  it("keeps literal parts unchanged", () => {
    expect(markup`<p title="${`"`}">&amp;\n</p>`.toString()).toBe('<p title="&quot;">&amp;\n</p>');
  });

  it("escapes text in tags and attributes", () => {
    for (const text of hostileTexts) {
      expect(readWellFormed(markup`<p title="${text}">${text}</p>`.toString()).length).toBeGreaterThanOrEqual(
        text.length,
      );
    }
  });
});
