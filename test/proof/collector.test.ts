import { describe, expect, it } from "vitest";
import { withCollector } from "../../proof/collector.ts";
import { broken } from "../../proof/support/finding.ts";

const behaviours = ["refuses", "is silent", "drips", "answers 500"] as const;

describe("a collector that fails for the whole run", () => {
  it.concurrent.each(behaviours)("and %s changes nothing else", { timeout: 60_000 }, async (behaviour) => {
    const findings = await withCollector(behaviour, { checks: 40, intervalSeconds: 3, seconds: 7 });
    expect(broken(findings)).toEqual([]);
  });
});
