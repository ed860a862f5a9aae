import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { startHttpTarget } from "../../../support/http-target.ts";

/** Runs a check again and again, and prints how many bytes each run leaves behind that no scavenge frees. */
function program(url: string): string {
  return `
    import { Http } from "./src/checks/http.ts";
    const check = new Http({ url: ${JSON.stringify(url)} });
    async function grown(runs) {
      const before = process.memoryUsage().heapUsed;
      for (let run = 0; run < runs; run += 1) await check.run(new AbortController().signal);
      for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      for (let times = 0; times < 2; times += 1) gc({ type: "minor" });
      return (process.memoryUsage().heapUsed - before) / runs;
    }
    await grown(1000);
    const samples = [];
    for (let batch = 0; batch < 5; batch += 1) samples.push(await grown(200));
    console.log(samples.sort((a, b) => a - b)[2]);
  `;
}

it("leaves little to a full collection: neither the answer nor what belongs to the run", async () => {
  await using target = await startHttpTarget((_, response) => response.end("ok"));
  const flags = ["--expose-gc", "--input-type=module", "--eval"];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, program(target.origin)]);
  expect(Number(stdout)).toBeLessThan(2000); // A socket of Node.js's is most of it.
}, 30_000);
