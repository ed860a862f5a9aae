import { afterEach, expect, it, vi } from "vitest";
import {
  NotKnownYet,
  ServiceReturnedUnexpectedResult,
  ServiceUnavailable,
  ServiceWarning,
} from "../../src/health/errors.ts";

afterEach(() => void vi.useRealTimers());

it.each([
  [ServiceWarning, "Warning", "degraded", "threshold"],
  [ServiceUnavailable, "Unavailable", "unhealthy", "unavailable"],
  [ServiceReturnedUnexpectedResult, "Unexpected Result", "unhealthy", "unexpected_result"],
] as const)(
  "%o says what it means, and takes another reason, a cause and a beginning",
  (Failure, kind, state, reason) => {
    expect(new Failure("gone")).toMatchObject({ name: Failure.name, message: "gone", kind, state, reason });
    const cause = new Error("why");
    const options = { reason: "dns", cause, beganAt: 1000 } as const;
    expect(new Failure("gone", options)).toMatchObject({ kind, state, ...options });
  },
);

it("NotKnownYet is neither good nor bad", () => {
  const expected = { name: "NotKnownYet", message: "wait", kind: "Unknown", state: "unknown", reason: "unknown" };
  expect(new NotKnownYet("wait")).toMatchObject(expected);
});

it("an incident may begin at this very moment, and at the epoch", () => {
  vi.useFakeTimers();
  for (const beganAt of [Date.now(), 0]) expect(new ServiceWarning("slow", { beganAt }).beganAt).toBe(beganAt);
  expect(new ServiceWarning("slow", { beganAt: Date.now() + 1 }).beganAt).toBeUndefined();
});
