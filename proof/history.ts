import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { allocatorVariables } from "../bench/support/allocator.ts";
import { markdownTable } from "../bench/support/markdown-table.ts";
import { quantile } from "../bench/support/quantile.ts";
import type { Finding } from "./support/finding.ts";
import type { HistoryObservation, HistoryTask } from "./support/history/history-process.ts";
import type { Results } from "./support/write-results.ts";

const program = fileURLToPath(new URL("support/history/history-process.ts", import.meta.url));

/** How much of the disk a check may take, when all that is kept has been filled. */
const maxBytesPerCheck = 10_000;

/** How much more may be resident at the end than at half of the time, when V8's young generation has grown as far as it may. */
const maxGrowth = 1.05;
const maxHeapGrowthBytes = 3_000_000;

/** Of fewer hours the resident memory says nothing: its young generation still grows. */
const hoursToWarmUp = 12;

/** What is written is handed over after a second and a half: with this, a killed process loses two seconds. */
const maxWriteMilliseconds = 500;

/** A failing check counts until its next run; what is left over at the end of the time is not known. */
const maxLostSecondsPerCheck = 15;

/**
 * Lets a history with a file live through simulated hours, in a process of its own.
 * @throws Error when the process ended before it was done
 */
export async function liveThrough(task: HistoryTask): Promise<HistoryObservation> {
  const child = fork(program, [JSON.stringify(task)], {
    env: { ...process.env, ...allocatorVariables, NODE_V8_COVERAGE: "", NODE_OPTIONS: "" },
    execArgv: ["--expose-gc", "--disable-warning=ExperimentalWarning"],
    serialization: "advanced",
  });
  try {
    const ended = once(child, "exit").then(([code]) => {
      throw new Error(`the process ended with ${code} before it was done`);
    });
    const [observation] = (await Promise.race([once(child, "message"), ended])) as [HistoryObservation]; // The only message.
    return observation;
  } finally {
    child.kill("SIGKILL");
  }
}

/** The findings beside their bounds. */
export function historyFindings(observation: HistoryObservation, { checks }: HistoryTask): Finding[] {
  const { runs, seconds, hours, writes, bytesAtEnd, integrity, lived, told, lines } = observation;
  const [first, last] = [hours[Math.ceil(hours.length / 2) - 1], hours.at(-1)];
  const resident = { first: (first?.resident ?? Number.NaN) / 1e6, last: (last?.resident ?? Number.NaN) / 1e6 };
  const heap = { first: (first?.heap ?? Number.NaN) / 1e6, last: (last?.heap ?? Number.NaN) / 1e6 };
  const same = (name: string, of: keyof typeof told): Finding => ({
    name: `${name} told after a restart`,
    value: told[of],
    unit: "",
    bound: { exactly: lived[of] },
  });
  // Of a short form neither says anything: the young generation still grows, and other tests run at the same time.
  const isWhole = hours.length >= 2 * hoursToWarmUp;
  return [
    { name: "runs", value: runs, unit: "" },
    { name: "time that it took", value: seconds, unit: "s" },
    { name: "database when it is closed", value: bytesAtEnd / 1e6, unit: "MB" },
    { name: "the same for each check", value: bytesAtEnd / checks, unit: "bytes", bound: { atMost: maxBytesPerCheck } },
    { name: "database and its log, maximum", value: Math.max(...hours.map(({ disk }) => disk)) / 1e6, unit: "MB" },
    { name: `resident memory after ${first?.hour ?? 0} h`, value: resident.first, unit: "MB" },
    {
      name: `resident memory after ${last?.hour ?? 0} h`,
      value: resident.last,
      unit: "MB",
      bound: isWhole ? { atMost: maxGrowth * resident.first } : undefined,
    },
    { name: `heap after garbage collection, after ${first?.hour ?? 0} h`, value: heap.first, unit: "MB" },
    {
      name: `heap after garbage collection, after ${last?.hour ?? 0} h`,
      value: heap.last,
      unit: "MB",
      bound: { atMost: heap.first + maxHeapGrowthBytes / 1e6 },
    },
    { name: "writes", value: writes.length, unit: "" },
    { name: "write, median", value: quantile([...writes], 0.5), unit: "ms" },
    { name: "write, 99.9 %", value: quantile([...writes], 0.999), unit: "ms" },
    {
      name: "slowest write",
      value: quantile([...writes], 1),
      unit: "ms",
      bound: isWhole ? { atMost: maxWriteMilliseconds } : undefined,
    },
    same("runs", "runs"),
    same("failed runs", "failures"),
    same("incidents", "incidents"),
    same("checks with a measured value", "checksThatMeasured"),
    {
      name: "time in failure that is not told, a check",
      value: Math.abs(lived.unhealthySeconds - told.unhealthySeconds) / checks,
      unit: "s",
      bound: { atMost: maxLostSecondsPerCheck },
    },
    { name: "the database is whole", value: integrity === "ok" ? 1 : 0, unit: "", bound: { exactly: 1 } },
    { name: "lines in the log", value: lines.length, unit: "", bound: { exactly: 0 } },
  ];
}

/** The whole proof. */
export async function prove(): Promise<Results> {
  const task = { hours: 24, checks: 1000 };
  const observation = await liveThrough(task);
  const rows = observation.hours.map(({ hour, resident, heap, disk }) => [
    String(hour),
    ...[resident, heap, disk].map((bytes) => (bytes / 1e6).toFixed(1)),
  ]);
  return {
    name: "history",
    title: "History",
    description: [
      "A history with a file lives through 24 hours of 1,000 checks that run every 15 seconds, on a clock that is moved forward.",
      "Each check is down about once in eight hours, and every fifth measures a value that is another each time. What happened in a",
      "second and a half is handed over at once, as the server does, and its write is waited for; each simulated minute a reader looks",
      "at a page. At the end all of it is read again after a restart, and compared with what happened.",
    ].join("\n"),
    sections: [{ title: "A day", findings: historyFindings(observation, task) }],
    more: [
      `## By hours, in MB\n\n${markdownTable([["after hour", "resident", "heap", "database and its log"], ...rows])}`,
      ...observation.lines.slice(0, 20).map((line) => `- ${line}`),
    ].join("\n\n"),
  };
}
