import { describe, expect, it } from "vitest";
import type { Past } from "../../../src/health/history/history.ts";
import { scope } from "../../../src/health/instrumentation/scope.ts";
import { checkMetrics } from "../../../src/telemetry/metrics/check-metrics.ts";
import { writeMetrics } from "../../../src/telemetry/open-metrics/write-metrics.ts";
import { writeProtobuf } from "../../../src/telemetry/open-metrics/write-protobuf.ts";
import { labelsOf, readFamilies } from "../../support/prometheus-protobuf.ts";
import { type SampleCheck, sampleCheck } from "../../support/sample-reports.ts";

const past: Past = {
  uptime: () => ({ availableSeconds: 3, knownSeconds: 4 }),
  incident: () => undefined,
};

describe("what is added to the labels of a check", () => {
  it.each([
    ["follows them", { path: "/" }, 'path="/",window="24h"', { path: "/", window: "24h" }],
    ["is joined to one of the same name", { window: "5m" }, 'window="5m;24h"', { window: "5m;24h" }],
    ["is there beside one that has no value", { path: "" }, 'window="24h"', { window: "24h" }],
  ])("%s", (_, labels, text, read) => {
    const options = { type: "disk", labels };
    expect(textOf(options)).toContain(`health_check_uptime_ratio{check="root",type="disk",${text}} 0.75\n`);
    const uptime = familiesOf(options).find(({ name }) => name === "health_check_uptime_ratio");
    expect(uptime?.metric.map(labelsOf)).toContainEqual({ check: "root", type: "disk", ...read });
    expect(uptime?.metric).toHaveLength(3);
  });

  it("says the state, of which one is true", () => {
    const state = familiesOf({}).find(({ name }) => name === "health_check_state");
    const stateOf = (metric: Parameters<typeof labelsOf>[0]) => labelsOf(metric).state;
    expect(state?.metric.map((metric) => [stateOf(metric), metric.gauge?.value])).toEqual([
      ["healthy", 1],
      ["degraded", 0],
      ["unhealthy", 0],
      ["unknown", 0],
      ["skipped", 0],
    ]);
  });
});

function metricsOf(options: SampleCheck) {
  const scopeMetrics = [{ scope, metrics: checkMetrics([sampleCheck("root", options)], [], past) }];
  return { resource: { attributes: {} }, scopeMetrics };
}

function textOf(options: SampleCheck): string {
  return [...writeMetrics(metricsOf(options), "openmetrics", fail)].join("");
}

function familiesOf(options: SampleCheck) {
  return readFamilies(Buffer.concat([...writeProtobuf(metricsOf(options), { classic: true, native: true }, fail)]));
}

function fail(problem: string): never {
  throw new Error(problem);
}
