import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildPackage } from "./support/built-package.ts";
import type { Figure } from "./support/figure.ts";
import { median } from "./support/quantile.ts";
import { emptyServer, startServer } from "./support/server-process.ts";
import { verifyEqual } from "./support/verify.ts";

const rounds = 15;

/** The first start leaves compiled code behind, which Node uses at the next ones. */
const warmUpRounds = 2;

/** Not `/health/`, whose check of the CPU would fail on the busy machine that measures. */
const path = "/health/disk/?format=json";

/** An ES module, as the package is. */
const emptyModule = `
import { createServer } from "node:http";
createServer((request, response) => response.end("ok")).listen(process.env.PORT, "127.0.0.1");
`;

/** From the start of the program, without a configuration, to its first 200, beside an empty server. */
export async function benchStartUp(): Promise<Figure[]> {
  await using built = await buildPackage();
  const { folder } = built;
  await writeFile(join(folder, "empty.js"), emptyModule);
  const programs = {
    ours: { args: [built.command, "serve"], path, body: '{"disk":"working"}' },
    empty: { args: ["empty.js"], path: "/", body: "ok" },
    smallest: { args: emptyServer, path: "/", body: "ok" },
  };
  const measured = { ours: [] as number[], empty: [] as number[], smallest: [] as number[] };
  for (let round = 0; round < warmUpRounds + rounds; round += 1) {
    for (const name of ["ours", "empty", "smallest"] as const) {
      const program = programs[name];
      await using server = await startServer(program.args, program.path, { cwd: folder });
      verifyEqual("the first answer", server.firstBody.trim(), program.body);
      if (round >= warmUpRounds) measured[name].push(server.startMilliseconds);
    }
  }
  const [value, yardstickValue] = [median(measured.ours), median(measured.empty)];
  const smallest = median(measured.smallest);
  return [
    {
      name: "From the start to the first 200",
      value,
      unit: "ms",
      yardstick: "an empty node:http server, an ES module too",
      yardstickValue,
      ratio: value / yardstickValue,
      bound: 4,
      boundIs: "at most",
      whenMissed:
        "it is the loading of nearly 500 modules, of which 95 are zod's and 64 of those its translations, which no entry point of it leaves out",
      note: `${(value / smallest).toFixed(1)} times one that is a CommonJS script, and so does not load fetch`,
    },
  ];
}
