import { describe, expect, it } from "vitest";
import { HealthCheckError, ServiceUnavailable, ServiceWarning } from "../../src/health/errors.ts";
import { failureOf, failureWithoutRun, holdsSince, describe as words } from "../../src/health/failure.ts";
import { oddThrows } from "../support/misbehaving-checks.ts";

const same = (text: string): string => text;

describe("failureOf", () => {
  it("takes an error of ours as it is, its reason too", () => {
    const error = new ServiceUnavailable("no login", { reason: "authentication" });
    expect(failureOf(error, same)).toEqual({
      kind: "Unavailable",
      message: "no login",
      reason: "authentication",
      state: "unhealthy",
      expected: true,
    });
  });

  it("takes the moment at which an incident began, if it is one in the past", () => {
    const at = Date.UTC(2026, 2, 14);
    for (const beganAt of [at, new Date(at)]) {
      expect(failureOf(new ServiceWarning("outage", { beganAt }), same).beganAt).toBe(at);
    }
    const wrong = [Number.NaN, new Date("yesterday"), -1, Number.NEGATIVE_INFINITY, Date.now() + 60_000, undefined];
    for (const beganAt of wrong) {
      expect(failureOf(new ServiceWarning("outage", { beganAt }), same)).not.toHaveProperty("beganAt");
    }
  });

  it("takes secrets out of the message", () => {
    expect(failureOf(new ServiceWarning("hunter2"), () => "[redacted]").message).toBe("[redacted]");
  });

  it("makes one line of a message, with single spaces", () => {
    const message = " one\r\n\ttwo \u2028 three\u0000\u202efour  ";
    expect(failureOf(new ServiceWarning(message), same).message).toBe("one two three four");
    expect(words({ kind: "Warning", message: "" })).toBe("Warning");
    expect(words({ kind: "Warning", message: "slow" })).toBe("Warning: slow");
  });

  it.each(["kind", "message"])("is an unknown error when the %s of one is no text", (member) => {
    const error = Object.defineProperty(new ServiceWarning("slow"), member, { value: 7 });
    expect(failureOf(error, String)).toMatchObject({ kind: "Unknown Error", expected: false });
  });

  it("is said of a check without a result by why there is none", () => {
    expect(failureWithoutRun("unknown", "not yet")).toEqual({ kind: "Unknown", message: "not yet", reason: "unknown" });
    expect(failureWithoutRun("skipped", "down")).toEqual({ kind: "Skipped", message: "down", reason: "dependency" });
  });

  it("shortens a message that would fill the page", () => {
    expect(failureOf(new ServiceWarning("x".repeat(5000)), same).message).toHaveLength(1001);
    expect(failureOf(new ServiceWarning("x".repeat(1001)), same).message).toBe(`${"x".repeat(1000)}…`);
    expect(failureOf(new ServiceWarning("x".repeat(1000)), same).message).toBe("x".repeat(1000));
  });

  it.each([
    ["ECONNREFUSED", "connection_refused"],
    ["ECONNRESET", "connection_reset"],
    ["ENOTFOUND", "dns"],
    ["EAI_AGAIN", "dns"],
    ["ETIMEDOUT", "timeout"],
    ["EHOSTUNREACH", "unavailable"],
    ["CERT_HAS_EXPIRED", "certificate"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "certificate"],
    ["ERR_SSL_WRONG_VERSION_NUMBER", "tls"],
    ["EPROTO", "tls"],
  ])("knows %s, also as a cause or among an address's errors", (code, reason) => {
    const error = Object.assign(new Error("text of the system"), { code });
    for (const thrown of [error, new Error("wrapped", { cause: error }), new AggregateError([error])]) {
      const failure = failureOf(thrown, same);
      expect(failure).toMatchObject({ kind: "Unavailable", reason, expected: true });
      expect(failure.message).not.toContain("system");
    }
  });

  it.each([new Error("secret inside"), "a text", undefined, null, 7, { code: "ECONNREFUSED" }])(
    "shows nothing of %o",
    (thrown) => {
      expect(failureOf(thrown, same)).toMatchObject({ message: "unknown error", reason: "unknown", expected: false });
    },
  );

  it.each(Object.entries(oddThrows))("takes %s for an unknown error", (_, thrown) => {
    expect(failureOf(thrown(), same)).toEqual({
      kind: "Unknown Error",
      message: "unknown error",
      reason: "unknown",
      state: "unhealthy",
      expected: false,
    });
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("a defect");
      },
    ],
    ["gives no text", () => 7 as unknown as string],
  ])("shows nothing of an error when redact %s", (_, redact) => {
    expect(failureOf(new ServiceUnavailable("hunter2"), redact)).toMatchObject({ reason: "unknown", expected: false });
  });

  it("takes an error of somebody's own class, with its words on one line", () => {
    class Notice extends HealthCheckError {
      readonly kind = "For your\nNotice";
      readonly state = "degraded";
    }
    const failure = {
      kind: "For your Notice",
      message: "look",
      reason: "threshold",
      state: "degraded",
      expected: true,
    };
    expect(failureOf(Object.freeze(new Notice("look", "threshold")), same)).toEqual(failure);
  });

  it.each([
    [1, "ECONNREFUSED", "connection refused"],
    [4, "ECONNREFUSED", "connection refused"],
    [5, "ECONNREFUSED", "unknown error"],
    [0, "ERR_SSL_WRONG_VERSION_NUMBER", expect.stringContaining("does not speak TLS")],
    [0, "ERR_TLS_HANDSHAKE_TIMEOUT", "TLS handshake failed"],
    [0, "NO_ERR_TLS_AT_ALL", "unknown error"],
    [0, 7, "unknown error"],
  ])("below %d wrappings takes the code %s for: %s", (wrappings, code, message) => {
    let thrown: Error = Object.assign(new Error("what the system says"), { code });
    for (let depth = 0; depth < wrappings; depth += 1) thrown = new Error("wrapped", { cause: thrown });
    expect(failureOf(thrown, same).message).toEqual(message);
  });

  it("does not follow causes in a circle", () => {
    const error = new Error("circle");
    error.cause = error;
    expect(failureOf(error, same).reason).toBe("unknown");
  });
});

describe("the words for a failure", () => {
  it("are django-health-check's", () => {
    expect(words(undefined)).toBe("OK");
    expect(words(failureOf(new ServiceWarning("93.1 % of / is in use"), same))).toBe("Warning: 93.1 % of / is in use");
    expect(words(failureOf(new Error("x"), same))).toBe("Unknown Error: unknown error");
  });
});

describe("holdsSince", () => {
  const failure = (beganAt: number | undefined) => ({ kind: "Unavailable", message: "outage", beganAt });

  it.each([
    ["when the incident began", 50, 50],
    ["after the last moment that was otherwise", 30, 40],
    ["with the run when the incident began after it", 150, 100],
    ["with the run when nobody knows better", undefined, 100],
  ])("is %s", (_, beganAt, since) => {
    expect(holdsSince(failure(beganAt), 100, 40)).toBe(since);
  });

  it("is never after the run, also when the clock was set back since something else was known", () => {
    expect(holdsSince(failure(50), 100, 200)).toBe(100);
    expect(holdsSince(undefined, 100, 200)).toBe(100);
  });
});
