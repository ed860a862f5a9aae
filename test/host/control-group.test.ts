import { describe, expect, it } from "vitest";
import { controlGroups } from "../../src/host/control-group.ts";
import { containerVersion1, containerVersion2, reading } from "../support/system-files.ts";

const mount2 = "30 23 0:26 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";

describe("controlGroups", () => {
  it("finds those of a container, version 2", () => {
    expect(controlGroups("memory", reading(containerVersion2))).toEqual({
      version: 2,
      mount: "/sys/fs/cgroup",
      levels: [""],
    });
  });

  it("finds those of a container, version 1, whose path is told from the host's root", () => {
    expect(controlGroups("memory", reading(containerVersion1))).toEqual({
      version: 1,
      mount: "/sys/fs/cgroup/memory",
      levels: [""],
    });
    expect(controlGroups("cpuacct", reading(containerVersion1))?.mount).toBe("/sys/fs/cgroup/cpu,cpuacct");
  });

  it("finds a service's group and those above it", () => {
    const read = reading({
      "/proc/self/cgroup": "0::/system.slice/healthspan.service\n",
      "/proc/self/mountinfo": mount2,
    });
    expect(controlGroups("cpu", read)?.levels).toEqual(["/system.slice/healthspan.service", "/system.slice", ""]);
  });

  it("takes version 1 for the controllers that are there, version 2 for the others", () => {
    const read = reading({
      "/proc/self/cgroup": "4:memory:/a\n0::/b\n",
      "/proc/self/mountinfo": `35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n${mount2}`,
    });
    expect(controlGroups("memory", read)).toMatchObject({ version: 1, levels: ["/a", ""] });
    expect(controlGroups("cpu", read)).toMatchObject({ version: 2, levels: ["/b", ""] });
  });

  it("keeps to the mount when the group lies outside of it", () => {
    const outside = { "/proc/self/cgroup": "0::/../../other\n", "/proc/self/mountinfo": mount2 };
    expect(controlGroups("memory", reading(outside))?.levels).toEqual([""]);
    const elsewhere = {
      "/proc/self/cgroup": "0::/kubepods/burstable/pod\n",
      "/proc/self/mountinfo": mount2.replace(" / ", " /docker/abc "),
    };
    expect(controlGroups("memory", reading(elsewhere))?.levels).toEqual([""]);
  });

  it("reads a mount point with a space", () => {
    const read = reading({
      "/proc/self/cgroup": "0::/\n",
      "/proc/self/mountinfo": mount2.replace("/sys/fs/cgroup", "/my\\040groups"),
    });
    expect(controlGroups("memory", read)?.mount).toBe("/my groups");
  });

  it("finds none where there are none", () => {
    expect(controlGroups("memory", reading({}))).toBeUndefined();
    expect(controlGroups("memory", reading({ "/proc/self/cgroup": "0::/\n" }))).toBeUndefined();
  });
});
