import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildPackage } from "./built-package.ts";
import type { Figure } from "./figure.ts";
import { emptyServer, median, startServer } from "./server-process.ts";

const rounds = 15;

/** The first start leaves compiled code behind, which Node finds at the next ones. */
const warmUpRounds = 2;

/** From the start of the program to its first 200, beside an empty server. */
export async function benchStartUp(): Promise<Figure[]> {
  await using built = await buildPackage();
  await writeFile(join(built.folder, "healthspan.yaml"), "checks:\n  disk: { type: disk, maxUsage: 100% }\n");
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < warmUpRounds + rounds; round += 1) {
    const empty = await startMilliseconds(emptyServer, "/", built.folder);
    const healthspan = await startMilliseconds([built.program, "serve"], "/health/?format=json", built.folder);
    if (round < warmUpRounds) continue;
    theirs.push(empty);
    ours.push(healthspan);
  }
  const [value, yardstickValue] = [median(ours), median(theirs)];
  return [
    {
      name: "From the start to the first 200",
      value,
      unit: "ms",
      yardstick: "an empty node:http server",
      yardstickValue,
      ratio: value / yardstickValue,
      bound: 4,
      boundIs: "at most",
    },
  ];
}

async function startMilliseconds(args: readonly string[], path: string, cwd: string): Promise<number> {
  await using server = await startServer(args, path, { cwd });
  return server.startMilliseconds;
}
