import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect } from "vitest";

const run = promisify(execFile);

/** Runs a file of unit tests of rules: all of them pass. */
export async function testRules(promtool: string, file: string): Promise<void> {
  const said = await run(promtool, ["test", "rules", file]).catch(({ stdout, stderr }: Said) => ({ stdout, stderr }));
  expect(said.stderr).toBe("");
  expect(said.stdout).toMatch(/SUCCESS/);
}

interface Said {
  readonly stdout: string;
  readonly stderr: string;
}
