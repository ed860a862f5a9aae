import { describe, expect, it, vi } from "vitest";
import { EventStream } from "../../../src/server/events/event-stream.ts";

const megabyte = 1024 * 1024;

/** A stream that somebody has begun to read, with what has come so far. */
function beingRead() {
  const stream = new EventStream(() => {});
  const read: string[] = [];
  stream.setEncoding("utf8").on("data", (text: string) => read.push(text));
  return { stream, read };
}

describe("EventStream", () => {
  it("begins when it is read for the first time, and once", () => {
    const begun = vi.fn();
    const stream = new EventStream(begun);
    stream.send("a");
    expect(begun).not.toHaveBeenCalled();
    stream.read();
    stream.send("b");
    stream.read();
    expect(begun.mock.calls).toEqual([[stream]]);
  });

  it("gives what is sent at once, and ends in order", async () => {
    const { stream, read } = beingRead();
    stream.send("a");
    stream.send("b");
    await vi.waitFor(() => expect(read.join("")).toBe("ab"));
    const ended = vi.fn();
    stream.once("end", ended);
    stream.end();
    await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce());
    stream.send("c");
    stream.end();
    expect(read.join("")).toBe("ab");
  });

  it("keeps a megabyte for a client that does not read, and drops it after that", () => {
    const stream = new EventStream(() => {});
    stream.send("x".repeat(megabyte));
    expect(stream.destroyed).toBe(false);
    stream.send("x");
    expect(stream.destroyed).toBe(true);
    stream.send("x");
    stream.end();
  });

  it("knows when something was sent last, which nothing is not", () => {
    const clock = vi.spyOn(performance, "now").mockReturnValue(1000);
    const stream = new EventStream(() => {});
    clock.mockReturnValue(2000);
    stream.send("");
    expect(stream.sentAt).toBe(1000);
    stream.send("a");
    expect(stream.sentAt).toBe(2000);
    stream.destroy();
    clock.mockReturnValue(3000);
    stream.send("b");
    expect(stream.sentAt).toBe(2000);
    clock.mockRestore();
  });
});
