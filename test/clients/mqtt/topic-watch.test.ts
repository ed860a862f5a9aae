import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { TopicWatch } from "../../../src/clients/mqtt/topic-watch.ts";
import { Duration } from "../../../src/health/time/duration.ts";

const minutes = (count: number): number => count * 60_000;
const maxSilence = new Duration(minutes(10));

/** A connection that listens, and answers unless told not to. */
function listener(ping = (): Promise<void> => Promise.resolve()) {
  const lifetime = new AbortController();
  return { lifetime, ended: lifetime.signal, ping };
}

/** What the watch says of its topic. */
function verdict(watch: TopicWatch): string {
  try {
    watch.expectSound("a", maxSilence);
    return "fine";
  } catch (error) {
    return String(error);
  }
}

const missed = (time: string): string => `ServiceWarning: no message on a for ${time}, expected one at least every 10m`;
const unknown = (time: string): string =>
  `NotKnownYet: no message on a for ${time}, but the connection was lost meanwhile`;

describe("TopicWatch", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["performance", "Date", "setTimeout", "clearTimeout"] }));
  afterEach(() => void vi.useRealTimers());

  it("counts the silence from the subscription, then from the last message", async () => {
    const watch = new TopicWatch();
    const one = listener();
    expect(watch.silence).toBeUndefined();
    await watch.listen(one);
    vi.advanceTimersByTime(minutes(10));
    expect(verdict(watch)).toBe("fine");
    vi.advanceTimersByTime(1);
    expect(verdict(watch)).toBe(missed("10m"));
    watch.hear(one.ended);
    vi.advanceTimersByTime(minutes(10));
    expect(verdict(watch)).toBe("fine");
    vi.advanceTimersByTime(minutes(2));
    expect(verdict(watch)).toBe(missed("12m"));
    expect(watch.silence?.seconds).toBe(720);
  });

  it("counts each message once, and those since it was asked", async () => {
    const watch = new TopicWatch();
    const [one, other] = [listener(), listener()];
    await watch.listen(one);
    watch.hear(one.ended);
    watch.hear(other.ended); // The same, over the connection that is about to take over.
    expect(watch.takeMessages()).toBe(1);
    await watch.listen(other);
    watch.hear(one.ended);
    watch.hear(other.ended);
    expect(watch.takeMessages()).toBe(1);
    expect(watch.takeMessages()).toBe(0);
  });

  it("goes on counting when a connection is replaced that still answers", async () => {
    const watch = new TopicWatch();
    await watch.listen(listener());
    vi.advanceTimersByTime(minutes(9));
    await watch.listen(listener());
    vi.advanceTimersByTime(minutes(2));
    expect(verdict(watch)).toBe(missed("11m"));
  });

  it("takes what was sent before for heard only when the replaced connection has said it all", async () => {
    const watch = new TopicWatch();
    const one = listener(async () => watch.hear(one.ended));
    await watch.listen(one);
    vi.advanceTimersByTime(minutes(11));
    await watch.listen(listener());
    expect(verdict(watch)).toBe("fine");
  });

  it.each([
    ["was lost", (): Promise<void> => Promise.reject(new Error("lost"))],
    ["no longer answers", (): Promise<void> => new Promise(() => {})],
  ])("does not take it for silence that a connection %s", async (_, ping) => {
    const watch = new TopicWatch();
    const one = listener(ping);
    await watch.listen(one);
    watch.hear(one.ended);
    vi.advanceTimersByTime(minutes(9));
    const next = listener();
    const taken = watch.listen(next);
    await vi.advanceTimersByTimeAsync(1000);
    await taken;
    expect(verdict(watch)).toBe("fine");
    vi.advanceTimersByTime(minutes(2));
    expect(verdict(watch)).toBe(unknown("11m1s"));
    watch.hear(next.ended);
    expect(verdict(watch)).toBe("fine");
    vi.advanceTimersByTime(minutes(11));
    expect(verdict(watch)).toBe(missed("11m"));
  });
});
