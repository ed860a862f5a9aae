import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { pageScript, scriptPolicy } from "../../../src/page/script/page-script.ts";
import { readWellFormed } from "../../support/well-formed.ts";

const element = pageScript("?format=events", 15).toString();

describe("the script of a page", () => {
  it("is under 3 KB, and the same text in HTML and in XML", () => {
    expect(Buffer.byteLength(element)).toBeLessThan(3072);
    const [, text = ""] = /^<script [^>]*>([\s\S]*)<\/script>$/.exec(element) ?? [];
    expect(text).not.toMatch(/[<&]|\]\]>/);
    readWellFormed(element);
  });

  it("is allowed by its hash, and may ask its own server only", () => {
    const [, text = ""] = /^<script [^>]*>([\s\S]*)<\/script>$/.exec(element) ?? [];
    const hash = createHash("sha256").update(text).digest("base64");
    expect(scriptPolicy).toEqual([`script-src 'sha256-${hash}'`, "connect-src 'self'"]);
  });

  it("is told which events to follow, if there are any, and how often to look", () => {
    expect(element).toContain('<script data-events="?format=events" data-refresh="15">');
    expect(pageScript(undefined, 60).toString()).toContain('<script data-refresh="60">');
  });
});
