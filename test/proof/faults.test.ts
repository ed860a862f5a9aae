import { describe, expect } from "vitest";
import { faultFindings, injectFaults } from "../../proof/faults.ts";
import type { FaultsOptions } from "../../proof/support/faults/fault-scene.ts";
import { faultNames } from "../../proof/support/faults/fault-targets.ts";
import { broken } from "../../proof/support/finding.ts";
import { itWithService } from "../support/it-with-service.ts";
import { runningPostgres } from "../support/postgres-server.ts";
import { redisProgram } from "../support/redis-server.ts";

/**
 * All targets misbehave at once, which takes half a minute. Other tests run at the same time, so this process may be delayed
 * by some tenths of a second, which never happens to the whole proof. A check that retried, or waited for another time-out,
 * would be late by more than this.
 */
const options: FaultsOptions = {
  rounds: 1,
  outages: 2,
  together: true,
  intervalMilliseconds: 1000,
  timeoutMilliseconds: 800,
  allowanceMilliseconds: 500,
  megabytes: 100,
  // Without files, the tests that run in this process could not go on.
  faults: faultNames.filter((fault) => fault !== "no files left"),
};

const services = [redisProgram, await runningPostgres()];

describe("a monitor whose targets misbehave", () => {
  itWithService(
    services,
    "detects each fault with its reason and in time, recovers by itself, and leaves nothing open",
    async () => {
      const result = await injectFaults(options);
      expect(broken(faultFindings(result, options)), JSON.stringify(result.outcomes, undefined, 2)).toEqual([]);
    },
    120_000,
  );
});
