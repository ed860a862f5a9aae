import { constants, statfsSync } from "node:fs";
import { access } from "node:fs/promises";
import { tmpdir } from "node:os";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Disk } from "../../src/checks/disk.ts";
import { fileSystemUse } from "../../src/host/file-system-use.ts";
import { describeCheck } from "../support/describe-check.ts";
import { runCheck } from "../support/run-check.ts";

vi.mock(import("../../src/host/file-system-use.ts"), async (original) => {
  const actual = await original();
  return { fileSystemUse: vi.fn(actual.fileSystemUse) };
});

vi.mock("node:fs/promises", async (original) => {
  const actual = await original<typeof import("node:fs/promises")>();
  return { ...actual, access: vi.fn(actual.access) };
});
afterEach(() => void vi.mocked(access).mockClear());

describe("Disk", () => {
  describeCheck(Disk, { options: { path: "/" } });

  it("is healthy below its limits", async () => {
    const check = new Disk({ maxUsage: "100%", maxInodeUsage: "100%", minAvailable: 0 });
    expect((await runCheck(check)).state).toBe("healthy");
  });

  it.each([
    [{}, "90.0 % of / is in use"],
    [{ maxUsage: "91%" }, "90.0 % of the inodes of / are in use"],
    [{ maxUsage: "91%", maxInodeUsage: "91%" }, undefined],
    [{ maxUsage: "91%", maxInodeUsage: "91%", minAvailable: 1024 }, undefined],
    [{ maxUsage: "91%", maxInodeUsage: "91%", minAvailable: 1025 }, "only 1 KiB of / is available"],
  ])("finds with limits of %j, where nine tenths are in use and 1 KiB is left: %s", async (limits, message) => {
    const use = { usage: 90, inodeUsage: 90, availableBytes: 1024, availableInodes: 1 };
    vi.mocked(fileSystemUse).mockReturnValueOnce(use);
    expect((await runCheck(new Disk(limits))).failure?.message).toBe(message);
  });

  it("warns of how full it is", async () => {
    const result = await runCheck(new Disk({ maxUsage: 0 }));
    expect(result).toMatchObject({ state: "degraded", failure: { reason: "threshold" } });
    expect(result.failure?.message).toMatch(/^\d+\.\d % of \/ is in use$/);
  });

  it("measures how full it is, also when it warns of that", async () => {
    const { measures = [] } = await runCheck(new Disk({ maxUsage: 0 }));
    const { bavail, bsize, files } = statfsSync("/");
    const value = (name: string) => measures.find((measured) => measured.name === name)?.value;
    expect(value("usage")).toBeGreaterThan(0);
    expect(value("usage")).toBeLessThanOrEqual(100);
    expect(value("available")).toBeGreaterThan(0.5 * bavail * bsize);
    expect(value("available")).toBeLessThan(2 * bavail * bsize);
    expect(value("availableInodes") === undefined).toBe(files === 0);
    expect(value("inodeUsage") === undefined).toBe(files === 0);
    expect((await runCheck(new Disk({ path: "/no/such/path" }))).measures).toEqual([]);
  });

  it("warns when less is available than asked for", async () => {
    const result = await runCheck(new Disk({ maxUsage: "100%", minAvailable: "999999TiB" }));
    expect(result).toMatchObject({ state: "degraded", failure: { reason: "threshold" } });
    expect(result.failure?.message).toMatch(/^only \d+(\.\d)? [KMGT]?i?B of \/ is available$/);
  });

  it.skipIf(statfsSync("/").files === 0)("warns at its limit of inodes", async () => {
    const result = await runCheck(new Disk({ maxUsage: "100%", maxInodeUsage: 0 }));
    expect(result).toMatchObject({ state: "degraded", failure: { reason: "threshold" } });
    expect(result.failure?.message).toMatch(/^\d+\.\d % of the inodes of \/ are in use$/);
  });

  it("is unhealthy for a path that does not exist", async () => {
    const result = await runCheck(new Disk({ path: "/no/such/path" }));
    expect(result).toMatchObject({ state: "unhealthy", failure: { message: "/no/such/path cannot be read" } });
  });

  it.skipIf(process.platform !== "linux")("is unhealthy for a file system that stores nothing", async () => {
    const { state, failure } = await runCheck(new Disk({ path: "/proc" }));
    expect(state).toBe("unhealthy");
    expect(failure).toMatchObject({
      reason: "unexpected_result",
      message: "/proc is on a file system that has no size",
    });
  });

  it.skipIf(process.platform !== "linux")("notices that nothing is mounted where something must be", async () => {
    const limits = { maxUsage: 100, maxInodeUsage: 100, mounted: true };
    expect((await runCheck(new Disk({ ...limits, path: "/" }))).state).toBe("healthy");
    const { state, failure } = await runCheck(new Disk({ ...limits, path: import.meta.dirname }));
    expect(state).toBe("unhealthy");
    expect(failure).toMatchObject({
      reason: "assertion",
      message: `no file system is mounted at ${import.meta.dirname}`,
    });
  });

  it.each([
    ["EROFS", "/ is mounted read-only"],
    ["EACCES", "/ may not be written by the user that Healthspan runs as"],
  ])("notices that it cannot be written: %s", async (code, message) => {
    const limits = { maxUsage: 100, maxInodeUsage: 100 };
    vi.mocked(access).mockRejectedValueOnce(Object.assign(new Error(code), { code }));
    const { state, failure } = await runCheck(new Disk({ ...limits, writable: true }));
    expect({ state, reason: failure?.reason, message: failure?.message }).toEqual({
      state: "unhealthy",
      reason: "assertion",
      message,
    });
  });

  it.skipIf(process.platform !== "linux")("asks the system whether it can be written", async () => {
    const limits = { maxUsage: 100, maxInodeUsage: 100, writable: true };
    expect((await runCheck(new Disk({ ...limits, path: tmpdir() }))).state).toBe("healthy");
    await runCheck(new Disk({ ...limits, writable: false }));
    expect(vi.mocked(access).mock.calls).toEqual([[tmpdir(), constants.W_OK]]);
  });
});
