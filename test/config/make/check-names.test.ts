import { expect, it } from "vitest";
import { adviceOnName } from "../../../src/config/make/check-names.ts";

const names = (count: number) => new Set(Array.from({ length: count }, (_, index) => `check-${index}`));
const listed = (count: number) => [...names(count)].join(", ");

it.each([
  [0, ". There are no checks"],
  [1, ". Known checks: check-0"],
  [20, `. Known checks: ${listed(20)}`],
  [21, `. Known checks: ${listed(20)} and 1 more`],
  [1520, `. Known checks: ${listed(20)} and 1,500 more`],
])("who names a check that does not exist is told of %d others", (count, advice) => {
  expect(adviceOnName("something else", names(count))()).toBe(advice);
});

it("who mistypes a name is told what was meant", () => {
  expect(adviceOnName("chekc-7", names(1000))()).toBe('. Did you mean "check-7"?');
});
