import { expect, it } from "vitest";
import { makeReport } from "../../src/health/report.ts";
import { sampleCheck, sampleTime } from "../support/sample-reports.ts";

it("an endpoint with details: status says nothing of what was measured", () => {
  const measures = [{ name: "depth", unit: "{jobs}", value: 12 }];
  const check = { ...sampleCheck("jobs", { measures }), certificateExpiresAt: sampleTime };
  const endpoint = { path: "/health/", checks: ["jobs"], degraded: "fail", failureStatus: 500 } as const;
  const [all] = makeReport("shop", endpoint, [check], sampleTime).checks;
  expect(all).toMatchObject({ measures, certificateExpiresAt: sampleTime });
  const [status] = makeReport("shop", { ...endpoint, details: "status" }, [check], sampleTime).checks;
  expect(status).toMatchObject({ measures: undefined, certificateExpiresAt: undefined });
});
