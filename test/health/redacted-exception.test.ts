import { describe, expect, it } from "vitest";
import { redactedException } from "../../src/health/redacted-exception.ts";
import { oddThrows } from "../support/misbehaving-checks.ts";

const redact = (text: string): string => text.replaceAll("hunter2", "[redacted]");

describe("what is logged of something thrown", () => {
  it("has its name, and a message and a stack without secrets", () => {
    const error = new TypeError("no login with hunter2");
    const { name, message, stack } = redactedException(error, redact);
    expect([name, message]).toEqual(["TypeError", "no login with [redacted]"]);
    expect(stack).toContain("redacted-exception.test.ts");
    expect(stack).not.toContain("hunter2");
  });

  it("is the text of what is no error", () => {
    expect(redactedException("hunter2", redact)).toEqual({ name: "Error", message: "[redacted]" });
    expect(redactedException(undefined, redact)).toEqual({ name: "Error", message: "undefined" });
  });

  it("has no stack where the error has none that is a text", () => {
    const error = Object.defineProperty(new Error("gone"), "stack", { value: undefined });
    expect(redactedException(error, redact)).toEqual({ name: "Error", message: "gone" });
  });

  it.each(Object.entries(oddThrows))("is nothing but text for %s", (_, thrown) => {
    const { name, message, stack = "" } = redactedException(thrown(), redact);
    expect([name, message, stack].map((text) => typeof text)).toEqual(["string", "string", "string"]);
  });

  it("is that it cannot be read, of what throws when it is read", () => {
    expect(redactedException(oddThrows["an error of which nothing can be read"]?.(), redact)).toEqual({
      name: "Error",
      message: "what was thrown cannot be read",
    });
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("a defect");
      },
    ],
    ["gives no text", () => undefined as unknown as string],
  ])("holds nothing that could not be redacted because that %s", (_, broken) => {
    const exception = redactedException(new Error("hunter2"), broken);
    const unshown = "[not shown: redact() of the check fails]";
    expect(exception).toEqual({ name: "Error", message: unshown, stack: unshown });
    expect(JSON.stringify(exception)).not.toContain("hunter2");
  });
});
