import { describe, expect, it } from "vitest";
import { KeptAttributes } from "../../../src/telemetry/open-metrics/kept-attributes.ts";
import { labelBytesOf } from "../../../src/telemetry/open-metrics/label-bytes.ts";
import { labelTextOf } from "../../../src/telemetry/open-metrics/label-text.ts";

describe("KeptAttributes", () => {
  it("reads as the attributes that it was made of, and nothing can change it", () => {
    const given = { "health.check.name": "shop", le: 1 };
    const kept = new KeptAttributes(given);
    expect({ ...kept }).toEqual(given);
    expect(Object.keys(kept)).toEqual(Object.keys(given));
    expect(JSON.stringify(kept)).toBe(JSON.stringify(given));
    expect(Object.isFrozen(kept)).toBe(true);
  });

  it.each([
    ["its own kind", () => new KeptAttributes({ le: "x" })],
    ["any other attributes", () => Object.freeze({ le: "x" })],
  ])("holds what was made of %s, apart for histograms", (_, make) => {
    const attributes = make();
    for (const write of [labelTextOf, labelBytesOf]) {
      const [plain, onHistogram] = [write(attributes, false), write(attributes, true)];
      expect(onHistogram).not.toEqual(plain);
      expect(write(attributes, false)).toBe(plain);
      expect(write(attributes, true)).toBe(onHistogram);
    }
  });

  it("is not taken for another with the same content", () => {
    const [one, other] = [new KeptAttributes({ check: "a" }), new KeptAttributes({ check: "a" })];
    expect(KeptAttributes.writtenOf(one)).not.toBe(KeptAttributes.writtenOf(other));
  });
});
