import { describe, expect, it } from "vitest";
import { backOff } from "../../../src/notices/delivery/back-off.ts";
import { waitAskedFor } from "../../../src/notices/delivery/wait-asked-for.ts";

const now = Date.parse("2026-11-29T03:00:00Z");

describe("how long a service asks to be left alone", () => {
  it.each([
    ["Retry-After in seconds", "30", undefined, 30_000],
    ["Retry-After as a date", "Sun, 29 Nov 2026 03:01:00 GMT", undefined, 60_000],
    ["Retry-After as a date that is past", "Sun, 29 Nov 2026 02:00:00 GMT", undefined, 0],
    ["Discord", undefined, { message: "You are being rate limited.", retry_after: 1.5, global: false }, 1500],
    ["Telegram", undefined, { ok: false, error_code: 429, parameters: { retry_after: 12 } }, 12_000],
    ["Matrix", undefined, { errcode: "M_LIMIT_EXCEEDED", retry_after_ms: 2000 }, 2000],
    ["the longest of several", "5", { retry_after: 9 }, 9000],
    ["at most an hour", "999999", undefined, 3_600_000],
    ["nothing", undefined, undefined, undefined],
    ["no number", "soon", { retry_after: "x" }, undefined],
    ["a negative one", "-5", { retry_after: -1 }, undefined],
  ])("%s", (_, header, body, milliseconds) => {
    expect(waitAskedFor(header, body, now)).toBe(milliseconds);
  });
});

describe("how long to wait after a failure", () => {
  it("grows from a second to five minutes, a part of it by chance", () => {
    expect([1, 2, 3, 10, 1000].map((attempts) => backOff(attempts, 1))).toEqual([1000, 2000, 4000, 300_000, 300_000]);
    expect(backOff(1, 0)).toBe(750);
  });
});
