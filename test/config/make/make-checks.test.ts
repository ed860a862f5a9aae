import { expect, it, vi } from "vitest";
import { loadConfiguration } from "../../../src/config/load.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

// A package that is surely not installed needs a check that the catalogue does not have.
vi.mock("../../../src/checks/index.ts", async () => {
  const { HealthCheck } = await import("../../../src/health/health-check.ts");
  const { optionalImport } = await import("../../../src/health/optional-import.ts");
  class Absent extends HealthCheck {
    protected readonly library = optionalImport("absent", "no-such-package-at-all", async () => ({}));

    async run(): Promise<void> {
      await this.library();
    }
  }
  class Broken extends HealthCheck {
    protected readonly url = new URL("no address");

    async run(): Promise<void> {}
  }
  return { catalogue: { absent: async () => Absent, broken: async () => Broken }, summaries: {} };
});

async function load(text: string): Promise<unknown> {
  await using folder = await temporaryFolder({ "healthspan.yaml": text });
  return await loadConfiguration({ cwd: folder.path, environment: { THRESHOLD: "3" } });
}

it("a missing package is reported with the command that installs it", async () => {
  await expect(load("checks:\n  one: { type: absent }\n")).rejects.toThrow(
    'healthspan.yaml:2:3: checks.one: The absent check needs the package "no-such-package-at-all". Run: npm install no-such-package-at-all',
  );
});

it("a missing package is reported when an option had to be read as a number first", async () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: variables in a configuration are written like this
  const text = 'checks:\n  one: { type: absent, failureThreshold: "${THRESHOLD}" }\n';
  await expect(load(text)).rejects.toThrow("npm install no-such-package-at-all");
});

it("a bug in a check is not reported as an issue of the configuration", async () => {
  await expect(load("checks: { one: { type: broken } }")).rejects.toThrow(TypeError);
});
