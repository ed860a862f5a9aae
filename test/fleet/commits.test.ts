import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { SharedFinding } from "../../src/engine/sharing/sharing.ts";
import { Commits } from "../../src/fleet/commits.ts";
import { shardOf } from "../../src/fleet/fixed-shards.ts";
import { shardCount } from "../../src/fleet/leases.ts";
import { Mirror } from "../../src/fleet/mirror.ts";
import type { Silence } from "../../src/fleet/redis-link.ts";
import type { Committed, CommittedRecord } from "../../src/fleet/redis-records.ts";
import { aRecord } from "../support/check-records.ts";

const latestMoment = 1_800_000_000_000;
const shard = shardOf("orders", shardCount);

/** Commits to a Redis that answers as it is told. */
function newCommits() {
  const written: {
    readonly names: readonly string[];
    readonly latest: number;
    readonly records: readonly CommittedRecord[];
  }[] = [];
  const link: { isConnected: boolean; silence: Silence | undefined; latestMoment: number } = {
    isConnected: true,
    silence: undefined,
    latestMoment,
  };
  const answers: (Committed | Error | Promise<Committed>)[] = [];
  const state = { isHeld: true };
  const refused = vi.fn<(shard: number) => void>();
  const discarded = vi.fn<(name: string) => void>();
  const took = vi.fn<(name: string) => void>();
  const mirror = new Mirror("me", took);
  const commits = new Commits({
    replica: "me",
    link,
    records: {
      commit: async (_shard, _lock, records, latest) => {
        written.push({ names: records.map(({ name }) => name), latest, records });
        const answer = await (answers.shift() ?? { at: latestMoment - 1000 });
        if (answer instanceof Error) throw answer;
        return answer;
      },
    },
    leases: { lockOf: (of) => ({ key: `lock ${of}`, token: "token" }) },
    mirror,
    isHeld: () => state.isHeld,
    ...{ refused, discarded },
  });
  return { commits, written, link, answers, state, refused, discarded, took, mirror };
}

function passed(name = "orders"): SharedFinding {
  const now = performance.now();
  return { record: aRecord(name), hasFailed: false, startedAt: now - 10, endedAt: now };
}

function failed(name = "orders"): SharedFinding {
  return { ...passed(name), record: aRecord(name, "unhealthy"), hasFailed: true };
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.advanceTimersByTime(60_000);
});
afterEach(() => void vi.useRealTimers());

describe("what was found", () => {
  it("counts once Redis has taken it, and not before", async () => {
    const { commits, answers, took, mirror } = newCommits();
    const { promise, resolve } = Promise.withResolvers<Committed>();
    answers.push(promise);
    commits.take(failed());
    const flushing = commits.flush();
    await Promise.resolve();
    expect(took).not.toHaveBeenCalled();
    resolve({ at: 5 });
    await flushing;
    expect(took).toHaveBeenCalledOnce();
    expect(mirror.find("orders")).toMatchObject({ by: "me", at: 5, record: { state: "unhealthy" } });
  });

  it("is written once: a second flush has nothing to write", async () => {
    const { commits, written } = newCommits();
    commits.take(passed());
    await commits.flush();
    await commits.flush();
    expect(written).toHaveLength(1);
  });

  it("is kept, the newest of each check, and written again when Redis gave no answer", async () => {
    const { commits, written, answers, mirror } = newCommits();
    answers.push(new Error("Socket closed"));
    commits.take(passed());
    await commits.flush();
    expect(mirror.size).toBe(0);
    commits.take(failed());
    await commits.flush();
    expect(written.map(({ names }) => names)).toEqual([["orders"], ["orders"]]);
    expect(mirror.find("orders")?.record.state).toBe("unhealthy");
  });

  it("is written again when it came too late", async () => {
    const { commits, written, answers } = newCommits();
    answers.push("late");
    commits.take(passed());
    await commits.flush();
    await commits.flush();
    expect(written).toHaveLength(2);
  });

  it("is not written at all while Redis does not answer, nor when the shard is not held", async () => {
    const { commits, written, link, state } = newCommits();
    link.isConnected = false;
    commits.take(passed());
    await commits.flush();
    link.isConnected = true;
    state.isHeld = false;
    commits.take(passed("another"));
    commits.drop(shard);
    await commits.flush();
    expect(written).toEqual([]);
  });

  it("by who is refused is told to nobody, and its shard is given up", async () => {
    const { commits, answers, refused, took } = newCommits();
    answers.push("refused");
    commits.take(failed());
    await commits.flush();
    expect(refused).toHaveBeenCalledExactlyOnceWith(shard);
    expect(took).not.toHaveBeenCalled();
  });

  it("while it is being written is not lost when something newer is found", async () => {
    const { commits, answers, mirror } = newCommits();
    const { promise, resolve } = Promise.withResolvers<Committed>();
    answers.push(promise);
    commits.take(passed());
    const flushing = commits.flush();
    await Promise.resolve();
    commits.take(failed());
    resolve({ at: 5 });
    await flushing;
    await commits.flush();
    expect(mirror.find("orders")?.record.state).toBe("unhealthy");
  });

  it("may only arrive while Redis has answered lately: later, it was cut off on its way", async () => {
    const { commits, written } = newCommits();
    commits.take(failed());
    vi.advanceTimersByTime(1200);
    await commits.flush();
    expect(written[0]?.latest).toBe(latestMoment);
  });

  it("is written with its past until the others have got it", async () => {
    const { commits, written } = newCommits();
    const finding = passed();
    commits.take(finding);
    await commits.flush();
    commits.take({ ...finding, record: { ...finding.record } });
    await commits.flush();
    commits.repeat("orders");
    await commits.flush();
    expect(written.map(({ records }) => records[0]?.isPastKnown)).toEqual([false, true, false]);
  });
});

describe("a failure that was found while Redis gave no answer", () => {
  it("counts for nothing", async () => {
    const { commits, written, link, discarded } = newCommits();
    const before = performance.now();
    vi.advanceTimersByTime(1000);
    commits.take(failed());
    vi.advanceTimersByTime(1600);
    link.silence = { from: before, to: performance.now() };
    await commits.flush();
    expect(discarded).toHaveBeenCalledExactlyOnceWith("orders");
    expect(written).toEqual([]);
  });

  it("counts for nothing either when the check has passed since, before Redis was told of both", async () => {
    const { commits, written, link, discarded } = newCommits();
    const before = performance.now();
    vi.advanceTimersByTime(1000);
    commits.take(failed());
    vi.advanceTimersByTime(1600);
    link.silence = { from: before, to: performance.now() };
    vi.advanceTimersByTime(100);
    commits.take(passed()); // Its record tells of the failure and of the recovery.
    await commits.flush();
    expect(discarded).toHaveBeenCalledExactlyOnceWith("orders");
    expect(written).toEqual([]);
  });

  it("does not touch what passed meanwhile, nor what failed after it", async () => {
    const { commits, written, link, discarded } = newCommits();
    const before = performance.now();
    vi.advanceTimersByTime(1000);
    commits.take(passed("passed"));
    vi.advanceTimersByTime(1600);
    link.silence = { from: before, to: performance.now() };
    vi.advanceTimersByTime(100);
    commits.take(failed("failed"));
    await commits.flush();
    expect(discarded).not.toHaveBeenCalled();
    expect(written.flatMap(({ names }) => names).toSorted()).toEqual(["failed", "passed"]);
  });
});

describe("what Redis has lost", () => {
  it("is written again as it is known, as old as it is, and nobody is told anew", async () => {
    const { commits, written, mirror, took } = newCommits();
    mirror.takeOwn({ record: aRecord("orders"), by: "other", sequence: 3 }, performance.now() - 700, 1);
    took.mockClear();
    commits.repeat("orders");
    await commits.flush();
    const head = JSON.parse(written[0]?.records[0]?.head ?? "{}") as object;
    expect(head).toMatchObject({ by: "other", sequence: 3, age: 700 });
    expect(took).not.toHaveBeenCalled();
  });

  it("is not written over what has been found since", async () => {
    const { commits, mirror } = newCommits();
    mirror.takeOwn({ record: aRecord("orders"), by: "other", sequence: 3 }, performance.now(), 1);
    commits.take(failed());
    commits.repeat("orders");
    await commits.flush();
    expect(mirror.find("orders")?.record.state).toBe("unhealthy");
  });
});
