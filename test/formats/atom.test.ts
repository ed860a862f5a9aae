import { parseFeed } from "@rowanmanning/feed-parser";
import { describe, expect } from "vitest";
import { atom } from "../../src/formats/atom.ts";
import { describeFormat } from "../support/describe-format.ts";
import { readWellFormed } from "../support/well-formed.ts";

describe("atom", () => {
  describeFormat(atom, {
    extension: "xml",
    read(answer) {
      readWellFormed(answer);
      const feed = parseFeed(answer);
      expect(feed.meta).toMatchObject({ type: "atom", version: "1.0" });
      // RFC 4287, section 4.1.1: these must be there.
      for (const element of ["id", "title", "updated", "author"]) expect(answer).toContain(`\n    <${element}>`);
      return feed.items.map(({ title }) => title).join("\n");
    },
    charactersPerCheck: 1000,
    maxCharacters: 120_000,
  });
});
