import { decodeOctal } from "./mount-points.ts";
import type { ReadSystemFile } from "./system-file.ts";

/** What the kernel may limit for a group of processes; `cpuacct` is version 1's count of the CPU time that `cpu` limits. */
export type Controller = "cpu" | "cpuacct" | "memory";

/** Where the files of one controller lie, for this process's group and those above it. */
export interface ControlGroups {
  readonly version: 1 | 2;
  /** The folder under which they all lie. */
  readonly mount: string;
  /** What comes after {@link mount}, this process's own group first: `/a/b`, `/a`, and the empty text. */
  readonly levels: readonly string[];
}

/**
 * Finds this process's control groups (cgroups(7)) of one controller: version 1 where the system has that controller
 * there, else version 2.
 * @returns undefined when there are none to be seen
 */
export function controlGroups(controller: Controller, read: ReadSystemFile): ControlGroups | undefined {
  const memberships = parseMemberships(read("/proc/self/cgroup") ?? "");
  const mounts = parseMounts(read("/proc/self/mountinfo") ?? "");
  for (const version of [1, 2] as const) {
    const membership = memberships.find(({ controllers }) =>
      version === 1 ? controllers.includes(controller) : controllers[0] === "",
    );
    const mount = mounts.find(
      (each) => each.version === version && (version === 2 || each.options.includes(controller)),
    );
    if (membership === undefined || mount === undefined) continue;
    return { version, mount: mount.point, levels: levelsOf(membership.path, mount.root) };
  }
  return undefined;
}

/** /proc/self/cgroup: `4:memory:/docker/abc` in version 1, `0::/docker/abc` in version 2. */
function parseMemberships(text: string) {
  return [...text.matchAll(/^\d+:([^:]*):(.*)$/gm)].map(([, controllers = "", path = ""]) => ({
    controllers: controllers.split(","),
    path,
  }));
}

/** /proc/self/mountinfo (proc_pid_mountinfo(5)): `35 31 0:32 /root /point rw shared:1 - cgroup cgroup rw,memory`. */
function parseMounts(text: string) {
  const lines = text.matchAll(/^\S+ \S+ \S+ (?<root>\S+) (?<point>\S+) .* - (?<type>cgroup2?) \S+ (?<options>\S+)$/gm);
  return [...lines].map(({ groups: { root = "", point = "", type = "", options = "" } = {} }) => ({
    version: type === "cgroup2" ? 2 : 1,
    root: decodeOctal(root),
    point: decodeOctal(point),
    options: options.split(","),
  }));
}

/** A container may see only a part of the tree mounted, while its path starts at the root of the whole tree. */
function levelsOf(path: string, root: string): readonly string[] {
  const inMount = root === "/" || path === root || path.startsWith(`${root}/`);
  const names = (inMount ? path.slice(root === "/" ? 0 : root.length) : "").split("/").filter((name) => name !== "");
  if (names.includes("..")) return [""]; // The group lies outside of what this process's namespace shows.
  return [...names.keys(), names.length].reverse().map((length) =>
    names
      .slice(0, length)
      .map((name) => `/${name}`)
      .join(""),
  );
}
