import { beforeAll, describe, expect, it } from "vitest";
import { collectorFindings } from "../../proof/collector.ts";
import { type CollectorObservation, observeCollector } from "../../proof/support/collector/collector-observation.ts";
import { broken } from "../../proof/support/finding.ts";

const failing = ["refuses", "drips", "answers 500"] as const;
const behaviours = ["accepts", ...failing] as const;

describe("a collector that fails for the whole run", () => {
  // All at once, so that what is compared happens in the same minute.
  const observations = new Map<string, CollectorObservation>();
  beforeAll(async () => {
    const started = Promise.withResolvers<void>();
    let missing = behaviours.length;
    const othersToStart = (): Promise<void> => {
      missing -= 1;
      if (missing === 0) started.resolve();
      return started.promise;
    };
    await Promise.all(
      behaviours.map(async (behaviour) => {
        const options = { checks: 40, intervalSeconds: 3, seconds: 9, othersToStart };
        observations.set(behaviour, await observeCollector(behaviour, options));
      }),
    );
  }, 90_000);

  const objections = (behaviour: string): readonly string[] => {
    const [observed, healthy] = [observations.get(behaviour), observations.get("accepts")];
    if (observed === undefined) throw new Error("it was not observed");
    return broken(collectorFindings(observed, healthy));
  };

  it.each(failing)("and %s changes nothing else", (behaviour) => {
    expect(objections(behaviour)).toEqual([]);
  });

  it("that is healthy is no reason to log anything", () => {
    expect(objections("accepts")).toEqual([]);
  });
});
