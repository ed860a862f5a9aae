import { describe, expect, it } from "vitest";
import { loadConfiguration } from "../../../src/config/load.ts";
import { runCommand } from "../../support/command.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const yaml = (secret: string) => `
checks: { job: { type: heartbeat, every: 1d, token: ${secret} }, web: { type: http, url: https://shop.example/ } }
endpoints: { /a/: { auth: { bearer: ${secret} } }, /b/: { auth: { path: ${secret} } } }
metrics: { auth: { basic: { username: prometheus, password: ${secret} } } }
probe: { checks: [web], hosts: [shop.example], auth: { bearer: ${secret} } }
reload: { http: true, auth: { bearer: ${secret} } }
`;

const places = [
  "endpoints./a/.auth.bearer",
  "endpoints./b/.auth.path",
  "metrics.auth.basic.password",
  "probe.auth.bearer",
  "reload.auth.bearer",
  "checks.job.token",
];

describe("tokens and passwords", () => {
  it("of fewer than 16 characters are warned of, and not repeated", async () => {
    await using folder = await temporaryFolder({ "healthspan.yaml": yaml("S3cret-15-chars") });
    const { warnings } = await loadConfiguration({ cwd: folder.path, environment: {} });
    expect(warnings).toEqual(
      places.map((place) => `${place} has fewer than 16 characters and may be guessed; choose a longer one`),
    );
    const { code, stderr } = await runCommand(["validate", `${folder.path}/healthspan.yaml`]);
    expect(code).toBe(0);
    expect(stderr).toBe(warnings.map((warning) => `Warning: ${warning}\n`).join(""));
  });

  it("are named where they are given, not where they are inherited", async () => {
    const text = `
checks: { web: { type: http, url: https://shop.example/ } }
endpoints: { /a/: { auth: { bearer: short } } }
probe: { checks: [web], hosts: [shop.example] }
`;
    await using folder = await temporaryFolder({ "healthspan.yaml": text });
    const { warnings, authentication } = await loadConfiguration({ cwd: folder.path, environment: {} });
    expect(authentication.has("/metrics")).toBe(true);
    expect(warnings).toEqual([expect.stringMatching(/^endpoints\.\/a\/\.auth\.bearer has fewer than 16 characters/)]);
  });

  it("of 16 characters are not", async () => {
    await using folder = await temporaryFolder({ "healthspan.yaml": yaml("S3cret-16-chars-") });
    const { warnings } = await loadConfiguration({ cwd: folder.path, environment: {} });
    expect(warnings).toEqual([]);
  });
});
