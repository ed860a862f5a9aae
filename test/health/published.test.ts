import { describe, expect, it } from "vitest";
import { certificateEndOf, identityOf, labelsOf } from "../../src/health/published.ts";
import { fakeCheck } from "../support/checks.ts";

/** A check of which a member is something else. */
const withMember = (name: string, get: () => unknown) => Object.defineProperty(fakeCheck({ name: "a" }), name, { get });
const throwing = (): never => {
  throw new Error("a defect");
};

describe("what is published of a check", () => {
  it("is its name, its type and its labels", () => {
    const check = withMember("labels", () => ({ host: "db", shard: "3" }));
    expect(identityOf(check)).toEqual({ name: "a", type: "fake-check", labels: { host: "db", shard: "3" } });
  });

  it.each([
    ["cannot be read", throwing, "a defect"],
    ["are none", () => null, "the labels of a check must be an object"],
    ["are a text", () => "host", "the labels of a check must be an object"],
    ["are no texts", () => ({ host: "db", shard: 3 }), 'the label "shard" of a check must be a string'],
  ])("is no label where those %s, which a run says", (_, get, message) => {
    const check = withMember("labels", get);
    expect(identityOf(check)).toEqual({ name: "a", type: "fake-check", labels: {} });
    expect(() => labelsOf(check)).toThrow(message);
  });

  it.each([
    ["a moment", () => 1000, 1000],
    ["the epoch", () => 0, 0],
    ["no number", () => new Date(0), undefined],
    ["no moment", () => Number.NaN, undefined],
    ["beyond the calendar", () => 1e17, undefined],
    ["unreadable", throwing, undefined],
  ])("is a certificate's end that is %s", (_, get, end) => {
    expect(certificateEndOf(withMember("certificateExpiresAt", get))).toBe(end);
  });
});
