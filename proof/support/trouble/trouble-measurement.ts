import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** What is in trouble, beside what is healthy, and for how long. */
export interface TroubleOptions {
  /** Checks of a target that answers, each by a name of its own. */
  readonly healthy: number;
  /** Checks by names that the name server leaves without an answer. */
  readonly names: number;
  /** Checks of file systems that hang. */
  readonly mounts: number;
  readonly intervalSeconds: number;
  readonly seconds: number;
  /** The path of `bin/healthspan.js`. Default: that of the checkout. */
  readonly command?: string | undefined;
}

/** What was measured. */
export interface TroubleMeasurement {
  /** How often each check must have run. */
  readonly intervals: number;
  /** How often the healthy check ran that ran least. */
  readonly leastRuns: number;
  /** How many of the healthy checks ran. */
  readonly paths: number;
  readonly longestGapIntervals: number;
  /** Runs of healthy checks that failed. */
  readonly failedRuns: number;
  /** Changes of state of the healthy checks beyond the first of each. */
  readonly changes: number;
  /** What the changes were, as a line for each check that had one. */
  readonly unwell: readonly string[];
  readonly passingNames: number;
  readonly passingMounts: number;
  readonly scrapes: number;
  readonly refusedScrapes: number;
  readonly scrapeMedianMilliseconds: number;
  readonly scrape99Milliseconds: number;
  readonly scrapeLongestMilliseconds: number;
  readonly memoryMegabytes: number;
  readonly stopSeconds: number;
  readonly exitCode: number | null;
}

const program = fileURLToPath(new URL("scene-process.ts", import.meta.url));

/**
 * Measures in a network and mount namespace of its own, which needs root, `unshare` and FUSE.
 * @throws Error with what the scene printed when it ends without a measurement
 */
export async function measureTrouble(options: TroubleOptions): Promise<TroubleMeasurement> {
  const scene = spawn("unshare", ["--mount", "--net", process.execPath, program, JSON.stringify(options)], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    env: { ...process.env, NODE_V8_COVERAGE: "", NODE_OPTIONS: "" },
  });
  let measured: TroubleMeasurement | undefined;
  let printed = "";
  scene.once("message", (message) => {
    measured = message as unknown as TroubleMeasurement; // All that the scene sends.
  });
  scene.stderr?.setEncoding("utf8").on("data", (text: string) => {
    printed = `${printed}${text}`.slice(-10_000);
  });
  await once(scene, "close");
  if (measured === undefined) throw new Error(`the scene ended without a measurement: ${printed}`);
  return measured;
}
