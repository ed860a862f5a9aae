import { expect, it } from "vitest";
import { makeReport } from "../../src/health/report.ts";
import { sampleCheck, sampleTime } from "../support/sample-reports.ts";

it("an endpoint with details: status says when a check ran and changed, and neither where its trace is nor why it failed", () => {
  const failure = { kind: "Unavailable", message: "gone", reason: "dns" } as const;
  const transition = { at: sampleTime, from: "healthy", to: "unhealthy", failure } as const;
  const lastRun = { startedAt: sampleTime, durationSeconds: 0.5, traceId: "1".repeat(32) };
  const durations = new Map([["dns", { bounds: [], counts: [2], sum: 1, count: 2, exemplars: [] }]] as const);
  const failing = { state: "unhealthy", failure, since: sampleTime, consecutiveFailures: 2 } as const;
  const check = { ...sampleCheck("database"), ...failing, lastRun, transitions: [transition], durations };
  const endpoint = { path: "/health/", checks: ["database"], degraded: "fail", failureStatus: 500 } as const;
  const [status] = makeReport("shop", { ...endpoint, details: "status" }, [check], sampleTime).checks;
  const shown = { kind: "Unhealthy", message: "" };
  expect(status).toEqual({
    ...check,
    check: { name: "database", labels: {} },
    failure: shown,
    lastRun: { ...lastRun, traceId: undefined },
    certificateExpiresAt: undefined,
    measures: undefined,
    consecutiveFailures: undefined,
    transitions: [{ ...transition, failure: shown }],
    durations: new Map(),
  });
});

it("an endpoint with details: status says nothing of what was measured", () => {
  const measures = [{ name: "depth", unit: "{jobs}", value: 12 }];
  const check = { ...sampleCheck("jobs", { measures }), certificateExpiresAt: sampleTime };
  const endpoint = { path: "/health/", checks: ["jobs"], degraded: "fail", failureStatus: 500 } as const;
  const [all] = makeReport("shop", endpoint, [check], sampleTime).checks;
  expect(all).toMatchObject({ measures, certificateExpiresAt: sampleTime });
  const [status] = makeReport("shop", { ...endpoint, details: "status" }, [check], sampleTime).checks;
  expect(status).toMatchObject({ measures: undefined, certificateExpiresAt: undefined });
});

it("an endpoint with details: status does not say because of which check one was skipped", () => {
  const endpoint = { path: "/health/", checks: ["orders"], degraded: "fail", failureStatus: 500 } as const;
  const orders = sampleCheck("orders", { state: "skipped" });
  expect(orders.failure?.dependency).toBe("cache");
  const [status] = makeReport("shop", { ...endpoint, details: "status" }, [orders], sampleTime).checks;
  expect(status?.failure).toEqual({ kind: "Skipped", message: "" });
});

it("an endpoint with details: status says of a healthy check that nothing is wrong", () => {
  const endpoint = {
    path: "/health/",
    checks: ["jobs"],
    degraded: "fail",
    failureStatus: 503,
    details: "status",
  } as const;
  const report = makeReport("shop", endpoint, [sampleCheck("jobs")], sampleTime);
  expect(report).toMatchObject({ passes: true, status: 200, checks: [{ state: "healthy", failure: undefined }] });
});
