// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables in a configuration are written like this
import { describe, expect, it } from "vitest";
import type { Configuration } from "../../src/config/configuration.ts";
import { loadConfiguration } from "../../src/config/load.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

async function load(fleet: string, environment: Record<string, string> = {}): Promise<Configuration> {
  const yaml = `${fleet}
checks:
  disk: { type: disk }
  database: { type: tcp, host: db.example, port: 5432 }
  orders: { type: tcp, host: a.example, port: 80, dependsOn: [database] }
  payments: { type: tcp, host: b.example, port: 80 }
endpoints:
  /health/: all
  /health/payments-only/: [payments]
`;
  await using folder = await temporaryFolder({ "healthspan.yaml": yaml });
  return await loadConfiguration({ cwd: folder.path, environment });
}

const namesIn = ({ checks }: Configuration): readonly string[] => checks.map(({ name }) => name);

describe("a fleet of fixed shards", () => {
  it("leaves a replica its share of the checks, what they depend on, and those of its own host", async () => {
    const replicas = await Promise.all([0, 1, 2, 3].map((shard) => load(`fleet: { shard: ${shard}, of: 4 }`)));
    expect(replicas.map(namesIn)).toEqual([
      ["disk"],
      ["disk", "payments"],
      ["disk", "database"],
      ["disk", "database", "orders"],
    ]);
  });

  it("shows in each endpoint what of it the replica runs, and serves none that would be empty and always pass", async () => {
    const { endpoints } = await load("fleet: { shard: 3, of: 4 }");
    expect(endpoints.map(({ path, checks }) => [path, checks])).toEqual([["/health/", ["disk", "database", "orders"]]]);
  });

  it("takes the number from a variable, as text", async () => {
    const { fleet } = await load('fleet: { shard: "${POD_INDEX}", of: "${REPLICAS}" }', {
      POD_INDEX: "1",
      REPLICAS: "4",
    });
    expect(fleet).toEqual({ shard: 1, of: 4 });
  });

  it("is no option that changes anything when it is left out", async () => {
    const configuration = await load("");
    expect(configuration.fleet).toBeUndefined();
    expect(namesIn(configuration)).toEqual(["disk", "database", "orders", "payments"]);
  });

  it.each([
    ["fleet: { shard: 4, of: 4 }", "fleet.shard: must be less than `of`, since shards are counted from 0: at most 3"],
    ["fleet: { shard: -1, of: 4 }", "fleet.shard: must be a whole number from 0, such as the index of the pod"],
    ["fleet: { shard: one, of: 4 }", "fleet.shard: must be a whole number from 0, such as the index of the pod"],
    ["fleet: { shard: 0, of: 257 }", "fleet.of: must be a whole number from 1 to 256: how many replicas there are"],
    ["fleet: { shard: 0 }", "fleet.of: is missing"],
    ["fleet: { of: 4 }", "fleet.shard: is missing"],
    ["fleet: 3", "fleet: must be a map"],
  ])("is refused as %j", async (fleet, message) => {
    await expect(load(fleet)).rejects.toThrow(message);
  });

  it("still finds the mistakes in checks that other replicas run", async () => {
    const yaml = "fleet: { shard: 0, of: 4 }\nchecks:\n  payments: { type: tcp, port: 80 }\n";
    await using folder = await temporaryFolder({ "healthspan.yaml": yaml });
    await expect(loadConfiguration({ cwd: folder.path, environment: {} })).rejects.toThrow("checks.payments.host");
  });
});
