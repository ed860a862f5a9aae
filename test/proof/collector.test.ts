import { beforeAll, describe, expect, it } from "vitest";
import { collectorFindings } from "../../proof/collector.ts";
import { type CollectorObservation, observeCollector } from "../../proof/support/collector-observation.ts";
import { broken } from "../../proof/support/finding.ts";

const behaviours = ["refuses", "is silent", "drips", "answers 500"] as const;
const options = { checks: 40, intervalSeconds: 3, seconds: 9 };

describe("a collector that fails for the whole run", () => {
  // All at once, so that what is compared happens in the same minute.
  let observations: readonly CollectorObservation[] = [];
  beforeAll(async () => {
    observations = await Promise.all(["takes" as const, ...behaviours].map((one) => observeCollector(one, options)));
  }, 90_000);

  it.each(behaviours)("and %s changes nothing else", (behaviour) => {
    const [healthy, ...others] = observations;
    const failing = others.find((one) => one.behaviour === behaviour);
    if (failing === undefined) throw new Error("it was not observed");
    expect(broken(collectorFindings(failing, healthy))).toEqual([]);
  });

  it("that is well is no reason to say anything", () => {
    expect(observations.slice(0, 1).flatMap((healthy) => broken(collectorFindings(healthy)))).toEqual([]);
  });
});
