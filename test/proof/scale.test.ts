import { describe, expect } from "vitest";
import { judge, measureScale } from "../../proof/scale.ts";
import { broken } from "../../proof/support/finding.ts";
import { itWithServers } from "../support/servers.ts";

// Other tests run at the same time: the bounds are wide enough that only a change of kind breaks them.
const bounds = { cores: 0.6, memoryMegabytes: 450, lagSeconds: 1, healthMilliseconds: 500 };

describe("a thousand checks", () => {
  itWithServers(
    ["prometheus"],
    "cost a small part of a core, and answers and scrapes come in time",
    async ({ prometheus }) => {
      const measurement = await measureScale({
        checks: 1000,
        intervalSeconds: 5,
        settleSeconds: 1,
        measureSeconds: 6,
        healthEverySeconds: 0.1,
        prometheus,
      });
      expect(broken(judge(measurement, bounds))).toEqual([]);
    },
    90_000,
  );
});
