import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { NotKnownYet } from "../../src/health/errors.ts";
import { FileSystemReads } from "../../src/host/file-system-reads.ts";
import type { FileSystemCounts } from "../../src/host/file-system-use.ts";

const counts: FileSystemCounts = { bsize: 1, blocks: 2, bfree: 1, bavail: 1, files: 0, ffree: 0 };
const limits = { maxRecent: 2, maxSlow: 2, maxSlowForKnown: 3, maxWaitMilliseconds: 1000 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Paths with "hung" in their name get no answer before they are told to. */
function start() {
  const asked: string[] = [];
  const hung = Promise.withResolvers<FileSystemCounts>();
  const reads = new FileSystemReads((path) => {
    asked.push(path);
    return path.includes("hung") ? hung.promise : Promise.resolve(counts);
  }, limits);
  const fails = (path: string) => expect(reads.read(path)).rejects.toThrow(NotKnownYet);
  return { reads, asked, recover: () => hung.resolve(counts), fails };
}

describe("reading file systems", () => {
  it("lets others begin when those before them hang", async () => {
    const { reads } = start();
    for (const path of ["/hung1", "/hung2"]) void reads.read(path);
    const good = reads.read("/");
    await vi.advanceTimersByTimeAsync(500);
    expect(await good).toBe(counts);
  });

  it("keeps places for those that answered the last time, and says of others that nothing is known", async () => {
    const { reads, fails, asked, recover } = start();
    expect(await reads.read("/")).toBe(counts);
    for (const path of ["/hung1", "/hung2"]) void reads.read(path);
    await vi.advanceTimersByTimeAsync(500);
    const late = fails("/new");
    await vi.advanceTimersByTimeAsync(1000);
    await late;
    expect(await reads.read("/")).toBe(counts);
    expect(asked).toEqual(["/", "/hung1", "/hung2", "/"]);
    recover();
    await vi.advanceTimersByTimeAsync(0);
    expect(await reads.read("/new")).toBe(counts);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("asks about a path once, until it has answered", async () => {
    const { reads, asked, recover } = start();
    const both = Promise.all([reads.read("/hung"), reads.read("/hung")]);
    expect(asked).toEqual(["/hung"]);
    recover();
    expect(await both).toEqual([counts, counts]);
    await reads.read("/hung");
    expect(asked).toEqual(["/hung", "/hung"]);
  });

  it("never has more under way than there are places, however many hang", async () => {
    const { reads, asked } = start();
    for (let index = 0; index < 20; index += 1) void reads.read(`/hung${index}`).catch(() => {});
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asked.length).toBeLessThanOrEqual(limits.maxRecent + limits.maxSlow);
    expect(vi.getTimerCount()).toBe(0);
  });
});
