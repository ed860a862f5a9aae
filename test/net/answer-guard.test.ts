import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import type { HealthCheckError } from "../../src/health/errors.ts";
import {
  type AnswerGrammar,
  AnswerGuard,
  exactly,
  skip,
  unsigned,
  zeroTerminated,
} from "../../src/net/answer-guard.ts";
import { foreignProtocol } from "../../src/net/server-errors.ts";

const foreign = (cause?: unknown): HealthCheckError => foreignProtocol("tests", cause);

/** Frames of a two-byte length and as many bytes; a length of 0 is foreign. */
function* frames(guard: AnswerGuard): AnswerGrammar<never> {
  for (;;) {
    const length = yield* unsigned(2);
    if (length === 0) throw foreign();
    guard.announce(length);
    yield* skip(length);
  }
}

const frame = (length: number): Buffer => {
  const bytes = Buffer.alloc(2 + length);
  bytes.writeUInt16BE(length);
  return bytes;
};

/** Runs a part of a grammar over some bytes. */
function read<Result>(part: AnswerGrammar<Result>, bytes: string): Result | "wants more" {
  const rest = [...Buffer.from(bytes, "latin1")];
  let step = part.next();
  while (step.done !== true) {
    const taken = rest.splice(0, step.value);
    if (taken.length < step.value) return "wants more";
    step = part.next(taken.at(-1) ?? 0);
  }
  return step.value;
}

describe("AnswerGuard", () => {
  it("reads answers however they are split", () => {
    for (const size of [1, 2, 3, 7, 1000]) {
      const guard = new AnswerGuard(frames);
      const bytes = Buffer.concat([frame(1), frame(300), frame(2)]);
      for (let offset = 0; offset < bytes.length; offset += size) guard.take(bytes.subarray(offset, offset + size));
      expect(() => guard.take(frame(0))).toThrow("the server does not speak the protocol of tests");
    }
  });

  it("counts the bytes of each answer, and those that are announced", () => {
    const guard = new AnswerGuard(frames);
    for (let answers = 0; answers < 3; answers += 1) {
      guard.begin();
      for (let count = 0; count < 15; count += 1) guard.take(frame(65_535));
    }
    guard.take(frame(60_000));
    const header = Buffer.from("\xff\xff", "latin1");
    expect(() => guard.take(header)).toThrow("the answer is longer than 1 MiB");
  });

  it("lets the listeners of a stream have what was read, and fails once", () => {
    const stream = new EventEmitter();
    const heard: unknown[] = [];
    const failures: Error[] = [];
    stream.on("data", (bytes: unknown) => heard.push(bytes)).on("end", () => heard.push("end"));
    new AnswerGuard(frames).watch(stream, foreign, (error) => failures.push(error));
    stream.emit("data", frame(1));
    stream.emit("data", frame(0));
    stream.emit("data", frame(1));
    stream.emit("end");
    expect(heard).toEqual([frame(1), "end"]);
    expect(failures.map(({ message }) => message)).toEqual(["the server does not speak the protocol of tests"]);
  });

  it("fails when a listener throws, which nothing could catch", () => {
    const stream = new EventEmitter();
    const failures: Error[] = [];
    const odd = new RangeError("Invalid array length");
    stream.on("data", () => {
      throw odd;
    });
    new AnswerGuard(frames).watch(stream, foreign, (error) => failures.push(error));
    expect(stream.emit("data", frame(1))).toBe(true);
    expect(failures).toEqual([expect.objectContaining({ reason: "unexpected_result", cause: odd })]);
  });
});

describe("the parts of a grammar", () => {
  it("read numbers, texts and bytes", () => {
    expect(read(unsigned(4), "\xff\xff\xff\xfe")).toBe(0xffff_fffe);
    expect(read(unsigned(2), "\x01")).toBe("wants more");
    expect(read(zeroTerminated(), "ab\0")).toBe("a".charCodeAt(0));
    expect(read(zeroTerminated(), "\0")).toBe(0);
    expect(read(zeroTerminated(), "ab")).toBe("wants more");
    expect(read(skip(0), "")).toBeUndefined();
    expect(read(skip(3), "ab")).toBe("wants more");
  });

  it("hold a part to its length", () => {
    expect(read(exactly(3, zeroTerminated(), foreign), "ab\0")).toBeUndefined();
    expect(() => read(exactly(4, zeroTerminated(), foreign), "ab\0x")).toThrow("does not speak");
    expect(() => read(exactly(2, zeroTerminated(), foreign), "ab\0")).toThrow("does not speak");
    expect(() => read(exactly(2, skip(3), foreign), "abc")).toThrow("does not speak");
  });
});
