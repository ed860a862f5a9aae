import { describe, expect, it } from "vitest";
import { fleetIssues, fleetReport } from "../../src/fleet/fleet-report.ts";
import type { FleetStatus } from "../../src/fleet/fleet-status.ts";
import type { HeardReplica } from "../../src/fleet/replicas.ts";

const shardsFrom = (first: number, end: number) => Array.from({ length: end - first }, (_, index) => first + index);
const replica = (host: string, shards: readonly number[]): HeardReplica => ({
  id: `id of ${host}`,
  host,
  version: "1.0.0",
  since: Date.UTC(2026, 2, 14),
  configuration: "one",
  shards,
  heardAt: 0,
});
const status = (parts: Partial<FleetStatus> = {}): FleetStatus => ({
  name: "shop",
  isConnected: true,
  replica: "id of b",
  replicas: [replica("a", shardsFrom(0, 128)), replica("b", shardsFrom(128, 256))],
  held: shardsFrom(128, 256),
  leasesLost: 0,
  commitsRefused: 0,
  configurations: 1,
  newsAgeMilliseconds: 234,
  ...parts,
});

describe("fleetReport", () => {
  it("tells who is there and that all shards have a holder", () => {
    const report = fleetReport(status());
    expect(report).toMatchObject({ fleet: "shop", connected: true, complete: true, shards: 256, withoutHolder: [] });
    expect(report.newsAgeSeconds).toBe(0.2);
    expect(report.replicas).toEqual([
      expect.objectContaining({ host: "a", shards: 128, since: "2026-03-14T00:00:00.000Z", answers: false }),
      expect.objectContaining({ host: "b", shards: 128, answers: true }),
    ]);
    expect(fleetIssues(report)).toEqual([]);
  });

  it("tells which shards have no holder, and is not complete then", () => {
    const report = fleetReport(status({ replicas: [replica("b", shardsFrom(2, 256))] }));
    expect(report).toMatchObject({ withoutHolder: [0, 1], complete: false });
    expect(fleetIssues(report)).toEqual(["2 of 256 shards have no holder, so their checks do not run."]);
  });

  it("is not complete when configurations differ", () => {
    const report = fleetReport(status({ configurations: 2 }));
    expect(report.complete).toBe(false);
    expect(fleetIssues(report)).toEqual([expect.stringContaining("2 different configurations")]);
  });

  it("says of a Redis that does not answer how long, and nothing of what it cannot know", () => {
    const away = fleetReport(status({ isConnected: false, newsAgeMilliseconds: 12_340, replicas: [] }));
    expect(away.complete).toBe(false);
    expect(fleetIssues(away)).toEqual(["Redis has not answered for 12.3 s: what is told of other replicas is as old."]);
    const never = fleetReport(status({ isConnected: false, newsAgeMilliseconds: undefined, replicas: [] }));
    expect(never.newsAgeSeconds).toBeNull();
    expect(fleetIssues(never)).toEqual(["Redis has not answered yet, so nothing is known of other replicas."]);
  });
});
