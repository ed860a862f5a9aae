import { readdir, readFile } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";

/** proc(5): the times in `stat` are in ticks, of which Linux shows 100 a second on every machine that Node runs on. */
const ticksPerSecond = 100;

/** How much processor time a process has used so far, in seconds, in all its threads. */
export async function cpuSeconds(pid: number): Promise<number> {
  // The fields utime and stime, counted after the name, which may hold spaces.
  const fields = (await readFile(`/proc/${pid}/stat`, "utf8")).replace(/^.*\) /s, "").split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** The resident memory of a process, in megabytes of 1,000,000 bytes: now, and the most it ever was. */
export async function memoryMegabytes(pid: number): Promise<{ readonly now: number; readonly peak: number }> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const read = (field: string): number =>
    (Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(status)?.[1]) * 1024) / 1e6;
  return { now: read("VmRSS"), peak: read("VmHWM") };
}

/** How many files and sockets a process has open at the least within some time: those of runs under way come and go. */
export async function fewestOpenFiles(pid: number, milliseconds: number): Promise<number> {
  const until = performance.now() + milliseconds;
  let fewest = Number.POSITIVE_INFINITY;
  while (performance.now() < until) {
    fewest = Math.min(fewest, (await readdir(`/proc/${pid}/fd`)).length);
    await wait(10);
  }
  return fewest;
}
