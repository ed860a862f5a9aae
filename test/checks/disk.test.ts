import { describe, expect, it } from "vitest";
import { Disk } from "../../src/checks/disk.ts";
import { describeCheck } from "../support/describe-check.ts";
import { runCheck } from "../support/run-check.ts";

describe("Disk", () => {
  describeCheck(Disk, { options: { path: "/" } });

  it("warns at its limit", async () => {
    const result = await runCheck(new Disk({ maxUsage: 0 }));
    expect(result).toMatchObject({ state: "degraded", failure: { reason: "threshold" } });
    expect(result.failure?.message).toMatch(/^\d+\.\d % of \/ is in use$/);
  });

  it("is unhealthy for a path that does not exist", async () => {
    const result = await runCheck(new Disk({ path: "/no/such/path" }));
    expect(result).toMatchObject({ state: "unhealthy", failure: { message: "/no/such/path cannot be read" } });
  });
});
