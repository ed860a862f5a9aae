import { describe, expect } from "vitest";
import { faceFaults, faultFindings } from "../../proof/faults.ts";
import type { FaultsOptions } from "../../proof/support/faults/fault-scene.ts";
import { broken } from "../../proof/support/finding.ts";
import { itWithService } from "../support/it-with-service.ts";
import { runningPostgres } from "../support/postgres-server.ts";
import { redisProgram } from "../support/redis-server.ts";

/**
 * All targets misbehave at once, so that it takes a minute. Other tests run at the same time: this process may be held up
 * for some tenths of a second, as none of the proofs that run alone is, while a check that retries or waits for a
 * further time-out would be late by more than this.
 */
const options: FaultsOptions = {
  rounds: 1,
  disappearances: 2,
  together: true,
  intervalMilliseconds: 1000,
  timeoutMilliseconds: 800,
  allowanceMilliseconds: 500,
  megabytes: 100,
};

const services = [redisProgram, await runningPostgres()];

describe("a monitor whose targets misbehave", () => {
  itWithService(
    services,
    "tells of each fault rightly and in time, recovers by itself, and leaves nothing open",
    async () => {
      const result = await faceFaults(options);
      expect(broken(faultFindings(result, options)), JSON.stringify(result.ordeals, undefined, 2)).toEqual([]);
    },
    120_000,
  );
});
