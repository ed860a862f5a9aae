import { describe, expect } from "vitest";
import { broken } from "../../proof/support/finding.ts";
import { judge } from "../../proof/support/scale/scale-findings.ts";
import { measureScale } from "../../proof/support/scale/scale-measurement.ts";
import { itWithServers } from "../support/servers.ts";

// Other tests run at the same time, so what is measured by the clock has such wide bounds that only a change in kind breaks
// them. Processor time has not: a run may cost three times what it does in the whole proof, including the scrapes and answers,
// which come more often here.
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
