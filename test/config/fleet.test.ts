// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables in a configuration are written like this
import { describe, expect, it, vi } from "vitest";
import type { Configuration } from "../../src/config/configuration.ts";
import { loadConfiguration } from "../../src/config/load.ts";
import { certificates } from "../support/certificates.ts";
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

describe("a fleet on Redis", () => {
  const redis = "redis: redis://user:hunter2hunter2@redis.example";

  it("leaves a replica all checks and endpoints: the fleet decides who runs what", async () => {
    const configuration = await load(`service: { name: my shop }\nfleet: { ${redis} }`);
    expect(namesIn(configuration)).toEqual(["disk", "database", "orders", "payments"]);
    expect(configuration.endpoints).toHaveLength(2);
    expect(configuration.fleet).toMatchObject({ name: "my-shop", leaseMilliseconds: 8000 });
    const other = await load(`service: { name: shop }\nfleet: { ${redis}, name: other, lease: 3s }`);
    expect(other.fleet).toMatchObject({ name: "other", leaseMilliseconds: 3000 });
  });

  it("takes its address from a variable, and never shows it", async () => {
    const { fleet } = await load('fleet: { redis: "${REDIS_URL}", name: shop }', {
      REDIS_URL: "rediss://user:hunter2hunter2@redis.example:6380/1",
    });
    expect(JSON.stringify(fleet)).not.toContain("hunter2");
    expect(JSON.stringify(fleet)).toContain("rediss://redis.example:6380/1");
  });

  it("takes certificates for TLS", async () => {
    const { fleet } = await load(
      'fleet: { redis: "rediss://redis.example", name: shop, tls: { ca: "${CA}", clientCertificate: "${CERT}", clientKey: "${KEY}" } }',
      { CA: certificates.ca, CERT: certificates.client.cert, KEY: certificates.client.key },
    );
    expect(fleet).toMatchObject({ tls: { ca: certificates.ca, clientCertificate: certificates.client.cert } });
    expect(JSON.stringify(fleet)).not.toContain("PRIVATE KEY");
  });

  it("lets whom the metrics admit read of the replicas, and nobody else", async () => {
    const closed = await load(
      `metrics: { auth: { bearer: token-of-sixteen-characters } }\nfleet: { ${redis}, name: shop }`,
    );
    expect(closed.authentication.get("/-/fleet")).toBe(closed.authentication.get("/metrics"));
    expect(closed.authentication.get("/-/fleet")).toBeDefined();
    const open = await load(`fleet: { ${redis}, name: shop }`);
    expect(open.authentication.has("/-/fleet")).toBe(false);
  });

  it.each([
    [`{ ${redis} }`, "fleet: must have a name, or service.name must be given: the same on all replicas"],
    [`{ ${redis}, name: "" }`, "fleet.name: must have 1 to 100 letters, digits, dots, hyphens and underscores"],
    [`{ ${redis}, name: "a b" }`, "fleet.name: must have 1 to 100 letters, digits, dots, hyphens and underscores"],
    [`{ ${redis}, name: "{a}" }`, "fleet.name: must have 1 to 100 letters, digits, dots, hyphens and underscores"],
    [`{ ${redis}, name: shop, lease: 2s }`, 'fleet.lease: must be from 3s to 5m; found "2s"'],
    [`{ ${redis}, name: shop, lease: 6m }`, 'fleet.lease: must be from 3s to 5m; found "6m"'],
    [`{ ${redis}, name: shop, lease: soon }`, "fleet.lease: "],
    [`{ ${redis}, name: shop, lease: 8 }`, "fleet.lease: "],
    [`{ ${redis}, name: shop, shard: 0 }`, "fleet.shard: is for replicas without redis, which decides who runs what"],
    [`{ ${redis}, name: shop, of: 3 }`, "fleet.of: is for replicas without redis, which decides who runs what"],
    [`{ shard: 0, of: 2, name: shop }`, "fleet.name: goes with redis"],
    [`{ shard: 0, of: 2, lease: 8s }`, "fleet.lease: goes with redis"],
    [`{ shard: 0, of: 2, tls: {} }`, "fleet.tls: goes with redis"],
    ["{}", "fleet: must have redis, or shard and of"],
    ["{ name: shop }", "fleet: must have redis, or shard and of"],
    [`{ redis: localhost, name: shop }`, "fleet.redis: "],
    [`{ redis: "http://redis.example", name: shop }`, "fleet.redis: "],
    [`{ redis: "", name: shop }`, "fleet.redis: "],
    [`{ redis: 6379, name: shop }`, "fleet.redis: "],
    [
      `{ redis: "redis://redis.example/shop", name: shop }`,
      "fleet.redis: only the number of a database may follow the host",
    ],
    [
      `{ redis: "redis://redis.example?tls=true", name: shop }`,
      "fleet.redis: must not have parameters: TLS is rediss://",
    ],
    [`{ ${redis}, name: shop, tls: { ca: nonsense } }`, "fleet.tls.ca: must be certificates in PEM form"],
    [`{ ${redis}, name: shop, tls: {} }`, "fleet.tls: needs a redis that begins with rediss://"],
    [
      `{ redis: "rediss://redis.example", name: shop, tls: { clientKey: "\${KEY}" } }`,
      "fleet.tls: clientCertificate and clientKey must be given together",
    ],
    [
      `{ redis: "rediss://redis.example", name: shop, tls: { clientCertificate: "\${CA}", clientKey: "\${KEY}" } }`,
      "fleet.tls: clientKey must be the key of clientCertificate, without a passphrase",
    ],
    [
      `{ ${redis}, name: shop, tls: { verifyCertificate: false } }`,
      'fleet.tls.verifyCertificate: unknown option "verifyCertificate"',
    ],
    [`{ sentinels: [a, b], masterName: shop }`, "fleet.sentinels: a fleet needs one address that leads to the primary"],
    [`{ ${redis}, name: shop, clusterNodes: [a] }`, "fleet.clusterNodes: give fleet.redis the address of the node"],
    [`{ ${redis}, name: shop, shards: 512 }`, "fleet.shards: there are always 256 shards"],
    [`{ ${redis}, name: shop, replicas: 3 }`, "fleet.replicas: replicas find each other through Redis"],
    [`{ ${redis}, name: shop, password: secret-of-redis }`, "fleet.password: goes into fleet.redis"],
    [`{ redsi: "redis://redis.example", name: shop }`, 'fleet.redsi: unknown option "redsi". Did you mean "redis"?'],
  ])("is refused as %j", async (fleet, message) => {
    const environment = { CA: certificates.ca, KEY: certificates.client.key };
    const refused = await load(`fleet: ${fleet}`, environment).catch((error: unknown) => error);
    expect(String(refused)).toContain(message);
    expect(String(refused)).not.toMatch(/hunter2|secret-of-redis|PRIVATE KEY/);
  });

  it("says which packages are missing, before anything runs", async () => {
    vi.doMock("../../src/health/optional-import.ts", async (original) => ({
      ...(await original<object>()),
      isInstalled: (name: string) => name !== "bullmq",
    }));
    vi.resetModules();
    try {
      const { loadConfiguration: loadAnew } = await import("../../src/config/load.ts");
      await using folder = await temporaryFolder({ "healthspan.yaml": `fleet: { ${redis}, name: shop }\n` });
      await expect(loadAnew({ cwd: folder.path, environment: {} })).rejects.toThrow(
        "fleet: needs the packages redis and bullmq. Run: npm install bullmq",
      );
    } finally {
      vi.doUnmock("../../src/health/optional-import.ts");
      vi.resetModules();
    }
  });
});
