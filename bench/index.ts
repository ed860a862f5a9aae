import { execFileSync, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { fileURLToPath } from "node:url";
import type { Figure } from "./support/figure.ts";
import { proofsSection } from "./support/results-overview.ts";

/** Each runs in a process of its own, so that none finds another's providers, caches or garbage. */
const benches: Readonly<Record<string, string>> = {
  run: "benchRun",
  "health-json": "benchHealthJson",
  coalescing: "benchCoalescing",
  metrics: "benchMetrics",
  "http-probe": "benchHttpProbe",
  "start-up": "benchStartUp",
  memory: "benchMemory",
};

const resultsFile = fileURLToPath(new URL("results.md", import.meta.url));
const chosen = process.argv.slice(2);
const unknown = chosen.find((name) => !(name in benches));

if (process.argv[2] === "--one") {
  const [, , , name = ""] = process.argv;
  const module = await import(`./${name}.ts`);
  const figures: Figure[] = await module[benches[name] ?? ""]();
  process.send?.(figures);
  process.exit();
} else if (unknown !== undefined) {
  console.error(`there is no benchmark called ${unknown}. There is: ${Object.keys(benches).join(", ")}`);
  process.exitCode = 2;
} else {
  const figures: Figure[] = [];
  for (const name of chosen.length > 0 ? chosen : Object.keys(benches)) {
    console.log(`measuring ${name} …`);
    figures.push(...(await measure(name)));
  }
  const table = tableOf(figures);
  console.log(`\n${table}`);
  if (chosen.length === 0) writeFileSync(resultsFile, `${resultsPage(table)}\n${await proofsSection()}`);
  process.exitCode = figures.every(isWithin) ? 0 : 1;
}

function measure(name: string): Promise<Figure[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [fileURLToPath(import.meta.url), "--one", name], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    let figures: Figure[] | undefined;
    child.on("message", (message) => {
      figures = message as Figure[]; // The only thing that it sends.
    });
    child.on("exit", (code) => {
      if (figures === undefined) reject(new Error(`the benchmark ${name} ended with ${code} and no figures`));
      else resolve(figures);
    });
  });
}

function isWithin({ ratio, bound, boundIs }: Figure): boolean {
  return boundIs === "at most" ? ratio <= bound : ratio >= bound;
}

function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const { name, value, unit, yardstick, yardstickValue, ratio, bound, boundIs, note } = figure;
    const kept = isWithin(figure) ? "yes" : "**no**";
    const explained = note === undefined ? name : `${name} (${note})`;
    return `| ${explained} | ${round(value)} ${unit} | ${yardstick} | ${round(yardstickValue)} ${unit} | ${round(ratio)} | ${boundIs} ${bound} | ${kept} |`;
  });
  return [
    "| figure | measured | yardstick | measured | ratio | bound | kept |",
    "|---|---|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

function round(value: number): string {
  return value >= 1000 ? Math.round(value).toString() : value.toPrecision(3);
}

function resultsPage(table: string): string {
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
  const [processor] = cpus();
  return [
    "# Measured",
    "",
    "`npm run bench` wrote this. Each figure stands beside a yardstick that was measured in the same run, on the same machine.",
    "",
    `Commit ${commit}, ${new Date().toISOString().slice(0, 10)}; Node.js ${process.version}, Linux ${release()}, ` +
      `${cpus().length} × ${processor?.model ?? "unknown processor"}.`,
    "",
    table,
  ].join("\n");
}
