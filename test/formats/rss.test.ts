import { parseFeed } from "@rowanmanning/feed-parser";
import { describe, expect } from "vitest";
import { rss } from "../../src/formats/rss.ts";
import { describeFormat } from "../support/describe-format.ts";
import { readWellFormed } from "../support/well-formed.ts";

describe("rss", () => {
  describeFormat(rss, {
    extension: "xml",
    read(answer) {
      readWellFormed(answer);
      const feed = parseFeed(answer);
      expect(feed.meta).toMatchObject({ type: "rss", version: "2.0" });
      return feed.items.map(({ title }) => title).join("\n");
    },
    charactersPerCheck: 1000,
    maxCharacters: 120_000,
  });
});
