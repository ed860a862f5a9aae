import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Delivery } from "../../../src/notices/channel-type.ts";
import { ChannelQueue, type QueueOptions } from "../../../src/notices/delivery/channel-queue.ts";
import { readDocuments } from "../../../src/notices/documents.ts";
import { MemoryOutbox } from "../../../src/notices/outbox.ts";
import { recordingChannel } from "../../support/recording-channel.ts";
import { noticeOf, recoveryOf } from "../../support/sample-notices.ts";

const again: Delivery = { outcome: "again", words: "status 503" };
const sent: Delivery = { outcome: "sent", words: "status 200" };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function start(outbox = new MemoryOutbox()) {
  const logger = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const counted: Record<string, number> = {};
  const options: QueueOptions = {
    service: "shop",
    outbox,
    logger,
    record: (_, outcome, count) => {
      counted[outcome] = (counted[outcome] ?? 0) + count;
    },
    chance: () => 1,
  };
  return { options, logger, counted, outbox };
}

describe("a message", () => {
  it("is sent again after a second, then two, with the same id, until the service takes it", async () => {
    const { options, counted, outbox, logger } = start();
    const ops = recordingChannel("ops", {}, {}, (attempt) => (attempt < 3 ? again : sent));
    const queue = new ChannelQueue(ops.channel, options);
    queue.put([noticeOf()]);
    await vi.advanceTimersByTimeAsync(999);
    expect(ops.messages).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(ops.messages).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(2000);
    expect(ops.messages).toHaveLength(3);
    expect(new Set(ops.messages.map(({ id }) => id)).size).toBe(1);
    expect(ops.messages.map(({ attempts }) => attempts)).toEqual([1, 2, 3]);
    expect(counted).toEqual({ retried: 2, sent: 1 });
    expect(outbox.all().size).toBe(0);
    expect(logger.warn).toHaveBeenCalledTimes(1);
  });

  it("waits as long as the service asks", async () => {
    const { options } = start();
    const ops = recordingChannel("ops", {}, {}, (attempt) =>
      attempt === 1 ? { ...again, waitMilliseconds: 90_000 } : sent,
    );
    new ChannelQueue(ops.channel, options).put([noticeOf()]);
    await vi.advanceTimersByTimeAsync(89_999);
    expect(ops.messages).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(ops.messages).toHaveLength(2);
  });

  it("is given up after a day, with a line in the log, and the next one is tried", async () => {
    const { options, counted, logger } = start();
    const ops = recordingChannel("ops", {}, {}, (attempt) => {
      return ops.messages[attempt - 1]?.notices[0]?.check === "disk" ? sent : again;
    });
    const queue = new ChannelQueue(ops.channel, options);
    queue.put([noticeOf()]);
    await vi.advanceTimersByTimeAsync(23 * 3_600_000);
    queue.put([noticeOf({ check: "disk" })]);
    expect(counted.failed).toBeUndefined();
    await vi.advanceTimersByTimeAsync(2 * 3_600_000);
    expect(counted.failed).toBe(1);
    expect(logger.error.mock.calls).toEqual([
      [
        { channel: "ops", checks: ["orders"] },
        'a message to the channel "ops" could not be sent for a day, and is given up: status 503',
      ],
    ]);
    expect(ops.told().at(-1)).toEqual(["disk failed unhealthy"]);
  });

  it("that is refused is not sent again", async () => {
    const { options, counted, logger, outbox } = start();
    const ops = recordingChannel("ops", {}, {}, () => ({ outcome: "refused", words: "status 400: no" }));
    new ChannelQueue(ops.channel, options).put([noticeOf()]);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(ops.messages).toHaveLength(1);
    expect(counted).toEqual({ failed: 1 });
    expect(outbox.all().size).toBe(0);
    expect(logger.error.mock.calls[0]?.[1]).toMatch(/was refused, and is not sent again: status 400: no$/);
  });

  it("has no more notices than the service takes", async () => {
    const { options } = start();
    const ops = recordingChannel("ops", {}, { maxNotices: 1 });
    new ChannelQueue(ops.channel, options).put([noticeOf(), noticeOf({ check: "disk" })]);
    await vi.advanceTimersByTimeAsync(0);
    expect(ops.told()).toEqual([["orders failed unhealthy"], ["disk failed unhealthy"]]);
  });
});

describe("while a channel is dead", () => {
  it("of each check only the newest change waits, with how often it has changed", async () => {
    const { options, counted, outbox } = start();
    const ops = recordingChannel("ops", {}, {}, (attempt) => (attempt < 3 ? again : sent));
    const queue = new ChannelQueue(ops.channel, options);
    const notice = { changes: undefined };
    queue.put([noticeOf(notice)]);
    await vi.advanceTimersByTimeAsync(0);
    const { at } = noticeOf();
    for (let number = 1; number <= 1001; number += 1) {
      const changed = { ...notice, check: `check ${number % 2}`, at: at + number * 1000 };
      queue.put([number % 4 < 2 ? noticeOf(changed) : recoveryOf(changed)]);
    }
    expect(queue.size).toBe(3);
    expect(outbox.all().size).toBe(3);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(ops.told().at(-1)).toEqual(["check 0 failed unhealthy", "check 1 failed unhealthy"]);
    expect(ops.messages.at(-1)?.notices[1]?.changes).toEqual({ count: 501, withinMilliseconds: 1_000_000 });
    expect(counted.dropped).toBe(999);
  });

  it("a recovery never comes before its failure", async () => {
    const { options } = start();
    const ops = recordingChannel("ops", {}, {}, (attempt) => (attempt < 3 ? again : sent));
    const queue = new ChannelQueue(ops.channel, options);
    queue.put([noticeOf()]);
    await vi.advanceTimersByTimeAsync(0);
    queue.put([recoveryOf()]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(ops.told().slice(2)).toEqual([["orders failed unhealthy"], ["orders recovered healthy"]]);
  });

  it("the log mentions it once a minute", async () => {
    const { options, logger } = start();
    const ops = recordingChannel("ops", {}, {}, () => again);
    new ChannelQueue(ops.channel, options).put([noticeOf()]);
    await vi.advanceTimersByTimeAsync(59_000);
    expect(logger.warn).toHaveBeenCalledTimes(1);
    expect(logger.warn.mock.calls[0]).toEqual([
      { channel: "ops", waiting: 1 },
      'the channel "ops" did not take a message, which is sent again in 1 s: status 503',
    ]);
    await vi.advanceTimersByTimeAsync(60 * 60_000 - 59_000);
    // An attempt every five minutes in the end: none of them is left out.
    expect(logger.warn.mock.calls.length).toBeLessThanOrEqual(60);
    expect(logger.warn.mock.calls.length).toBeGreaterThan(10);
  });
});

describe("after a restart", () => {
  it("what was not sent is sent, with the same id, and in the same order", async () => {
    const before = start();
    const dead = recordingChannel("ops", {}, {}, () => again);
    const queue = new ChannelQueue(dead.channel, before.options);
    queue.put([noticeOf()]);
    await vi.advanceTimersByTimeAsync(0);
    queue.put([recoveryOf(), noticeOf({ check: "disk" })]);
    await queue.close();
    const { channels, unreadable } = readDocuments(before.outbox.all());
    expect(unreadable).toEqual([]);
    const ops = recordingChannel("ops");
    new ChannelQueue(ops.channel, start(before.outbox).options, channels.get("ops"));
    await vi.advanceTimersByTimeAsync(0);
    expect(ops.told()).toEqual([["orders failed unhealthy"], ["orders recovered healthy", "disk failed unhealthy"]]);
    expect(ops.messages[0]?.id).toBe(dead.messages[0]?.id);
    expect(before.outbox.all().size).toBe(0);
  });

  it("what was being sent when the process stopped is sent again", async () => {
    const { options, outbox } = start();
    const ops = recordingChannel("ops", {}, {}, (_, signal) => {
      return new Promise((resolve) => signal.addEventListener("abort", () => resolve(again)));
    });
    const queue = new ChannelQueue(ops.channel, options);
    queue.put([noticeOf()]);
    await queue.close();
    expect(readDocuments(outbox.all()).channels.get("ops")?.message?.notices).toHaveLength(1);
  });

  it("what another version has kept, or somebody has damaged, is told to be unreadable", () => {
    const { channels, unreadable } = readDocuments(
      new Map([
        ["told/ops/orders", '{"state":"unhealthy","since":1,"toldAt":2}'],
        ["told/ops/disk", '{"state":"broken"}'],
        ["waiting/ops/disk", "{"],
        ["other/ops", "{}"],
      ]),
    );
    expect([...(channels.get("ops")?.told.keys() ?? [])]).toEqual(["orders"]);
    expect(unreadable).toEqual(["told/ops/disk", "waiting/ops/disk", "other/ops"]);
  });
});
