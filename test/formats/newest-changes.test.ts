import { expect, it } from "vitest";
import { newestChanges } from "../../src/formats/newest-changes.ts";
import type { CheckReport, Transition } from "../../src/health/report.ts";
import type { State } from "../../src/health/state.ts";
import { everyState } from "../support/sample-reports.ts";

function report(name: string, ...changes: (readonly [at: number, to: State])[]): CheckReport {
  const [sample] = everyState.checks;
  const transitions = changes.map(([at, to]): Transition => ({ at, from: "unknown", to, failure: undefined }));
  return { ...(sample as CheckReport), check: { name, type: "told", labels: {} }, transitions };
}

function named(reports: readonly CheckReport[]): string[] {
  return newestChanges(reports).map(({ check, transition }) => `${check.name} ${transition.to}`);
}

it("sorts the changes of all checks, newest first", () => {
  const a = report("a", [40, "healthy"], [20, "unhealthy"]);
  const b = report("b", [30, "degraded"], [10, "healthy"]);
  expect(named([a, b])).toEqual(["a healthy", "b degraded", "a unhealthy", "b healthy"]);
  expect(newestChanges([a, b])[0]?.before?.to).toBe("unhealthy");
});

it("keeps the order of one check's changes when the clock was set back between them", () => {
  const a = report("a", [150, "healthy"], [100, "unhealthy"], [1000, "healthy"], [900, "unhealthy"]);
  expect(named([a, report("b", [950, "degraded"])])).toEqual([
    "a healthy",
    "a unhealthy",
    "a healthy",
    "b degraded",
    "a unhealthy",
  ]);
});
