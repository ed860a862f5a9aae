import { describe, expect, it } from "vitest";
import { addressOf, checkAddress, isOfSingleCheck, pathSegment } from "../../src/formats/endpoint-address.ts";
import { sampleCheck, sampleReport } from "../support/sample-reports.ts";

const report = (path: string, ...names: readonly string[]) =>
  sampleReport(
    names.map((name) => sampleCheck(name)),
    { path },
  );

describe("the address of a check's page", () => {
  it.each([
    ["/health/a%20b/", ["a b"], true],
    ["/health/", ["health"], true],
    ["/health/", ["alth"], false],
    ["/health/a/", ["b"], false],
    ["/health/a/", ["a", "b"], false],
    ["/health/a", ["a"], false],
    ["/health/", [], false],
  ])("of a report at %s of %j: it is the report's own: %s", (path, names, isIt) => {
    expect(isOfSingleCheck(report(path, ...names))).toBe(isIt);
    const address = `http://shop.example${path}`;
    if (names[0] !== undefined) {
      const below = `${address}${encodeURIComponent(names[0])}/`;
      expect(checkAddress(report(path, ...names), address, names[0])).toBe(isIt ? address : below);
    }
  });

  it("can be made of every name", () => {
    expect(pathSegment("a/b?c#d 健\ud800")).toBe("a%2Fb%3Fc%23d%20%E5%81%A5%EF%BF%BD");
  });
});

it("an address that cannot be one is replaced", () => {
  expect(addressOf(report("/health/"), "https://shop.example/x/")).toBe("https://shop.example/x/");
  expect(addressOf(report("/health/"), "http://a b/x/")).toBe("http://localhost/health/");
});
