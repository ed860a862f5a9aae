import { describe, expect } from "vitest";
import { judge } from "../../proof/mixed.ts";
import { broken } from "../../proof/support/finding.ts";
import { measureMixed } from "../../proof/support/mixed/mixed-measurement.ts";
import { itWithService } from "../support/it-with-service.ts";
import { realPrograms } from "../support/real-targets.ts";

describe("checks of many kinds against real servers", () => {
  itWithService(
    realPrograms,
    "run in each interval, over no more connections than they need",
    async () => {
      const measured = await measureMixed({ checks: 100, intervalSeconds: 4, seconds: 12 });
      // In so short a time, the memory has not come to rest.
      expect(broken(judge(measured, 2))).toEqual([]);
      expect(measured.kinds.length).toBeGreaterThan(10);
    },
    150_000,
  );
});
