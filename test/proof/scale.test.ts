import { describe, expect, it } from "vitest";
import { judge, measureScale } from "../../proof/scale.ts";
import { broken } from "../../proof/support/finding.ts";
import { serverPath } from "../support/servers.ts";

describe("a thousand checks", () => {
  it("cost a small part of a core, and answers and scrapes come in time", { timeout: 90_000 }, async () => {
    const measurement = await measureScale({
      checks: 1000,
      intervalSeconds: 5,
      settleSeconds: 1,
      measureSeconds: 6,
      healthEverySeconds: 0.1,
      prometheus: serverPath("prometheus"),
    });
    // Other tests run at the same time: the bounds are wide enough that only a change of kind breaks them.
    const bounds = { cores: 0.6, memoryMegabytes: 450, lagSeconds: 1, healthMilliseconds: 500 };
    expect(broken(judge(measurement, bounds))).toEqual([]);
  });
});
