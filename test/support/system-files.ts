import type { ListSystemFolder, ReadSystemFile } from "../../src/host/system-file.ts";

/** The files of a system made up for a test: their texts by their paths. */
export type SystemFiles = Readonly<Record<string, string>>;

/** Reads made-up files; what is not among them does not exist. */
export function reading(files: SystemFiles): ReadSystemFile {
  return (path) => files[path];
}

/** Lists the folders that made-up files lie in. */
export function listing(files: SystemFiles): ListSystemFolder {
  return (folder) => {
    const inside = Object.keys(files).filter((path) => path.startsWith(`${folder}/`));
    return [...new Set(inside.map((path) => path.slice(folder.length + 1).split("/")[0] ?? ""))].sort();
  };
}

/** A container with version 2 of control groups and a namespace of its own. */
export const containerVersion2: SystemFiles = {
  "/proc/self/cgroup": "0::/\n",
  "/proc/self/mountinfo":
    "612 600 0:54 / / rw,relatime master:210 - overlay overlay rw,lowerdir=/a:/b\n615 613 0:28 / /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime - cgroup2 cgroup rw,nsdelegate,memory_recursiveprot\n",
};

/** A container with version 1 of control groups, in the host's namespace: its path is not to be seen in its mounts. */
export const containerVersion1: SystemFiles = {
  "/proc/self/cgroup": "12:memory:/docker/abc\n5:cpu,cpuacct:/docker/abc\n1:name=systemd:/docker/abc\n0::/docker/abc\n",
  "/proc/self/mountinfo":
    "700 699 0:40 /docker/abc /sys/fs/cgroup/memory ro,relatime master:15 - cgroup cgroup rw,memory\n701 699 0:33 /docker/abc /sys/fs/cgroup/cpu,cpuacct ro,relatime master:12 - cgroup cgroup rw,cpu,cpuacct\n",
};
