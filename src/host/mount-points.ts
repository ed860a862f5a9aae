import { resolve } from "node:path";
import { type ReadSystemFile, readSystemFile } from "./system-file.ts";

/**
 * Whether a file system is mounted at a path itself. One that is mounted only when it is needed counts once it is.
 * @returns undefined where the system does not tell
 */
export function isMountPoint(path: string, read: ReadSystemFile = readSystemFile): boolean | undefined {
  const mounts = read("/proc/self/mountinfo");
  if (mounts === undefined) return undefined;
  // proc_pid_mountinfo(5): `35 31 8:1 / /point rw shared:1 - ext4 /dev/sda1 rw`. What was mounted last covers the others.
  const lines = [...mounts.matchAll(/^\S+ \S+ \S+ \S+ (?<point>\S+) .*?- (?<type>\S+) /gm)];
  const last = lines.findLast(({ groups }) => decodeOctal(groups?.point ?? "") === resolve(path));
  return last !== undefined && last.groups?.type !== "autofs";
}

/** Decodes what the kernel writes for a space, a tab, a line break and a backslash in a path: `\040`. */
export function decodeOctal(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
