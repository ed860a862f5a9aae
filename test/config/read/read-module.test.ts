import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import type { Configuration } from "../../../src/config/configuration.ts";
import { loadConfiguration } from "../../../src/config/load.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const source = JSON.stringify(join(import.meta.dirname, "../../../src"));

/** What a configuration of this project imports from the package. */
const imports = `
import { Disk } from ${source.replace(/"$/, '/checks/disk.ts"')};
import { HealthCheck } from ${source.replace(/"$/, '/health/health-check.ts"')};
`;

async function load(text: string, name = "healthspan.config.ts"): Promise<Configuration> {
  await using folder = await temporaryFolder({ [name]: text });
  return await loadConfiguration({ path: name, cwd: folder.path, environment: {} });
}

describe("a configuration in TypeScript", () => {
  it("has options and objects for checks, whose keys are their names", async () => {
    const { checks, endpoints } = await load(`${imports}
      class Queue extends HealthCheck { async run(): Promise<void> {} }
      const options: Record<string, unknown> = { interval: "1m" };
      export default {
        defaults: options,
        checks: {
          disk: { type: "disk", path: "/tmp" },
          root: new Disk({ interval: "5s" }),
          queue: new Queue(),
          named: new Queue({ name: "named" }),
        },
        endpoints: { "/health/": ["queue", "root"] },
      };
    `);
    expect(checks.map(({ name, type, interval }) => [name, type, interval?.toString()])).toEqual([
      ["disk", "disk", "1m"],
      ["root", "disk", "5s"],
      ["queue", "queue", undefined],
      ["named", "queue", undefined],
    ]);
    expect(endpoints[0]?.checks).toEqual(["queue", "root"]);
  });

  it("leaves what looks like a variable alone", async () => {
    const { checks } = await load(`export default { checks: { disk: { type: "disk", path: "\${HOME}" } } };`);
    expect(checks[0]?.labels).toEqual({ path: `\${HOME}` });
  });

  it("may be a promise", async () => {
    const { checks } = await load('export default Promise.resolve({ checks: { disk: { type: "disk" } } });');
    expect(checks).toHaveLength(1);
  });

  it.each([
    [
      "wrong options",
      'export default { checks: { disk: { type: "disk", maxUsage: 101 } } };',
      "checks.disk.maxUsage: must be a share from 0 % to 100 %, such as 90%; found 101",
    ],
    [
      "one object under two names",
      `${imports} const disk = new Disk(); export default { checks: { one: disk, two: disk } };`,
      "checks.two: is the same object as checks.one; construct a separate one",
    ],
    [
      "an object with another name",
      `${imports} export default { checks: { one: new Disk({ name: "two" }) } };`,
      'checks.one: was constructed with the name "two"; leave the name out, because the key is the name',
    ],
    [
      "an object whose key is not a valid name",
      `${imports} export default { checks: { "a/b": new Disk() } };`,
      "checks.a/b: the name must be 1 to 100 printable characters without /",
    ],
    [
      "a check of another copy",
      "export default { checks: { one: { name: 'one', run() {} } } };",
      "checks.one: extends HealthCheck of another copy of healthspan; import it from the copy that loads this configuration",
    ],
    ["no default export", "export const checks = {};", "has no default export; add export default defineConfig({ … })"],
    [
      "a class for a default export",
      "export default class {}",
      "must be a map with options such as checks and endpoints",
    ],
  ])("is refused with %s", async (_, text, message) => {
    await expect(load(text)).rejects.toThrow(`healthspan.config.ts: ${message}`);
  });

  it("is refused with what it throws, and where", async () => {
    const loading = load('export const one = 1;\n\nthrow new Error("there is no database");\n');
    await expect(loading).rejects.toThrow("healthspan.config.ts:3:7: cannot be loaded: there is no database");
  });

  it("is refused without secrets from the environment, and for clients without anything that it throws", async () => {
    const environment = { DB_PASSWORD: "hunter2", DB_URL: "redis://:hunter3@cache:6379" };
    await using folder = await temporaryFolder({
      "healthspan.config.ts": 'throw new Error("cannot use hunter2 with redis://:hunter3@cache:6379 at shop");\n',
    });
    const error = await loadConfiguration({ cwd: folder.path, environment }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      message:
        "healthspan.config.ts:1:7: cannot be loaded: cannot use [redacted] with redis://[redacted]@cache:6379 at shop",
      publicMessage: "healthspan.config.ts:1:7: cannot be loaded",
    });
  });

  it.each([
    ["DB_PASSWORD", "hunter2", "[redacted]"],
    ["passphrase", "hunter2", "[redacted]"],
    ["CLIENT_SECRET", "hunter2", "[redacted]"],
    ["GITHUB_TOKEN", "hunter2", "[redacted]"],
    ["API_KEY", "hunter2", "[redacted]"],
    ["BASIC_AUTH", "hunter2", "[redacted]"],
    ["CREDENTIALS", "hunter2", "[redacted]"],
    ["QUEUE", "amqp://guest:hunter2@queue", "amqp://[redacted]@queue"],
    ["EDITOR", "hunter2", "hunter2"],
    ["EDITOR", undefined, "hunter2"],
  ])("is refused without the value of %s, which is %s: %s", async (name, value, shown) => {
    const thrown = JSON.stringify(value ?? "hunter2");
    await using folder = await temporaryFolder({ "healthspan.config.mjs": `throw ${thrown};\n` });
    const loading = loadConfiguration({ cwd: folder.path, environment: { [name]: value } });
    await expect(loading).rejects.toMatchObject({ message: `healthspan.config.mjs: cannot be loaded: ${shown}` });
  });

  it("is refused when what it imports does not exist", async () => {
    await expect(load('import "./missing.ts";\nexport default {};\n')).rejects.toThrow(
      /^healthspan\.config\.ts: cannot be loaded: .*missing\.ts/,
    );
  });

  it("is refused when it is not valid JavaScript", async () => {
    await expect(load("export default {\n", "shop.mjs")).rejects.toThrow(/^shop\.mjs(?::\d+:\d+)?: cannot be loaded: /);
  });

  it("is refused when it does not finish loading, and does not block later reloads", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const loading = load("export default new Promise(() => {});\n");
      const refused = expect(loading).rejects.toThrow(
        /^healthspan\.config\.ts: did not finish loading within 30 s; look for an await that never ends$/,
      );
      while (vi.getTimerCount() === 0) await new Promise((resolve) => setImmediate(resolve));
      await vi.advanceTimersByTimeAsync(29_999);
      expect(vi.getTimerCount()).toBe(1);
      await vi.advanceTimersByTimeAsync(1);
      await refused;
    } finally {
      vi.useRealTimers();
    }
  });

  it("is refused when it does not exist", async () => {
    await using folder = await temporaryFolder();
    const loading = loadConfiguration({ path: "healthspan.config.ts", cwd: folder.path, environment: {} });
    await expect(loading).rejects.toThrow(/^healthspan\.config\.ts: does not exist$/);
  });
});
