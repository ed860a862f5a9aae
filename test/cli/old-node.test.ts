import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const binary = fileURLToPath(new URL("../../bin/healthspan.js", import.meta.url));

/** Runs the command on a Node.js that says it is another version. */
async function runOn(version: string) {
  const pretence = `Object.defineProperty(process.versions, "node", { value: "${version}" })`;
  const preload = `data:text/javascript,${encodeURIComponent(pretence)}`;
  const run = promisify(execFile)(process.execPath, ["--import", preload, binary, "--version"]);
  return run.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  );
}

describe("the command on an old Node.js", () => {
  it.each(["20.20.2", "22.17.1", "18.0.0"])("says so in one line on %s", async (version) => {
    expect(await runOn(version)).toEqual({
      code: 1,
      stdout: "",
      stderr: `healthspan needs Node.js 22.18 or newer; this is ${version}.\n`,
    });
  });

  it.each(["22.18.0", "24.0.0", "26.1.0"])("runs on %s", async (version) => {
    expect(await runOn(version)).toMatchObject({ code: 0, stderr: "" });
  });
});
