import { describe, expect, it } from "vitest";
import { ConfigurationWatch, digestOf } from "../../src/fleet/configuration-watch.ts";
import type { HeardReplica } from "../../src/fleet/replicas.ts";
import { fakeCheck } from "../support/checks.ts";
import { rememberingLogger } from "../support/logs.ts";

const replica = (host: string, configuration: string, shards: readonly number[] = []): HeardReplica => ({
  id: host,
  host,
  version: "1.0.0",
  since: 0,
  configuration,
  shards,
  heardAt: 0,
});

describe("ConfigurationWatch", () => {
  it("says once that configurations differ and who has which, and once that they do no longer", () => {
    const logger = rememberingLogger();
    const watch = new ConfigurationWatch({ name: "shop", logger });
    watch.look([]);
    watch.look([replica("a", "one"), replica("b", "one")]);
    expect(logger.lines).toEqual([]);
    watch.look([replica("a", "one"), replica("b", "two"), replica("c", "one")]);
    watch.look([replica("a", "one"), replica("b", "two"), replica("c", "three")]);
    expect(logger.lines.map(({ message }) => message)).toEqual([
      expect.stringContaining('the replicas of the fleet "shop" have different configurations: one on a, c; two on b.'),
    ]);
    watch.look([replica("a", "two"), replica("b", "two")]);
    watch.look([replica("a", "two"), replica("b", "two")]);
    expect(logger.lines.slice(1).map(({ message }) => message)).toEqual([
      'all replicas of the fleet "shop" have the same configuration again',
    ]);
  });

  it("says why nothing is found of a check only where the holder has another configuration", () => {
    const watch = new ConfigurationWatch({ name: "shop", logger: rememberingLogger() });
    watch.look([replica("a", "one", [1]), replica("b", "one", [2])]);
    expect(watch.whyUnknown(2, "other")).toBeUndefined();
    watch.look([replica("a", "one", [1]), replica("b", "two", [2])]);
    expect([1, 2, 3].map((shard) => watch.whyUnknown(shard, "one"))).toEqual([
      undefined,
      "no replica that runs its shard has this check in its configuration",
      undefined,
    ]);
  });
});

describe("digestOf", () => {
  const one = fakeCheck({ name: "one", interval: "3s" });
  const two = fakeCheck({ name: "two", interval: "3s" });

  it("is the same in any order, and another for another name or interval", () => {
    expect(digestOf([one, two])).toBe(digestOf([two, one]));
    const others = [[one], [one, fakeCheck({ name: "two", interval: "4s" })], []].map(digestOf);
    expect(new Set([digestOf([one, two]), ...others]).size).toBe(4);
  });
});
