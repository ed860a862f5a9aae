import { totalmem } from "node:os";
import { describe, expect, it } from "vitest";
import { availableToProcess, hostMemory, hostSwap } from "../../src/host/memory-use.ts";
import { containerVersion1, containerVersion2, reading, type SystemFiles } from "../support/system-files.ts";

const MiB = 1024 ** 2;
const host: SystemFiles = {
  "/proc/meminfo":
    "MemTotal:        4096000 kB\nMemFree:           10000 kB\nMemAvailable:    3072000 kB\nBuffers:           20000 kB\n",
};
const ofHost = { usedBytes: 1000 * MiB, totalBytes: 4000 * MiB, limitedBy: "host" };

describe("hostMemory", () => {
  it("counts what the kernel can give as available, not only what is free", () => {
    expect(hostMemory(reading(host))).toEqual(ofHost);
  });

  it("asks Node.js where there is no /proc", () => {
    const { usedBytes, totalBytes } = hostMemory(reading({}));
    expect(totalBytes).toBe(totalmem());
    expect(usedBytes).toBeGreaterThan(0);
    expect(usedBytes).toBeLessThan(totalBytes);
  });
});

describe("availableToProcess", () => {
  it("is the host's memory without control groups", () => {
    expect(availableToProcess(reading(host))).toEqual(ofHost);
  });

  it("respects the limit of version 2, and does not count the cache that can be given", () => {
    const read = reading({
      ...host,
      ...containerVersion2,
      "/sys/fs/cgroup/memory.max": `${512 * MiB}\n`,
      "/sys/fs/cgroup/memory.current": `${500 * MiB}\n`,
      "/sys/fs/cgroup/memory.stat": `anon 1\nfile ${120 * MiB}\nactive_file ${20 * MiB}\ninactive_file ${100 * MiB}\n`,
    });
    expect(availableToProcess(read)).toEqual({
      usedBytes: 400 * MiB,
      totalBytes: 512 * MiB,
      limitedBy: "container",
    });
  });

  it("respects the limit of version 1", () => {
    const read = reading({
      ...host,
      ...containerVersion1,
      "/sys/fs/cgroup/memory/memory.limit_in_bytes": `${256 * MiB}\n`,
      "/sys/fs/cgroup/memory/memory.usage_in_bytes": `${200 * MiB}\n`,
      "/sys/fs/cgroup/memory/memory.stat": `inactive_file 1\ntotal_inactive_file ${50 * MiB}\n`,
    });
    expect(availableToProcess(read)).toEqual({
      usedBytes: 150 * MiB,
      totalBytes: 256 * MiB,
      limitedBy: "container",
    });
  });

  it.each([
    ["version 2 says max", containerVersion2, "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current", "max\n"],
    [
      "version 1 has more than there is",
      containerVersion1,
      "/sys/fs/cgroup/memory/memory.limit_in_bytes",
      "/sys/fs/cgroup/memory/memory.usage_in_bytes",
      "9223372036854771712\n",
    ],
  ])("is the host's memory when %s", (_, container, limit, usage, value) => {
    const read = reading({ ...host, ...container, [limit]: value, [usage]: "1000\n" });
    expect(availableToProcess(read)).toEqual(ofHost);
  });

  it("takes the group that is nearest to its limit, of this process's and those above it", () => {
    const group = (path: string, limit: number, used: number): SystemFiles => ({
      [`/sys/fs/cgroup${path}/memory.max`]: `${limit * MiB}\n`,
      [`/sys/fs/cgroup${path}/memory.current`]: `${used * MiB}\n`,
    });
    const read = reading({
      ...host,
      "/proc/self/cgroup": "0::/a/b\n",
      "/proc/self/mountinfo": containerVersion2["/proc/self/mountinfo"] ?? "",
      ...group("/a/b", 400, 100),
      ...group("/a", 600, 590),
    });
    expect(availableToProcess(read)).toMatchObject({ usedBytes: 590 * MiB, totalBytes: 600 * MiB });
  });
});

describe("hostSwap", () => {
  it("tells how much of the swap space is in use", () => {
    const read = reading({ "/proc/meminfo": "SwapCached: 7 kB\nSwapTotal:  2048 kB\nSwapFree:  1536 kB\n" });
    expect(hostSwap(read)).toEqual({ usedBytes: 512 * 1024, totalBytes: 2048 * 1024 });
  });

  it("is not known without /proc", () => {
    expect(hostSwap(reading({}))).toBeUndefined();
  });
});
