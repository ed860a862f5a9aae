import { describe, expect, it } from "vitest";
import { fuzz, fuzzFindings } from "../../proof/fuzz.ts";
import { broken } from "../../proof/support/finding.ts";

const cases = 150;

describe("whatever comes from outside", () => {
  it("is handled: requests, configurations, answers of targets, conversations, heartbeats", async () => {
    for (const outcome of await fuzz({ cases })) {
      const hint = `${outcome.subject}, seed ${outcome.seed}: ${JSON.stringify(outcome.failure)} ${outcome.uncaught}`;
      expect(broken(fuzzFindings(outcome, cases)), hint).toEqual([]);
    }
  }, 120_000);
});
