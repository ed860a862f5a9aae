import { cpus } from "node:os";
import { controlGroups } from "./control-group.ts";
import { type ReadSystemFile, readSystemFile } from "./system-file.ts";

/** The counters of CPU time at one moment. They only grow: two readings make a measurement. */
export interface CpuReading {
  /** In seconds, by a monotonic clock. */
  readonly atSeconds: number;
  /** The time that all CPUs were busy, and that they were there, in a unit of the system's. */
  readonly host: { readonly busy: number; readonly total: number };
  /** The control groups with a limit, by their folders. */
  readonly groups: ReadonlyMap<string, { readonly busySeconds: number; readonly cpus: number }>;
}

/** How much of the CPU time was in use between two readings. */
export interface CpuUse {
  /** From 0 to 100. */
  readonly percent: number;
  /** How many CPUs the control group may use, of whose limit this is the share; undefined for the whole host. */
  readonly cpuLimit: number | undefined;
}

/**
 * Reads the counters.
 * @param scope whether the limits of control groups count
 */
export function readCpu(
  scope: "container" | "host",
  atSeconds: number = performance.now() / 1000,
  read: ReadSystemFile = readSystemFile,
): CpuReading {
  const stat = parseStat(read("/proc/stat") ?? "") ?? timesOfNode();
  const groups = scope === "host" ? new Map<string, never>() : controlGroupTimes(stat.count, read);
  return { atSeconds, host: stat, groups };
}

/**
 * What was in use between two readings: of the limit of the control group that is nearest to it, else of the host.
 * @returns undefined when the counters stood still or went back, so that nothing can be said
 */
export function cpuUse(before: CpuReading, after: CpuReading): CpuUse | undefined {
  const seconds = after.atSeconds - before.atSeconds;
  const ofGroups = [...after.groups].flatMap(([folder, { busySeconds, cpus: cpuLimit }]) => {
    const start = before.groups.get(folder)?.busySeconds;
    return start === undefined ? [] : use(busySeconds - start, seconds * cpuLimit, cpuLimit);
  });
  const ofHost = use(after.host.busy - before.host.busy, after.host.total - before.host.total, undefined);
  return [...ofGroups.sort((a, b) => b.percent - a.percent), ...ofHost][0];
}

/** A limit is kept on the average, and counters are rounded: more than the whole is the whole. */
function use(busy: number, total: number, cpuLimit: number | undefined): readonly CpuUse[] {
  return busy >= 0 && total > 0 ? [{ percent: Math.min(100, (100 * busy) / total), cpuLimit }] : [];
}

/**
 * The first line of /proc/stat (proc_stat(5)): `cpu user nice system idle iowait irq softirq steal guest guest_nice`.
 * Waiting for a disk leaves the CPU free; the guests' time is in user and nice already.
 */
function parseStat(text: string) {
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] =
    /^cpu +(.*)$/m.exec(text)?.[1]?.split(" ").map(Number) ?? [];
  const busy = user + nice + system + irq + softirq + steal;
  const total = busy + idle + iowait;
  return total > 0 ? { busy, total, count: text.match(/^cpu\d/gm)?.length ?? 1 } : undefined;
}

function timesOfNode() {
  const times = cpus().map((cpu) => cpu.times);
  const busy = times.reduce((sum, { user, nice, sys, irq }) => sum + user + nice + sys + irq, 0);
  return { busy, total: times.reduce((sum, { idle }) => sum + idle, busy), count: times.length };
}

/** The groups whose limit is below what the host has. */
function controlGroupTimes(hostCpus: number, read: ReadSystemFile): CpuReading["groups"] {
  const found = new Map<string, { readonly busySeconds: number; readonly cpus: number }>();
  const groups = controlGroups("cpu", read);
  const accounts = groups?.version === 1 ? controlGroups("cpuacct", read) : groups;
  if (groups === undefined || accounts === undefined) return found;
  const { limit, usage } = counters[groups.version];
  for (const level of groups.levels) {
    const cpus = limit(groups.mount + level, read);
    const busySeconds = usage(accounts.mount + level, read);
    if (cpus > 0 && cpus < hostCpus && busySeconds >= 0) found.set(groups.mount + level, { busySeconds, cpus });
  }
  return found;
}

type ReadCounter = (folder: string, read: ReadSystemFile) => number;

/** How many CPUs a group may use, and how many seconds it has used; NaN when the system does not say, -1 or NaN without a limit. */
const counters: Readonly<Record<1 | 2, { readonly limit: ReadCounter; readonly usage: ReadCounter }>> = {
  1: {
    limit: (folder, read) => integer(read(`${folder}/cpu.cfs_quota_us`)) / integer(read(`${folder}/cpu.cfs_period_us`)),
    usage: (folder, read) => integer(read(`${folder}/cpuacct.usage`)) / 1e9,
  },
  2: {
    limit: (folder, read) => {
      const [quota, period] = read(`${folder}/cpu.max`)?.split(" ") ?? []; // `200000 100000`, or `max 100000`.
      return integer(quota) / integer(period);
    },
    usage: (folder, read) => integer(/^usage_usec (\d+)$/m.exec(read(`${folder}/cpu.stat`) ?? "")?.[1]) / 1e6,
  },
};

function integer(text: string | undefined): number {
  return Number.parseInt(text ?? "", 10);
}
