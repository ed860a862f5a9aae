import { join } from "node:path";
import { buildPackage } from "../bench/support/built-package.ts";
import { markdownTable } from "../bench/support/markdown-table.ts";
import { fetchServers, serversFolder } from "../scripts/fetch-servers.ts";
import { figure } from "./support/finding.ts";
import { growth, judge, type ScaleBounds } from "./support/scale/scale-findings.ts";
import { measureScale, type ScaleMeasurement } from "./support/scale/scale-measurement.ts";
import type { Results } from "./support/write-results.ts";

/** What Healthspan promises for 10,000 checks, while Prometheus reads classic histograms. */
const promised: ScaleBounds = {
  cores: 0.3,
  memoryMegabytes: 300,
  lagSeconds: 0.1,
  healthMilliseconds: 50,
  seriesOfCheck: 26,
};
/** The same while it reads native ones. */
const promisedNative: ScaleBounds = { ...promised, seriesOfCheck: 11 };
const promisedFor = 10_000;

/** Long enough that of two answers a second the 99th percentile is neither the slowest nor the one before it. */
const longSeconds = 120;
const shortSeconds = 45;

/** The whole proof. */
export async function prove(): Promise<Results> {
  await using built = await buildPackage();
  await fetchServers();
  const measure = (checks: number, native: boolean): Promise<ScaleMeasurement> =>
    measureScale({
      checks,
      intervalSeconds: 15,
      settleSeconds: 5,
      measureSeconds: checks === promisedFor ? longSeconds : shortSeconds,
      healthEverySeconds: 0.5,
      prometheus: join(serversFolder, "usr/bin/prometheus"),
      native,
      command: built.command,
    });
  const measurements: ScaleMeasurement[] = [];
  for (const checks of [1000, 3000, promisedFor, 30_000]) measurements.push(await measure(checks, false));
  const native = await measure(promisedFor, true);
  return {
    name: "scale",
    title: "Scale",
    description: [
      "HTTP checks run every 15 s against a local server, each over its own connection, while Prometheus scrapes `/metrics`",
      `every 15 s and a client asks for \`/health/?format=json\` twice a second, for ${shortSeconds} s, with ${promisedFor.toLocaleString("en")} checks for ${longSeconds} s.`,
      "Prometheus, the server that is probed and the client share the machine's cores with Healthspan. The cost grows in",
      "proportion when a check costs at most 1.2 times what it costs among the fewest.",
    ].join("\n"),
    sections: [
      ...measurements
        .filter(({ checks }) => checks === promisedFor)
        .map((measured) => ({ title: "10,000 checks", findings: judge(measured, promised) })),
      { title: "10,000 checks, native histograms", findings: judge(native, promisedNative) },
      ...growth(measurements),
    ],
    more: `## Cost by number of checks\n\n${overview(measurements)}`,
  };
}

function overview(measurements: readonly ScaleMeasurement[]): string {
  const head = ["checks", "cores", "cores per 1,000", "memory", "lag p99", "/health/ p99", "longest scrape", "samples"];
  return markdownTable([
    head,
    ...measurements.map(({ scrapes, ...measured }) => [
      measured.checks.toLocaleString("en"),
      figure(measured.cores, ""),
      figure((measured.cores * 1000) / measured.checks, ""),
      figure(measured.memoryMegabytes, "MB"),
      figure(measured.lag99Seconds * 1000, "ms"),
      figure(measured.health99Milliseconds, "ms"),
      figure(scrapes?.longestSeconds ?? Number.NaN, "s"),
      (scrapes?.samples ?? Number.NaN).toLocaleString("en"),
    ]),
  ]);
}
