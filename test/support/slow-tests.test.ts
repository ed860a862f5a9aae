import { globSync } from "node:fs";
import { expect, it } from "vitest";
import { slowTests } from "./slow-tests.ts";

it.each(slowTests)("%s names tests that are there", (pattern) => {
  expect(globSync(pattern)).not.toEqual([]);
});
