import { describe, expect, it } from "vitest";
import type { HistogramKind } from "../../../src/telemetry/metrics/histogram-shape.ts";
import { shapeFor } from "../../../src/telemetry/push/histogram-preference.ts";

describe("what is counted for /metrics and for the push", () => {
  const bounds = [0.1, 1];

  it.each<[HistogramKind, string, HistogramKind]>([
    ["classic", "explicit", "classic"],
    ["classic", "exponential", "both"],
    ["native", "explicit", "both"],
    ["native", "exponential", "native"],
    ["both", "explicit", "both"],
    ["both", "exponential", "both"],
    ["none", "explicit", "none"],
    ["none", "exponential", "none"],
  ])("where %s is configured, and the buckets of the push are %s: %s", (kind, push, expected) => {
    expect(shapeFor({ kind, bounds }, push === "exponential")).toEqual({ kind: expected, bounds });
  });
});
