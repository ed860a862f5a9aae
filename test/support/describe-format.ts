import { describe, expect, it } from "vitest";
import type { Format, RenderContext } from "../../src/formats/format.ts";
import type { Report } from "../../src/health/report.ts";
import { everyState, hostile, hostileTexts, manyChecks, sampleCheck, sampleReport } from "./sample-reports.ts";

/** What the contract needs to know of a format. */
export interface FormatContract {
  /** How the name of its golden file ends, such as `json`. */
  readonly extension: string;
  /**
   * Reads an answer with a parser that did not write it, throws when it is not well-formed, and returns the texts that
   * a reader gets to see; the names of the failing checks must be among them.
   */
  readonly read: (answer: string) => string | Promise<string>;
  /** The most characters that one check more may add. */
  readonly charactersPerCheck: number;
  /** The most characters of an answer however many checks there are, when there is such a bound. */
  readonly maxCharacters?: number;
}

/** The contract that every format keeps. */
export function describeFormat(format: Format, { extension, read, ...limits }: FormatContract): void {
  const render = (report: Report, offer = format.offers[0]): string => format.render(report, contextOf(report, offer));

  describe("the contract of every format", () => {
    it("offers media types in lower case, each with a content type of its own", () => {
      for (const { mediaType, parameters = {}, contentType } of format.offers) {
        expect(mediaType).toMatch(/^[a-z]+\/[a-z+-]+$/);
        for (const text of Object.entries(parameters).flat()) expect(text).toBe(text.toLowerCase());
        expect(contentType.startsWith(mediaType)).toBe(true);
        expect(contentType).toContain("charset=utf-8");
      }
      expect(new Set(format.offers.map(({ contentType }) => contentType)).size).toBe(format.offers.length);
    });

    it("says the same as its golden file", async () => {
      await expect(render(everyState)).toMatchFileSnapshot(`../formats/golden/${format.name}.${extension}`);
    });

    it.each(format.offers)("is read by a parser that did not write it: $contentType", async (offer) => {
      const text = await read(render(everyState, offer));
      for (const name of ["disk", "cache"]) expect(text).toContain(name);
    });

    it("is well-formed without checks, and with one", async () => {
      await read(render(sampleReport([])));
      await read(render(sampleReport([sampleCheck("database")])));
      await read(render(sampleReport([sampleCheck("database")], { path: "/health/database/" })));
      await read(render(sampleReport([sampleCheck("database", { state: "unknown", hasRun: false })])));
    });

    it("grows with 1,000 checks no more than it may", async () => {
      const few = render(manyChecks(100)).length;
      const many = render(manyChecks(1000));
      expect(many.length).toBeLessThanOrEqual(few + 900 * limits.charactersPerCheck);
      if (limits.maxCharacters !== undefined) expect(many.length).toBeLessThanOrEqual(limits.maxCharacters);
      await read(many);
    });

    it("is well-formed whatever names, messages, labels and titles hold", async () => {
      await read(render(hostile));
      for (const text of hostileTexts) {
        const check = sampleCheck(text, { state: "unhealthy", message: text, labels: { text } });
        await read(render(sampleReport([check], { path: `/health/${encodeURIComponent(text.toWellFormed())}/` })));
      }
    });

    it("holds no character that a terminal or a parser takes for a command", () => {
      expect(render(hostile)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ud800-\udfff\uffff]/u);
    });

    it("is pure: the same report gives the same text, and stays as it was", () => {
      const report = deepFreeze(structuredClone(everyState));
      const before = structuredClone(report);
      expect(render(report)).toBe(render(report));
      expect(report).toEqual(before);
    });
  });
}

/** What the server passes on for a report. */
export function contextOf({ path }: Report, offer: RenderContext["offer"]): RenderContext {
  return { url: `https://shop.example${path}`, offer };
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null) return value;
  for (const each of value instanceof Map ? value.values() : Object.values(value)) deepFreeze(each);
  return Object.freeze(value);
}
