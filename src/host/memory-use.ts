import { totalmem } from "node:os";
import { controlGroups } from "./control-group.ts";
import { type ReadSystemFile, readSystemFile } from "./system-file.ts";

/** How much memory is in use, of how much. */
export interface MemoryUse {
  readonly usedBytes: number;
  readonly totalBytes: number;
  /** What sets the total: the machine, or the limit of the control group in which this process runs. */
  readonly limitedBy: "host" | "container";
}

/** The host's memory. A cache that it can free does not count as used. */
export function hostMemory(read: ReadSystemFile = readSystemFile): MemoryUse {
  const { total, available } = parseMeminfo(read("/proc/meminfo") ?? "") ?? {
    total: totalmem(),
    available: process.availableMemory(), // os.freemem() leaves out what macOS can give.
  };
  return { usedBytes: Math.max(0, total - available), totalBytes: total, limitedBy: "host" };
}

/** The host's swap space; without any, both are 0. @returns undefined when the system does not tell */
export function hostSwap(
  read: ReadSystemFile = readSystemFile,
): { readonly usedBytes: number; readonly totalBytes: number } | undefined {
  const text = read("/proc/meminfo") ?? "";
  const total = /^SwapTotal:\s+(\d+) kB$/m.exec(text)?.[1];
  const free = /^SwapFree:\s+(\d+) kB$/m.exec(text)?.[1];
  if (total === undefined || free === undefined) return undefined;
  return { usedBytes: 1024 * (Number(total) - Number(free)), totalBytes: 1024 * Number(total) };
}

/**
 * The memory that this process may use: that of its control group, or of the one above it that is nearest to its limit;
 * the host's when no group has a limit below it.
 */
export function availableToProcess(read: ReadSystemFile = readSystemFile): MemoryUse {
  const host = hostMemory(read);
  const limited = controlGroupMemory(read).filter(({ totalBytes }) => totalBytes > 0 && totalBytes < host.totalBytes);
  return limited.reduce((fullest, group) => (share(group) > share(fullest) ? group : fullest), limited[0] ?? host);
}

function share({ usedBytes, totalBytes }: MemoryUse): number {
  return usedBytes / totalBytes;
}

/** MemAvailable is the kernel's estimate of what can be given without swapping; MemFree is always near nothing. */
function parseMeminfo(text: string): { readonly total: number; readonly available: number } | undefined {
  const total = /^MemTotal:\s+(\d+) kB$/m.exec(text)?.[1];
  const available = /^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1];
  if (total === undefined || available === undefined) return undefined;
  return { total: 1024 * Number(total), available: 1024 * Number(available) };
}

const files = {
  1: { limit: "memory.limit_in_bytes", usage: "memory.usage_in_bytes", inactive: /^total_inactive_file (\d+)$/m },
  2: { limit: "memory.max", usage: "memory.current", inactive: /^inactive_file (\d+)$/m },
} as const;

/** The groups with a limit; one without has `max` there, or in version 1 more than any machine has. */
function controlGroupMemory(read: ReadSystemFile): readonly MemoryUse[] {
  const groups = controlGroups("memory", read);
  if (groups === undefined) return [];
  const { limit, usage, inactive } = files[groups.version];
  return groups.levels.flatMap((level) => {
    const folder = groups.mount + level;
    const totalBytes = Number.parseInt(read(`${folder}/${limit}`) ?? "", 10);
    const used = Number.parseInt(read(`${folder}/${usage}`) ?? "", 10);
    if (Number.isNaN(totalBytes) || Number.isNaN(used)) return [];
    // The kubelet and `docker stats` count so too: the cache that was not used lately can be given at once.
    const cache = Number(inactive.exec(read(`${folder}/memory.stat`) ?? "")?.[1] ?? 0);
    return [{ usedBytes: Math.max(0, used - cache), totalBytes, limitedBy: "container" as const }];
  });
}
