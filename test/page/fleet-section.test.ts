import { describe, expect, it } from "vitest";
import type { FleetReport } from "../../src/fleet/fleet-report.ts";
import { fleetSection } from "../../src/page/fleet-section.ts";
import { hostileTexts } from "../support/sample-reports.ts";
import { readWellFormed } from "../support/well-formed.ts";

const now = Date.UTC(2026, 2, 14, 12);
const replica = (host: string, answers: boolean) => ({
  id: host,
  host,
  version: "1.2.3",
  since: new Date(now - 7_200_000).toISOString(),
  shards: 128,
  configuration: "abc",
  answers,
});
const report = (parts: Partial<FleetReport> = {}): FleetReport => ({
  fleet: "shop",
  connected: true,
  newsAgeSeconds: 0.2,
  shards: 256,
  withoutHolder: [],
  configurations: 1,
  complete: true,
  replicas: [replica("shop-0", false), replica("shop-1", true)],
  ...parts,
});
const textOf = (parts?: Partial<FleetReport>) =>
  readWellFormed(`<main>${fleetSection(report(parts), now)}</main>`).replaceAll(/\s+/g, " ");

describe("fleetSection", () => {
  it("shows the replicas, and that the fleet is complete", () => {
    expect(textOf()).toContain(
      "Fleet shop 2 Healthy Redis answers, and every shard has a holder. The newest news are 0.2 s old.",
    );
    expect(textOf()).toContain("shop-0 version 1.2.3 128 2 h");
    expect(textOf().match(/tells this/g)).toHaveLength(1);
    expect(textOf()).not.toContain("configuration");
  });

  it("shows what is wrong, and which replica has which configuration when they differ", () => {
    const text = textOf({ configurations: 2, withoutHolder: [1, 2], complete: false });
    expect(text).toContain("Degraded 2 of 256 shards have no holder");
    expect(text).toContain("The replicas have 2 different configurations");
    expect(text).toContain("version 1.2.3 , configuration abc");
  });

  it("says of a Redis that never answered that nothing is known, without a table", () => {
    const text = textOf({ connected: false, newsAgeSeconds: null, replicas: [], complete: false });
    expect(text).toContain("Redis has not answered yet, so nothing is known of other replicas.");
    expect(text).not.toContain("Shards");
  });

  it.each(hostileTexts.map((text) => [text]))("stays well-formed with %j as a host", (text) => {
    expect(() => textOf({ fleet: text, replicas: [replica(text, true)] })).not.toThrow();
  });
});
