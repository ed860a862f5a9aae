import { describe, expect, it } from "vitest";
import { isOurs, loadQuery, loadQueryOf, withLoadQuery } from "../../src/health/module-address.ts";

describe("the address of a module", () => {
  it("is ours below our own folder", () => {
    const ours = new URL("../../src/", import.meta.url).href;
    expect(isOurs(`${ours}checks/disk.ts`)).toBe(true);
    expect(isOurs(import.meta.url)).toBe(false);
    expect(isOurs(`https://elsewhere.example/${ours}`)).toBe(false);
  });

  it.each([
    ["file:///a.ts", 0, "file:///a.ts"],
    ["file:///a.ts", 1, "file:///a.ts?load=1"],
    ["file:///a.ts?x=1", 12, "file:///a.ts?x=1&load=12"],
  ])("%s, imported %d times before, is %s", (address, count, again) => {
    expect(withLoadQuery(address, loadQuery(count))).toBe(again);
    expect(loadQueryOf(again)).toBe(loadQuery(count));
  });

  it.each(["file:///load=1", "file:///a.ts?reload=1", "file:///a.ts?load=1#x", "file:///a.ts?load=x"])(
    "%s is not that of one that was imported again",
    (address) => {
      expect(loadQueryOf(address)).toBe("");
    },
  );
});
