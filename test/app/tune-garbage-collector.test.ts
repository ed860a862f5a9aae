import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const path = new URL("../../src/app/tune-garbage-collector.ts", import.meta.url).href;

/** Keeps 60 MB in use, of which each part is replaced again and again, and tells how large the heap became. */
async function largestHeap(prepare: string): Promise<number> {
  const script = `
    const { tuneGarbageCollector } = await import(${JSON.stringify(path)});
    ${prepare}
    const kept = [];
    let largest = 0;
    for (let round = 0; round < 1500; round += 1) {
      kept[round % 150] = new Array(50_000).fill(0.5);
      largest = Math.max(largest, process.memoryUsage().heapTotal);
      if (round % 20 === 0) await new Promise(setImmediate);
    }
    console.log(largest / 1e6);`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script], {
    env: { ...process.env, NODE_V8_COVERAGE: "" },
  });
  return Number(stdout);
}

it("keeps the heap of a steady workload smaller", async () => {
  const [early, late] = [await largestHeap("tuneGarbageCollector();"), await largestHeap("")];

  expect(early).toBeLessThan(0.9 * late);
});

/** Keeps what it allocates for a few rounds, and tells how large the young generation became. */
async function youngGeneration(prepare: string): Promise<number> {
  const script = `
    import { getHeapSpaceStatistics } from "node:v8";
    const { letYoungGenerationGrow } = await import(${JSON.stringify(path)});
    ${prepare}
    const kept = [];
    for (let round = 0; round < 800; round += 1) {
      kept[round % 100] = Array.from({ length: 5000 }, (_, index) => ({ index }));
      await new Promise(setImmediate);
    }
    console.log(getHeapSpaceStatistics().find((space) => space.space_name === "new_space").space_size / 2 ** 20);`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script], {
    env: { ...process.env, NODE_V8_COVERAGE: "" },
  });
  return Number(stdout);
}

it("lets the young generation grow, but not for ever", async () => {
  const [bounded, free] = [await youngGeneration("letYoungGenerationGrow();"), await youngGeneration("")];

  expect(bounded).toBeGreaterThanOrEqual(16);
  expect(bounded).toBeLessThanOrEqual(32);
  expect(free).toBeGreaterThan(bounded);
});
