import { describe, expect } from "vitest";
import { afterEvent } from "../../proof/fleet.ts";
import { broken, type Finding } from "../../proof/support/finding.ts";
import * as events from "../../proof/support/fleet/fleet-events.ts";
import type { FleetScene } from "../../proof/support/fleet/fleet-scene.ts";
import { itWithService } from "../support/it-with-service.ts";
import { redisProgram } from "../support/redis-server.ts";

/** Other tests run at the same time: few checks, and what is counted rather than timed. */
const options = { checks: 60, intervalSeconds: 5, leaseSeconds: 4, replicas: 3 };
const services = [redisProgram];

function itBears(what: string, event: (scene: FleetScene) => Promise<readonly Finding[]>): void {
  const prove = async (): Promise<void> => {
    const findings = await afterEvent(options, event);
    expect(broken(findings.filter(({ unit }) => unit !== "s"))).toEqual([]);
  };
  itWithService(services, what, prove, 180_000);
}

describe.concurrent("a fleet of three processes", () => {
  itBears("calls nothing down when one is cut off from everything for a moment", events.cutShortly);
  itBears("tells nothing anew when Redis was emptied", events.redisEmptied);
  itBears("tells each failure once when one is killed meanwhile", events.failingWhileKilled);
});
