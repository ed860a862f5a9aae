import { describe, expect } from "vitest";
import { afterEvent } from "../../proof/fleet.ts";
import { broken, type Finding } from "../../proof/support/finding.ts";
import * as events from "../../proof/support/fleet/fleet-events.ts";
import type { FleetScene } from "../../proof/support/fleet/fleet-scene.ts";
import { itWithService } from "../support/it-with-service.ts";
import { redisProgram } from "../support/redis-server.ts";

/** With few checks, and long intervals: other tests run at the same time. */
const options = { checks: 120, intervalSeconds: 6, leaseSeconds: 4, replicas: 3 };
const services = [redisProgram];

function itBears(
  what: string,
  event: (scene: FleetScene) => Promise<readonly Finding[]>,
  more: { readonly more?: string } = {},
): void {
  itWithService(
    services,
    what,
    async () => expect(broken(await afterEvent({ ...options, ...more }, event))).toEqual([]),
    180_000,
  );
}

describe("a fleet of three processes", () => {
  itBears("runs the checks of one that is killed", events.killed);
  itBears("calls nothing down when one wakes up after its leases", events.frozen);
  itBears("calls nothing down when one is cut off from everything for a moment", events.cutShortly);
  itBears("tells nothing anew when Redis was emptied", events.redisEmptied);
  itBears("tells each failure once when one is killed meanwhile", events.failingWhileKilled);
  itBears("counts the failures of a check on when one is killed", events.thresholdOverKill, {
    more: ", failureThreshold: 3",
  });
});
