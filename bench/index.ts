import { execFileSync, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Figure, isWithin } from "./support/figure.ts";
import { describeMachine } from "./support/machine.ts";
import { markdownTable } from "./support/markdown-table.ts";
import { proofsSection } from "./support/results-overview.ts";

/** Each runs in a process of its own, so that none finds another's providers, caches or garbage. */
const benches: Readonly<Record<string, string>> = {
  run: "benchRun",
  "health-json": "benchHealthJson",
  page: "benchPage",
  "rotating-hosts": "benchRotatingHosts",
  coalescing: "benchCoalescing",
  metrics: "benchMetrics",
  "http-probe": "benchHttpProbe",
  "start-up": "benchStartUp",
  memory: "benchMemory",
  "ten-thousand": "benchTenThousand",
};

const resultsFile = fileURLToPath(new URL("results.md", import.meta.url));
const reasonUnknown = "the reason is not known";
const chosen = process.argv.slice(2);
const unknown = chosen.find((name) => !(name in benches));

if (process.argv[2] === "--one") {
  const [, , , name = ""] = process.argv;
  const module = await import(`./${name}.ts`);
  const figures: Figure[] = await module[benches[name] ?? ""]();
  process.send?.(figures);
  process.exit();
} else if (unknown !== undefined) {
  console.error(`unknown benchmark "${unknown}". Benchmarks: ${Object.keys(benches).join(", ")}`);
  process.exitCode = 2;
} else {
  await measureAll(chosen.length > 0 ? chosen : Object.keys(benches));
}

/** Only a complete run is written, and only when every benchmark measured what its rows say. */
async function measureAll(names: readonly string[]): Promise<void> {
  const figures: Figure[] = [];
  const failed: string[] = [];
  for (const name of names) {
    console.log(`measuring ${name} …`);
    const measured = await measure(name);
    if (measured === undefined) failed.push(name);
    else figures.push(...measured);
  }
  const table = tableOf(figures);
  console.log(`\n${table}`);
  if (failed.length > 0) {
    console.error(`\nfailed, see above: ${failed.join(", ")}. bench/results.md is left as it was.`);
  } else if (names.length === Object.keys(benches).length) {
    writeFileSync(resultsFile, `${await resultsPage(table)}\n\n${await proofsSection()}`);
  }
  const missed = figures.filter((figure) => !isWithin(figure));
  for (const { name, whenMissed } of missed) console.error(`bound missed: ${name}: ${whenMissed ?? reasonUnknown}`);
  process.exitCode = failed.length + missed.length > 0 ? 1 : 0;
}

/** Undefined when the benchmark failed, which has printed why. */
function measure(name: string): Promise<Figure[] | undefined> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [fileURLToPath(import.meta.url), "--one", name], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    let figures: Figure[] | undefined;
    child.on("message", (message) => {
      figures = message as Figure[]; // The only thing that it sends.
    });
    child.on("exit", () => resolve(figures));
  });
}

function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const { name, value, unit, yardstick, yardstickValue, ratio, bound, boundIs, note, whenMissed } = figure;
    return [
      note === undefined ? name : `${name} (${note})`,
      `${round(value)} ${unit}`,
      yardstick,
      `${round(yardstickValue)} ${unit}`,
      round(ratio),
      `${boundIs} ${bound}`,
      isWithin(figure) ? "yes" : `**no**: ${whenMissed ?? reasonUnknown}`,
    ];
  });
  return markdownTable([["figure", "measured", "yardstick", "measured", "ratio", "bound", "kept"], ...rows]);
}

function round(value: number): string {
  return value >= 1000 ? Math.round(value).toString() : value.toPrecision(3);
}

async function resultsPage(table: string): Promise<string> {
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
  return [
    "# Measured",
    "",
    "`npm run bench` wrote this. Each figure stands beside a yardstick that was measured in the same run, on the same machine.",
    "",
    `Commit ${commit}. ${await describeMachine()}`,
    "",
    table,
  ].join("\n");
}
