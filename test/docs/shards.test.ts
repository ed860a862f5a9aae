import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { loadConfiguration } from "../../src/config/load.ts";

const root = join(import.meta.dirname, "../..");

interface Compose {
  readonly services: Readonly<Record<string, { readonly environment: Record<string, string> }>>;
}

describe("the example of two replicas", () => {
  const { services }: Compose = parse(readFileSync(join(root, "examples/shards/docker-compose.yml"), "utf8"), {
    merge: true,
  });

  it("runs each check in exactly one of them, but for what others depend on and the host's own", async () => {
    const replicas = await Promise.all(
      Object.values(services).map(({ environment }) =>
        loadConfiguration({ cwd: join(root, "examples/shards"), environment }),
      ),
    );
    expect(replicas.map(({ fleet }) => fleet)).toEqual([
      { shard: 0, of: 2 },
      { shard: 1, of: 2 },
    ]);
    const runs = replicas.flatMap(({ checks }) => checks.map(({ name }) => name)).toSorted();
    expect(runs).toEqual(["api", "blog", "memory", "memory", "names", "names", "shop"]);
    for (const { endpoints } of replicas) expect(endpoints.map(({ path }) => path)).toContain("/health/self/");
  });
});
