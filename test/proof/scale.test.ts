import { describe, expect } from "vitest";
import { broken } from "../../proof/support/finding.ts";
import { judge } from "../../proof/support/scale/scale-findings.ts";
import { measureScale } from "../../proof/support/scale/scale-measurement.ts";
import { itWithServers } from "../support/servers.ts";

// Other tests run at the same time: what is told by the clock is bounded so widely that only a change of kind breaks it.
// Processor time is not: a run may cost three times what it does in the whole proof, the scrapes and answers that come
// more often here included.
const bounds = { runMilliseconds: 1.6, memoryMegabytes: 300, lagSeconds: 1, healthMilliseconds: 500 };

describe("a thousand checks", () => {
  itWithServers(
    ["prometheus"],
    "cost a small part of a core, and answers and scrapes come in time",
    async ({ prometheus }) => {
      const measurement = await measureScale({
        checks: 1000,
        intervalSeconds: 5,
        settleSeconds: 1,
        measureSeconds: 16,
        healthEverySeconds: 0.1,
        prometheus,
      });
      expect(broken(judge(measurement, bounds))).toEqual([]);
    },
    90_000,
  );
});
