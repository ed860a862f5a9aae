import { describe, expect, it } from "vitest";
import { familyName } from "../../../src/telemetry/open-metrics/family-name.ts";

describe("familyName", () => {
  it.each([
    ["health.check.status", "", "gauge", "health_check_status", ""],
    ["health.check.duration", "s", "histogram", "health_check_duration_seconds", "seconds"],
    ["health.check.last_run.timestamp", "s", "gauge", "health_check_last_run_timestamp_seconds", "seconds"],
    ["memory.use", "By", "gauge", "memory_use_bytes", "bytes"],
    ["memory.use.bytes", "By", "gauge", "memory_use_bytes", "bytes"],
    ["kilobytes", "By", "gauge", "kilobytes_bytes", "bytes"],
    ["runs", "{run}", "counter", "runs", ""],
    ["runs.total", "", "counter", "runs", ""],
    ["runs.total", "s", "counter", "runs_seconds", "seconds"],
    ["runs_total", "", "gauge", "runs_total", ""],
    ["traffic", "By/s", "gauge", "traffic_bytes_per_second", "bytes_per_second"],
    ["requests", "{request}/s", "gauge", "requests_per_second", "per_second"],
    ["share", "1", "gauge", "share_ratio", "ratio"],
    ["number", "1", "counter", "number", ""],
    ["load", "%", "gauge", "load_percent", "percent"],
    ["sold", "EUR", "gauge", "sold_EUR", "EUR"],
    ["9.lives", "", "gauge", "_9_lives", ""],
    ["a..b__c/d-e", "", "gauge", "a_b_c_d_e", ""],
    ["recorded:rule", "", "gauge", "recorded_rule", ""],
    ["trailing.", "s", "gauge", "trailing_seconds", "seconds"],
    ["", "", "gauge", "_", ""],
    ["温度", "", "gauge", "_", ""],
    ["x", "°/ ", "gauge", "x", ""],
  ] as const)("makes of %j with the unit %j, a %s, %s", (metric, unit, kind, name, words) => {
    expect(familyName(metric, unit, kind)).toEqual({ name, unit: words });
  });
});
