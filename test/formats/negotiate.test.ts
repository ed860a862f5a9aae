import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import type { Format, Offer } from "../../src/formats/format.ts";
import { negotiate } from "../../src/formats/negotiate.ts";
import { realHeaders } from "./accept-headers.ts";

/** Formats with the offers of the real ones: which is chosen must not depend on what is in an answer. */
const formats: readonly Format[] = [
  format("html", "text/html", "application/xhtml+xml"),
  format("json", "application/json"),
  format("text", "text/plain"),
  format("health", "application/health+json"),
  format("atom", "application/atom+xml"),
  format("rss", "application/rss+xml"),
  format("openmetrics", "application/openmetrics-text;version=1.0.0", "text/plain;version=0.0.4"),
];

function format(name: string, first: string, ...others: readonly string[]): Format {
  return { name, title: name, offers: [offer(first), ...others.map(offer)], tellsByStatus: true, render: () => "" };
}

function offer(contentType: string): Offer {
  const [mediaType = "", ...parameters] = contentType.split(";");
  return { mediaType, parameters: Object.fromEntries(parameters.map((each) => each.split("="))), contentType };
}

/** The chosen offer as a media type, with the version for Prometheus' text, which shares its type with ours. */
function chosen(accept: string | undefined): string | undefined {
  const choice = negotiate(formats, accept);
  return choice?.offer.contentType.replace(/^(application\/openmetrics-text);.*/, "$1");
}

/** Formats of which it shows whether they are chosen from, rather than a choice remembered. */
function counting() {
  const own = [...formats];
  const map = vi.spyOn(own, "map");
  return { negotiated: (accept: string) => negotiate(own, accept), reads: () => map.mock.calls.length };
}

describe("negotiate", () => {
  describe.each(Object.entries(realHeaders))("%s", (_, headers) => {
    it.each(headers)("$sender", ({ accept, expected }) => {
      expect(chosen(accept)).toBe(expected);
    });
  });

  it("serves XHTML to clients that prefer it", () => {
    expect(chosen("application/xhtml+xml, text/html;q=0.9")).toBe("application/xhtml+xml");
  });

  it("chooses the earlier of two formats with equal quality", () => {
    expect(chosen("application/rss+xml, application/atom+xml")).toBe("application/atom+xml");
    expect(chosen("text/plain, application/json")).toBe("application/json");
  });

  it.each(["text/*;version=9", "*/*;version=9", "text/plain;version=9", "text/*;version=0.0.4"])(
    "takes no range of types for a version: %s",
    (accept) => {
      expect(chosen(accept)).toBeUndefined();
      expect(chosen(`${accept}, application/json;q=0.1`)).toBe("application/json");
    },
  );

  it("chooses the same whether or not the header is cached", () => {
    const headers = Object.values(realHeaders).flat();
    for (let round = 0; round < 3; round += 1) {
      for (let index = 0; index < 500; index += 1) chosen(`application/json;q=0.${index}, text/plain;q=0.5`);
      for (const { accept, expected } of headers) expect(chosen(accept)).toBe(expected);
    }
  });

  it("reads the header of a client that comes again once", () => {
    const { negotiated, reads } = counting();
    for (let time = 0; time < 3; time += 1) expect(negotiated("application/json")?.format.name).toBe("json");
    expect(reads()).toBe(1);
    for (let time = 0; time < 3; time += 1) expect(negotiated("image/png")).toBeUndefined();
    expect(reads()).toBe(2);
  });

  it("remembers no header of any length, with which a client could fill the memory", () => {
    const { negotiated, reads } = counting();
    const long = (length: number) => `application/json;x=${"x".repeat(length - "application/json;x=".length)}`;
    for (let time = 0; time < 3; time += 1) negotiated(long(1001));
    expect(reads()).toBe(3);
    for (let time = 0; time < 3; time += 1) negotiated(long(1000));
    expect(reads()).toBe(4);
  });

  it("forgets headers when there are too many, with which a client could fill the memory", () => {
    const { negotiated, reads } = counting();
    const header = (index: number) => `application/json;q=0.${index}`;
    for (let index = 0; index < 200; index += 1) negotiated(header(index));
    negotiated(header(0));
    expect(reads()).toBe(200);
    negotiated(header(200));
    for (let index = 0; index < 200; index += 1) negotiated(header(index));
    expect(reads()).toBe(401);
  });

  it("keeps the choices between different formats apart", () => {
    expect(negotiate(formats.slice(1), "*/*")?.format.name).toBe("json");
    expect(negotiate(formats, "*/*")?.format.name).toBe("html");
    expect(negotiate([], "*/*")).toBeUndefined();
  });

  it("parses a header in time linear in its length", () => {
    // The processor's time: the clock's would tell how busy the machine is.
    const microseconds = (length: number): number => {
      const before = process.cpuUsage();
      for (const unit of ["text/html,", "a/b;", "q=1;", '"', '"\\', " ", "a/b;c= ", "*", "/", "=", ";", '/;="']) {
        const header = unit.repeat(length / unit.length);
        chosen(header);
        chosen(`a/b;c="${header}`);
        chosen(`a/b;c=${header}x`);
      }
      return process.cpuUsage(before).user;
    };
    const least = (length: number): number => Math.min(...Array.from({ length: 3 }, () => microseconds(length)));
    // 10 times as long: what grows with the square of the length takes 100 times as long.
    expect(least(12_000)).toBeLessThan(40 * least(1_200));
  });
});

describe("negotiate, whatever the header", () => {
  const quality = fc.constantFrom("", ";q=0", ";q=0.000", ";q=.2", ";q=0.5", "; q=1", ";Q=0.7");
  const types = formats.flatMap(({ offers }) => offers.map(({ contentType }) => contentType));
  const range = fc.constantFrom("*/*", "*", "text/*", "application/*", "image/png", ...types);
  const members = fc.array(fc.tuple(range, quality), { minLength: 1, maxLength: 8 });
  const header = members.map((each) => each.map(([type, weight]) => type + weight));

  it("never throws, and chooses one of the offers or nothing", () => {
    const anything = fc.oneof(
      fc.string({ unit: "binary", maxLength: 300 }),
      fc.string({ unit: fc.constantFrom(...'*/;,=q.01"\\ \ttexplainhm+-'), maxLength: 80 }),
      header.map((each) => each.join(",")),
    );
    fc.assert(
      fc.property(anything, (accept) => {
        const choice = negotiate(formats, accept);
        if (choice !== undefined) expect(choice.format.offers).toContain(choice.offer);
      }),
    );
  });

  it("does not depend on the order of the members", () => {
    fc.assert(
      fc.property(
        header.chain((each) => fc.tuple(fc.constant(each), fc.shuffledSubarray(each, { minLength: each.length }))),
        ([each, shuffled]) => {
          expect(chosen(shuffled.join(", "))).toBe(chosen(each.join(",")));
        },
      ),
    );
  });

  it("never chooses what is refused by name", () => {
    fc.assert(
      fc.property(header, fc.constantFrom(...types), (each, refused) => {
        const rest = each.filter((member) => !member.startsWith(refused));
        const choice = negotiate(formats, [...rest, `${refused};q=0`].join(","));
        // A refusal of text/plain without parameters leaves text/plain;version=0.0.4 to a range that names it.
        expect(choice?.offer.contentType).not.toBe(refused);
      }),
    );
  });

  it("chooses nothing exactly when every offer is refused or unmentioned", () => {
    fc.assert(
      fc.property(header, (each) => {
        const anythingGoes = [...each, "*/*;q=0.1"].filter((member) => !/q=0(?:\.0+)?$/i.test(member));
        expect(chosen(anythingGoes.join(","))).toBeDefined();
        expect(chosen(each.map((member) => `${member.replace(/;\s*q=.*$/i, "")};q=0`).join(","))).toBeUndefined();
      }),
    );
  });

  it("chooses an offer of the highest quality that any offer has", () => {
    fc.assert(
      fc.property(fc.subarray(types, { minLength: 2 }), fc.array(fc.integer({ min: 1, max: 9 })), (named, weights) => {
        const weighted = named.map((type, index) => ({ type, weight: weights[index] ?? 5 }));
        // Said of each version apart, so that no range is narrowed by another.
        const accept = weighted.map(({ type, weight }) => `${type};q=0.${weight}`).join(", ");
        const choice = negotiate(formats, accept);
        const best = Math.max(...weighted.map(({ weight }) => weight));
        const of = weighted.find(({ type }) => type === choice?.offer.contentType);
        const byPlainText = weighted.find(({ type }) => type === "text/plain");
        expect((of ?? byPlainText)?.weight).toBe(best);
      }),
    );
  });
});
