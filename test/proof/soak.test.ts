import { describe, expect } from "vitest";
import { soak, soakFindings } from "../../proof/soak.ts";
import { broken } from "../../proof/support/finding.ts";
import { itWithService } from "../support/it-with-service.ts";
import { redisProgram } from "../support/redis-server.ts";

describe("a monitor that runs and runs", () => {
  itWithService(
    [redisProgram],
    "keeps no memory, no listener and no socket of its runs",
    async () => {
      const observation = await soak({ runs: 20_000 });
      expect(broken(soakFindings(observation, false)), JSON.stringify(observation.warnings)).toEqual([]);
      expect(observation.outcomes).toMatchObject({
        "told: timeout": expect.any(Number),
        "http: connection_refused": expect.any(Number),
        "redis: unexpected_result": expect.any(Number),
        "blocking: timeout": expect.any(Number),
      });
    },
    120_000,
  );
});
