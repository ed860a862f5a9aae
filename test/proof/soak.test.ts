import { describe, expect } from "vitest";
import { soak, soakFindings } from "../../proof/soak.ts";
import { broken } from "../../proof/support/finding.ts";
import { itWithService } from "../support/it-with-service.ts";
import { runningPostgres } from "../support/postgres-server.ts";
import { redisProgram } from "../support/redis-server.ts";

const services = [redisProgram, await runningPostgres()];

describe("a monitor that runs and runs", () => {
  itWithService(
    services,
    "keeps no memory, no listener and no socket of its runs",
    async () => {
      const observation = await soak({ runs: 15_000, collectHalfway: true });
      expect(broken(soakFindings(observation)), JSON.stringify(observation.warnings)).toEqual([]);
      expect(observation.outcomes).toMatchObject({
        "fake-check: timeout": expect.any(Number),
        "http: connection_refused": expect.any(Number),
        "redis: unexpected_result": expect.any(Number),
        "postgres: connection_reset": expect.any(Number),
        "blocking: timeout": expect.any(Number),
      });
    },
    120_000,
  );
});
