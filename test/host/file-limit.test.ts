import { expect, it } from "vitest";
import { fileLimit } from "../../src/host/file-limit.ts";

const limits = (soft: string): string =>
  `Limit                     Soft Limit           Hard Limit           Units\nMax processes             100                  100                  processes\nMax open files            ${soft}                 4096                 files\n`;
const fail = (): never => {
  throw new Error("the shell was asked");
};

it("is the soft limit that Linux tells of this process", () => {
  expect(fileLimit(() => limits("1024"), fail)).toBe(1024);
  expect(fileLimit(() => limits("unlimited"), fail)).toBeUndefined();
  expect(fileLimit(() => "", fail)).toBeUndefined();
});

it("is what a shell says on other systems", () => {
  expect(
    fileLimit(
      () => undefined,
      () => "2560\n",
    ),
  ).toBe(2560);
  expect(
    fileLimit(
      () => undefined,
      () => "unlimited\n",
    ),
  ).toBeUndefined();
});
