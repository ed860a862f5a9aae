import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { runCommand } from "../support/command.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

afterEach(() => vi.restoreAllMocks());

describe("healthspan validate", () => {
  it("says what a valid configuration has", async () => {
    await using folder = await temporaryFolder({
      "one.yaml": "checks: { disk: { type: disk } }",
      "two.yaml": "checks: { a: { type: disk }, b: { type: disk } }\nendpoints: { /a/: [a], /b/: [b] }",
    });
    const one = join(folder.path, "one.yaml");
    const two = join(folder.path, "two.yaml");
    expect(await runCommand(["validate", one])).toEqual({
      code: 0,
      stdout: `${one} is valid: 1 check, 1 endpoint\n`,
      stderr: "",
    });
    expect(await runCommand(["validate", "--config", two])).toEqual({
      code: 0,
      stdout: `${two} is valid: 2 checks, 2 endpoints\n`,
      stderr: "",
    });
  });

  it("counts channels, if there are any", async () => {
    await using folder = await temporaryFolder({ "one.yaml": "notify: { a: { type: ntfy, topic: hush-of-ntfy } }" });
    const one = join(folder.path, "one.yaml");
    const { stdout, stderr } = await runCommand(["validate", one]);
    expect(stdout).toBe(`${one} is valid: 4 checks, 1 endpoint, 1 channel\n`);
    expect(stderr).not.toMatch(/hush/);
  });

  it("warns of what a valid configuration shows to everybody", async () => {
    await using folder = await temporaryFolder({
      "one.yaml": "checks: { disk: { type: disk } }\nendpoints: { /a/: { details: status } }",
    });
    const one = join(folder.path, "one.yaml");
    expect(await runCommand(["validate", one])).toEqual({
      code: 0,
      stdout: `${one} is valid: 1 check, 1 endpoint\n`,
      stderr: expect.stringMatching(/^Warning: \/metrics shows everybody the labels, .* that \/a\/ hides .*\n$/),
    });
  });

  it("does not call a configuration valid that does not exist", async () => {
    await using folder = await temporaryFolder({ "healthspan.json": "{}" });
    vi.spyOn(process, "cwd").mockReturnValue(folder.path);
    expect(await runCommand(["validate"])).toEqual({
      code: 2,
      stdout: "",
      stderr: `There is no configuration in ${folder.path}: no healthspan.yaml, healthspan.yml, healthspan.config.ts, healthspan.config.js or healthspan.config.mjs. Name the file: healthspan validate FILE\n`,
    });
  });

  it("lists every issue of the configuration in the working folder, on stderr and without a stack", async () => {
    await using folder = await temporaryFolder({ "healthspan.yaml": "checks: { disk: { type: dsk } }\nport: 80\n" });
    vi.spyOn(process, "cwd").mockReturnValue(folder.path);
    expect(await runCommand(["validate"])).toEqual({
      code: 2,
      stdout: "",
      stderr: `healthspan.yaml:1:25: checks.disk.type: unknown type "dsk". Did you mean "disk"?
healthspan.yaml:2:1: port: unknown option "port". Known options: service, server, page, defaults, concurrency, publicVariables, checks, endpoints, notify, announcements, metrics, probe, fleet, telemetry, traces, store, stateFile, maintenance, reload, log
`,
    });
  });
});
