import { describe, expect, it } from "vitest";
import { cpuUse, readCpu } from "../../src/host/cpu-use.ts";
import { containerVersion1, containerVersion2, reading, type SystemFiles } from "../support/system-files.ts";

/** /proc/stat of a machine with four CPUs: user, nice, system, idle, iowait, irq, softirq, steal, guest, guest_nice. */
function stat(...counters: readonly number[]): SystemFiles {
  const each = [0, 1, 2, 3].map((cpu) => `cpu${cpu} ${counters.map((counter) => counter / 4).join(" ")}\n`);
  return { "/proc/stat": `cpu  ${counters.join(" ")}\n${each.join("")}intr 1 2 3\n` };
}

function used(before: SystemFiles, after: SystemFiles, seconds = 10, scope: "container" | "host" = "container") {
  return cpuUse(readCpu(scope, 100, reading(before)), readCpu(scope, 100 + seconds, reading(after)));
}

const quiet = stat(1000, 0, 500, 8000, 400, 0, 0, 0, 0, 0);
const busier = stat(1600, 100, 700, 8050, 450, 50, 50, 100, 500, 0);

describe("cpuUse of the host", () => {
  it("counts everything but idling and waiting for disks, and guests only once", () => {
    // 600 + 100 + 200 + 50 + 50 + 100 busy, 50 idle, 50 waiting
    expect(used(quiet, busier)).toEqual({ percent: (100 * 1100) / 1200, cpuLimit: undefined });
  });

  it("says nothing when the counters stand still, go back or are not there", () => {
    expect(used(quiet, quiet)).toBeUndefined();
    expect(used(busier, quiet)).toBeUndefined();
    expect(used(stat(0, 0, 0, 0), stat(0, 0, 0, 0))).toSatisfy((use) => use === undefined || use.percent >= 0);
  });

  it("asks Node.js where there is no /proc", () => {
    const before = readCpu("host", 0, reading({}));
    expect(before.host.total).toBeGreaterThan(before.host.busy);
    expect(before.host.busy).toBeGreaterThan(0);
  });
});

describe("cpuUse of a control group", () => {
  const version2 = (max: string, usageMicroseconds: number, host = quiet): SystemFiles => ({
    ...host,
    ...containerVersion2,
    "/sys/fs/cgroup/cpu.max": `${max}\n`,
    "/sys/fs/cgroup/cpu.stat": `usage_usec ${usageMicroseconds}\nuser_usec 1\nsystem_usec 2\n`,
  });
  const version1 = (quota: number, usageNanoseconds: number): SystemFiles => ({
    ...quiet,
    ...containerVersion1,
    "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": `${quota}\n`,
    "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
    "/sys/fs/cgroup/cpu,cpuacct/cpuacct.usage": `${usageNanoseconds}\n`,
  });

  it("is the share of its limit, version 2", () => {
    const use = used(version2("150000 100000", 5_000_000), version2("150000 100000", 17_000_000));
    expect(use).toEqual({ percent: 80, cpuLimit: 1.5 }); // 12 of 15 seconds
  });

  it("is the share of its limit, version 1", () => {
    const use = used(version1(50_000, 1e9), version1(50_000, 5e9));
    expect(use).toEqual({ percent: 80, cpuLimit: 0.5 }); // 4 of 5 seconds
  });

  it("is never more than the whole", () => {
    expect(used(version1(50_000, 0), version1(50_000, 6e9))?.percent).toBe(100);
  });

  it.each([
    ["has none", version2("max 100000", 0), version2("max 100000", 1e7, busier)],
    ["has one that is above what there is", version2("800000 100000", 0), version2("800000 100000", 1e7, busier)],
    ["got one in between", quiet, version2("100000 100000", 1e7, busier)],
    ["says -1 for none", version1(-1, 0), { ...version1(-1, 1e9), ...busier }],
  ])("leaves it to the host when the group %s", (_, before, after) => {
    expect(used(before, after)).toEqual({ percent: (100 * 1100) / 1200, cpuLimit: undefined });
  });

  it("leaves it to the host when asked to", () => {
    const [before, after] = [version2("100000 100000", 0), version2("100000 100000", 1e6, busier)];
    expect(used(before, after, 10, "host")?.cpuLimit).toBeUndefined();
    expect(used(before, after, 10, "container")?.cpuLimit).toBe(1);
  });
});
