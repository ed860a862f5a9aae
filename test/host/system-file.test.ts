import { readFileSync } from "node:fs";
import { afterEach, expect, it, vi } from "vitest";
import { OwnShortage } from "../../src/health/system-error.ts";
import { readSystemFile } from "../../src/host/system-file.ts";

vi.mock("node:fs", async (load) => {
  const fs = await load<typeof import("node:fs")>();
  return { ...fs, readFileSync: vi.fn(fs.readFileSync) };
});

afterEach(() => void vi.mocked(readFileSync).mockReset());

function failWith(code: string): void {
  vi.mocked(readFileSync).mockImplementation(() => {
    throw Object.assign(new Error(code), { code, syscall: "open" });
  });
}

it("is not there when the system has none", () => {
  failWith("ENOENT");
  expect(readSystemFile("/proc/pressure/cpu")).toBeUndefined();
});

it("is not taken for missing when too many files are open to read it", () => {
  failWith("EMFILE");
  expect(() => readSystemFile("/proc/pressure/cpu")).toThrow(OwnShortage);
});
