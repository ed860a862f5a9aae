import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { answers, itWithService } from "../support/it-with-service.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const run = promisify(execFile);
const unit = readFileSync(join(import.meta.dirname, "../../deploy/systemd/healthspan.service"), "utf8");

const systemd = {
  name: "systemd-analyze",
  // `security --offline` came with systemd 250.
  available: await answers(async () => {
    const { stdout } = await run("systemd-analyze", ["--version"]);
    expect(Number(/^systemd (\d+)/.exec(stdout)?.[1])).toBeGreaterThanOrEqual(250);
  }),
  advice: "Install systemd 250 or newer.",
};

describe("healthspan.service", () => {
  itWithService([systemd], "is a unit that systemd understands", async () => {
    // The test's machine need not have the command where the unit expects it.
    await using folder = await temporaryFolder({
      "healthspan.service": unit.replace("/usr/bin/healthspan", process.execPath),
    });
    const { stdout, stderr } = await run("systemd-analyze", ["verify", join(folder.path, "healthspan.service")]);
    expect(stdout + stderr).not.toContain("healthspan.service");
  });

  itWithService([systemd], "is confined as far as its work allows", async () => {
    await using folder = await temporaryFolder({ "healthspan.service": unit });
    const path = join(folder.path, "healthspan.service");
    // In tenths of the exposure level, of which 10 is the worst; above it, the exit code is 1.
    const { stdout } = await run("systemd-analyze", [
      "security",
      "--offline=true",
      "--threshold=20",
      "--no-pager",
      path,
    ]);
    expect(stdout).toMatch(/Overall exposure level for healthspan\.service: 1\.\d OK/);
  });

  it("does not start again and again with a configuration that cannot be used", () => {
    expect(unit).toMatch(/^RestartPreventExitStatus=2$/m);
  });

  it("starts again when its address was not there yet, which ends it with 3", () => {
    expect(unit).toMatch(/^Restart=on-failure$/m);
    expect(unit).not.toMatch(/^RestartPreventExitStatus=.*\b3\b/m);
  });
});
