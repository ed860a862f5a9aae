import { readdir, stat } from "node:fs/promises";
import { afterEach, describe, expect, it, vi } from "vitest";
import { newestFile } from "../../src/host/newest-file.ts";

vi.mock("node:fs/promises", async (original) => {
  const actual = await original<typeof import("node:fs/promises")>();
  return { ...actual, stat: vi.fn(actual.stat), readdir: vi.fn(actual.readdir) };
});
afterEach(() => vi.restoreAllMocks());

const { signal } = new AbortController();
const failing = (code: string) => Object.assign(new Error(code), { code, syscall: "stat" });

describe("the newest file", () => {
  it.each([
    ["EACCES", { state: "unknown", message: "/x may not be read by the user that Healthspan runs as" }],
    ["EPERM", { state: "unknown" }],
    ["EMFILE", { state: "unknown" }],
    ["EIO", { state: "unhealthy", message: "/x cannot be read" }],
    ["ESTALE", { state: "unhealthy", reason: "unavailable" }],
  ])("knows whose fault it is when the system says %s", async (code, expected) => {
    vi.mocked(stat).mockRejectedValueOnce(failing(code));
    await expect(newestFile("/x", signal)).rejects.toMatchObject(expected);
    vi.mocked(readdir).mockRejectedValueOnce(failing(code));
    await expect(newestFile("/x/*", signal)).rejects.toMatchObject({ state: expected.state });
  });
});
