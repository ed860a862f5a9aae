import { buildPackage } from "../bench/support/built-package.ts";
import { markdownTable } from "../bench/support/markdown-table.ts";
import type { Finding } from "./support/finding.ts";
import { type MixedMeasurement, measureMixed } from "./support/mixed/mixed-measurement.ts";
import type { ProofOptions, Results } from "./support/write-results.ts";

/** How much more memory may be resident in the last tenth of the time than in the second. */
const maxGrowth = 1.05;

/** The findings, with what Healthspan promises of them. */
export function judge(measured: MixedMeasurement, growth = maxGrowth): readonly Finding[] {
  const { kinds, memoryBefore, memoryAfter } = measured;
  const none = (name: string, value: number): Finding => ({ name, value, unit: "", bound: { exactly: 0 } });
  return [
    {
      name: "Checks that ran in each interval",
      value: measured.punctual,
      unit: "",
      bound: { exactly: measured.checks },
    },
    none("Changes of state", measured.changes.length),
    none("Checks that are not healthy at the end", measured.notHealthy.length),
    none(
      "Connections that were opened again",
      kinds.reduce((sum, { reconnects = 0 }) => sum + reconnects, 0),
    ),
    none(
      "Kinds that ever had more connections than checks",
      kinds.filter(({ mostConnections = 0, checks }) => mostConnections > checks).length,
    ),
    { name: "Processor", value: measured.cores, unit: "cores" },
    { name: "Resident memory, median of the second tenth", value: memoryBefore, unit: "MB" },
    { name: "Resident memory, median of the last tenth", value: memoryAfter, unit: "MB" },
    { name: "Last tenth ÷ second tenth", value: memoryAfter / memoryBefore, unit: "", bound: { atMost: growth } },
    { name: "Exit code", value: measured.exitCode ?? -1, unit: "", bound: { exactly: 0 } },
  ];
}

export const hasShortForm = true;

/** The whole proof; with `--seconds`, a short form of it. */
export async function prove({ seconds = 600 }: ProofOptions = {}): Promise<Results> {
  await using built = await buildPackage();
  const options = { checks: 1000, intervalSeconds: 5, seconds, command: built.command };
  const measured = await measureMixed(options);
  const rows = measured.kinds.map(({ type, checks, keeps, mostConnections, reconnects }) => [
    type,
    String(checks),
    keeps ? "kept" : "one a run",
    String(mostConnections ?? ""),
    String(reconnects ?? ""),
  ]);
  const header = ["type", "checks", "connections", "most at a time", "opened again"];
  return {
    name: "mixed",
    title: "Checks of many kinds",
    description: [
      `${measured.checks} checks of ${rows.length} kinds run every ${options.intervalSeconds} s for ${seconds} s against real servers on the same machine. Twice a`,
      "second the kernel's list of connections is read, and the resident memory of Healthspan. A connection that is kept is not old",
      "enough to be replaced. `MALLOC_ARENA_MAX` is 2 and `MALLOC_MMAP_THRESHOLD_` 131072, as in the image and in the systemd unit.",
    ].join("\n"),
    sections: [{ title: "A thousand checks", findings: judge(measured) }],
    more: [
      `## Connections\n\n${markdownTable([header, ...rows])}`,
      ...[...measured.changes, ...measured.notHealthy].slice(0, 20).map((line) => `- ${line}`),
    ].join("\n\n"),
  };
}
