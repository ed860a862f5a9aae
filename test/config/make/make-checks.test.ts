import { describe, expect, it, vi } from "vitest";
import type { Configuration } from "../../../src/config/configuration.ts";
import { loadConfiguration } from "../../../src/config/load.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

// A package that is surely not installed needs a check that the catalogue does not have.
vi.mock("../../../src/checks/index.ts", async () => {
  const { HealthCheck, healthCheck } = await import("../../../src/health/health-check.ts");
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
  class Slow extends healthCheck({ interval: "1h" }) {
    async run(): Promise<void> {}
  }
  class Quick extends healthCheck({}) {
    async run(): Promise<void> {}
  }
  const classes = { absent: Absent, broken: Broken, slow: Slow, quick: Quick };
  const loaders = Object.entries(classes).map(([type, Class]) => [type, async () => Class]);
  return { catalogue: Object.fromEntries(loaders), summaries: {} };
});

async function load(text: string): Promise<Configuration> {
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

describe("a type with an interval of its own", () => {
  const checks =
    "checks: { a: { type: slow }, b: { type: slow, interval: 5m }, c: { type: slow, interval: 0s }, d: { type: quick } }";
  const intervals = async (text: string) =>
    (await load(text)).checks.map(({ name, interval }) => `${name}: ${interval ?? "never"}`);

  it("runs its checks so often, unless their entry says otherwise", async () => {
    expect(await intervals(checks)).toEqual(["a: 1h", "b: 5m", "c: never", "d: 15s"]);
  });

  it("keeps it whatever is said of all checks", async () => {
    const all = ["a: 1h", "b: 5m", "c: never"];
    expect(await intervals(`defaults: { interval: 1s }\n${checks}`)).toEqual([...all, "d: 1s"]);
    expect(await intervals(`defaults: { interval: 0s }\n${checks}`)).toEqual([...all, "d: never"]);
  });
});
