import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";

const script = await readFile(new URL("../../scripts/fetch-servers.ts", import.meta.url), "utf8");
const packages = [
  "prometheus",
  "promtool",
  "prometheus-alertmanager",
  "prometheus-blackbox-exporter",
  "victoria-metrics",
  "docker-compose",
  "python3-prometheus-client",
  "python3-decorator",
];

describe("fetch-servers", () => {
  it("says in one sentence why the servers cannot be had, and leaves nothing behind", async () => {
    await using folder = await temporaryFolder({ "scripts/fetch-servers.ts": script });
    const { code, stdout, stderr } = await fetchIn(folder);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^The servers could not be fetched: .+\.\n$/);
    expect(await readdir(join(folder.path, ".cache"))).toEqual([]);
  });

  it("does nothing when they are there, and tells a version that the tests were not written for", async () => {
    const versions = Object.fromEntries(packages.map((name) => [name, "3.5.1-1"]));
    await using folder = await temporaryFolder({
      "scripts/fetch-servers.ts": script,
      ".cache/servers/packages.json": JSON.stringify(versions),
    });
    const { code, stdout } = await fetchIn(folder);
    expect(code).toBe(0);
    expect(stdout).toContain("prometheus 3.5.1-1\npromtool 3.5.1-1\n");
    expect(stdout).toContain("victoria-metrics 3.5.1-1 (the tests were written for 1.145)\n");
  });
});

/** Runs the script where no apt can be found. */
function fetchIn({ path }: TemporaryFolder): Promise<{ code: unknown; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const options = { env: { PATH: path } };
    execFile(process.execPath, [join(path, "scripts/fetch-servers.ts")], options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, stdout, stderr }),
    );
  });
}
