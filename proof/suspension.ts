import { buildPackage } from "../bench/support/built-package.ts";
import { postgresUrl } from "../test/support/postgres-server.ts";
import { redisUrl } from "../test/support/redis-server.ts";
import { type ClockChange, changeClock } from "./support/suspension/change-clock.ts";
import { suspend } from "./support/suspension/suspend.ts";
import type { TimeOptions } from "./support/suspension/time-scene.ts";
import type { Results } from "./support/write-results.ts";

const [second, hour] = [1000, 3_600_000];

/** Changes of a machine's clock by an hour, a day and years. */
export const jumps: readonly ClockChange[] = [
  { shiftBy: hour },
  { shiftBy: -2 * hour },
  { shiftBy: 24 * hour },
  { shiftBy: -30 * second },
  { setTo: Date.UTC(1970, 0, 2) },
  { setTo: Date.UTC(2038, 0, 19, 3, 14, 7) },
];

/** A second before clocks in Berlin go forward, and before they go back. */
export const summerTime: readonly ClockChange[] = [
  { setTo: Date.UTC(2026, 2, 29, 0, 59, 59) },
  { setTo: Date.UTC(2026, 9, 25, 0, 59, 59) },
];

/** Lengths of suspensions, in time-outs: three intervals, and shorter than a run may take. */
export const long = [3.75];
export const short = [0.3, 0.5, 1];

/** The whole proof. */
export async function prove(): Promise<Results> {
  await using built = await buildPackage();
  const options: TimeOptions = { checks: 300, intervalSeconds: 3, redisUrl, postgresUrl, command: built.command };
  return {
    name: "suspension",
    title: "Clock jumps, daylight saving, a suspended process",
    description: [
      "300 HTTP checks run every 3 s against a local server that takes a quarter of their time-out of 2.4 s to answer, and one",
      "more in a thread, one of Redis, one of PostgreSQL, and a heartbeat that is expected every 3 s and comes more often. The wall",
      "clock of the server's process is set forwards and backwards, by an hour up to decades; its time zone changes to and from",
      "summer time. Across each change one more check fails and recovers, and the page, the feeds, the metrics, health+json and",
      "the log are read. Then the process is stopped (SIGSTOP) and continued at several moments of the interval: for three",
      "intervals, and for 0.3, 0.5 and 1 time-out, while the target takes 0.6 of the time-out to answer and heartbeats come.",
    ].join("\n"),
    sections: [
      { title: "The clock jumps", findings: await changeClock(options, jumps) },
      { title: "Daylight saving begins and ends", findings: await changeClock(options, summerTime, "Europe/Berlin") },
      {
        title: "The process is suspended for three intervals",
        findings: await suspend(options, { timeouts: long, moments: 6, asking: false }),
      },
      {
        title: "The same, with a client that asks for /health/ as soon as it wakes",
        findings: await suspend(options, { timeouts: long, moments: 6, asking: true }),
      },
      {
        title: "The process is suspended for less than a run may take",
        findings: await suspend(options, { timeouts: short, moments: 4, asking: false }),
      },
      {
        title: "The same, with a client that asks for /health/ all the time",
        findings: await suspend(options, { timeouts: short, moments: 4, asking: true }),
      },
    ],
  };
}
