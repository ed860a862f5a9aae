import { beforeEach, describe, expect, it, vi } from "vitest";
import { offeredFormats as formats } from "../../../src/formats/offered-formats.ts";
import { chooseFormat } from "../../../src/server/endpoints/choose-format.ts";

const whatThereIs = `There is ${formats.map(({ name }) => name).join(", ")}.`;

describe("chooseFormat", () => {
  it.each(formats)("finds $name by its name", (format) => {
    expect(chooseFormat(`format=${format.name}`, "image/png")).toEqual({ format, offer: format.offers[0] });
    expect(chooseFormat(`a=b&format=${format.name}&c`, undefined)).toEqual({ format, offer: format.offers[0] });
  });

  it.each(["", "a=b", "Format=json", "%", "&&=&"])("heeds the Accept header where the query %j names none", (query) => {
    expect(chooseFormat(query, "application/json")).toMatchObject({ format: { name: "json" } });
  });

  it.each([
    ["format=", 'Unknown format "".'],
    ["format", 'Unknown format "".'],
    ["format=none", 'Unknown format "none".'],
    [`format=${"x".repeat(60)}`, `Unknown format "${"x".repeat(50)}".`],
    ["format=%0d%0aX:1", 'Unknown format "\\r\\nX:1".'],
    ["format=json&format=json", "Name one format, not 2."],
    ["format=a&b&format=c&format=d", "Name one format, not 3."],
  ])("answers 400 to %s", (query, sentence) => {
    expect(chooseFormat(query, "application/json")).toMatchObject({
      status: 400,
      body: `${sentence} ${whatThereIs}\n`,
    });
  });

  describe("of queries that come again", () => {
    let choose: typeof chooseFormat;
    beforeEach(async () => {
      vi.resetModules();
      choose = (await import("../../../src/server/endpoints/choose-format.ts")).chooseFormat;
    });

    it("reads a hundred once, and then forgets them: a client could fill the memory", () => {
      const query = (index: number) => `format=json&${index}`;
      const first = Array.from({ length: 100 }, (_, index) => choose(query(index), undefined));
      for (const [index, choice] of first.entries()) expect(choose(query(index), undefined)).toBe(choice);
      const another = choose(query(100), undefined);
      expect(choose(query(0), undefined)).not.toBe(first[0]);
      expect(choose(query(100), undefined)).toBe(another);
    });

    it("reads those anew that are longer than any that makes sense", () => {
      const long = (length: number) => `format=json&${"x".repeat(length - "format=json&".length)}`;
      const [longest, tooLong] = [choose(long(200), undefined), choose(long(201), undefined)];
      expect(choose(long(200), undefined)).toBe(longest);
      expect(choose(long(201), undefined)).not.toBe(tooLong);
    });
  });

  it("remembers what a query says of the format, and not what the header says", () => {
    for (const name of ["json", "text"]) {
      expect(chooseFormat("a=b", formats.find((format) => format.name === name)?.offers[0].mediaType)).toMatchObject({
        format: { name },
      });
    }
  });

  it("gives a badge or events by the query alone, whatever an image or a program accepts", () => {
    for (const name of ["badge", "shields", "events"]) {
      expect(chooseFormat(`format=${name}`, "text/html")).toMatchObject({ format: { name } });
    }
    const ofImage = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8";
    expect(chooseFormat("", ofImage)).toMatchObject({ format: { name: "html" } });
    for (const type of ["image/svg+xml", "text/event-stream"])
      expect(chooseFormat("", type)).toMatchObject({ status: 406 });
  });

  it("answers 406 with each media type once", () => {
    const answer = chooseFormat("", "image/png");
    expect(answer).toMatchObject({ status: 406 });
    const types = formats
      .filter(({ isByQueryOnly = false }) => !isByQueryOnly)
      .flatMap(({ offers }) => offers.map(({ mediaType }) => mediaType));
    const body = "body" in answer ? answer.body : "";
    expect(body).toBe(`Nothing here is acceptable. There is ${[...new Set(types)].join(", ")}.\n`);
  });
});
