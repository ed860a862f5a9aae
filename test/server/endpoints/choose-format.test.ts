import { describe, expect, it } from "vitest";
import { chooseFormat } from "../../../src/server/endpoints/choose-format.ts";
import { formats } from "../../../src/server/formats.ts";

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

  it("reads a query that comes again once, and remembers neither long nor endlessly many ones", () => {
    const isRemembered = (query: string) => {
      const first = chooseFormat(query, undefined);
      return chooseFormat(query, undefined) === first;
    };
    const long = (length: number) => `format=json&${"x".repeat(length - "format=json&".length)}`;
    expect([isRemembered(long(200)), isRemembered(long(201))]).toEqual([true, false]);
    const first = chooseFormat("format=json&first", undefined);
    for (let other = 0; other < 99; other += 1) chooseFormat(`format=json&${other}`, undefined);
    chooseFormat("format=json&one-more", undefined);
    chooseFormat("format=json&another", undefined);
    expect(chooseFormat("format=json&first", undefined)).toEqual(first);
    expect(chooseFormat("format=json&first", undefined)).not.toBe(first);
    for (let other = 0; other < 97; other += 1) chooseFormat(`format=text&${other}`, undefined);
    expect(isRemembered("format=json&last")).toBe(true);
  });

  it("remembers what a query says of the format, and not what the header says", () => {
    for (const name of ["json", "text"]) {
      expect(chooseFormat("a=b", formats.find((format) => format.name === name)?.offers[0].mediaType)).toMatchObject({
        format: { name },
      });
    }
  });

  it("answers 406 with each media type once", () => {
    const answer = chooseFormat("", "image/png");
    expect(answer).toMatchObject({ status: 406 });
    const types = formats.flatMap(({ offers }) => offers.map(({ mediaType }) => mediaType));
    const body = "body" in answer ? answer.body : "";
    expect(body).toBe(`Nothing here is acceptable. There is ${[...new Set(types)].join(", ")}.\n`);
  });
});
