import { describe, expect, it } from "vitest";
import { sentError, thrownFrom } from "../../../src/engine/threads/thread-task.ts";
import { ServiceUnavailable, ServiceWarning } from "../../../src/health/errors.ts";
import { failureOf } from "../../../src/health/failure.ts";

it("does not blame the target when a thread ran out of files, however deep that is among the causes", () => {
  const cause = Object.assign(new Error("open EMFILE"), { code: "EMFILE", syscall: "open" });
  const sent = structuredClone(sentError(new ServiceUnavailable("/data cannot be read", { cause })));
  expect(failureOf(thrownFrom(sent), (text) => text)).toMatchObject({ state: "unknown", shortage: "EMFILE" });
});

describe("what is thrown in a thread is judged as it would have been here", () => {
  const thrownBy = (thrown: unknown) => thrownFrom(structuredClone(sentError(thrown)));
  const asIs = (text: string) => text;

  it.each<[string, unknown]>([
    ["a warning", new ServiceWarning("93 % is in use", { reason: "threshold" })],
    ["an outage with its beginning", new ServiceUnavailable("no answer", { reason: "timeout", beganAt: 1_000_000 })],
    ["a system error", Object.assign(new Error("connect"), { code: "ECONNREFUSED" })],
    [
      "a system error among causes",
      new Error("failed", { cause: Object.assign(new Error("x"), { code: "ENOTFOUND" }) }),
    ],
    ["a system error among several", new AggregateError([Object.assign(new Error("x"), { code: "ECONNRESET" })])],
    ["a bug", new TypeError("x is not a function")],
    ["a text", "no error at all"],
    ["one without a text as reason", Object.assign(new ServiceUnavailable("x"), { reason: 7 })],
    ["one without a text as message", Object.assign(new ServiceUnavailable("x"), { message: 7 })],
    ["one without a number as beginning", Object.assign(new ServiceUnavailable("x"), { beganAt: "noon" })],
  ])("%s", (_, thrown) => {
    expect(failureOf(thrownBy(thrown), asIs)).toEqual(failureOf(thrown, asIs));
  });

  it("a system error beyond the fifth cause is not looked for", () => {
    const deep = (depth: number): Error =>
      depth === 0
        ? Object.assign(new Error("x"), { code: "ENOTFOUND" })
        : new Error("failed", { cause: deep(depth - 1) });
    expect([5, 6].map((depth) => sentError(deep(depth)).code)).toEqual(["ENOTFOUND", undefined]);
  });

  it("with its name and its stack, if it has one", () => {
    const error = new TypeError("x is not a function");
    expect(thrownBy(error)).toMatchObject({ name: "TypeError", message: error.message, stack: error.stack });
    const bare = Object.defineProperty(new Error("gone"), "stack", { value: undefined });
    expect(sentError(bare).stack).toBeUndefined();
    expect(thrownBy(bare).stack).toContain("thread-task");
  });
});
