import { describe, expect, it } from "vitest";
import { summaryOf } from "../../src/formats/summary.ts";
import type { CheckReport } from "../../src/health/report.ts";
import type { State } from "../../src/health/state.ts";
import { sampleCheck, sampleReport } from "../support/sample-reports.ts";

const summaryOfStates = (states: readonly State[], degraded: "fail" | "pass" = "fail") =>
  summaryOf(
    sampleReport(
      states.map((state, index) => sampleCheck(`${index}`, { state })),
      { degraded },
    ),
  );

function skippedBecauseOf(dependency: string | undefined, name = "orders"): CheckReport {
  const failure = { kind: "Skipped", message: "", dependency };
  return { ...sampleCheck(name, { state: "skipped" }), failure };
}

const down = (name: string) => sampleCheck(name, { state: "unhealthy" });

describe("summaryOf", () => {
  it.each<[string, readonly State[]]>([
    ["This endpoint has no checks", []],
    ["The only check passes", ["healthy"]],
    ["All 2 checks pass", ["healthy", "healthy"]],
    ["The only check fails", ["unhealthy"]],
    ["The only check warns", ["degraded"]],
    ["The only check is in an unknown state", ["unknown"]],
    ["The only check was skipped", ["skipped"]],
    ["All 2 checks fail", ["unhealthy", "unhealthy"]],
    ["All 2 checks warn", ["degraded", "degraded"]],
    ["2 of 3 checks are in an unknown state", ["unknown", "healthy", "unknown"]],
    ["2 of 3 checks were skipped", ["skipped", "healthy", "skipped"]],
    [
      "1 of 4 checks fails, 1 was skipped, 1 warns, 1 is in an unknown state",
      ["unknown", "skipped", "degraded", "unhealthy"],
    ],
    ["1 of 3 checks warns, 1 is in an unknown state, 1 was skipped", ["skipped", "unknown", "degraded"]],
  ])("says %s of checks that are %j", (sentence, states) => {
    expect(summaryOfStates(states)).toBe(sentence);
  });

  it.each<[string, readonly State[]]>([
    ["The only check passes, with a warning", ["degraded"]],
    ["All 3 checks pass, 2 of them with a warning", ["degraded", "healthy", "degraded"]],
    ["1 of 3 checks is in an unknown state, 2 warn", ["degraded", "unknown", "degraded"]],
    ["1 of 3 checks fails, 1 warns", ["degraded", "healthy", "unhealthy"]],
  ])("says %s of checks that are %j where warnings pass", (sentence, states) => {
    expect(summaryOfStates(states, "pass")).toBe(sentence);
  });

  it("counts with separators", () => {
    expect(summaryOfStates([...Array(1200).fill("unknown"), "healthy"])).toBe(
      "1,200 of 1,201 checks are in an unknown state",
    );
  });

  it.each<[string, readonly CheckReport[]]>([
    ["1 of 2 checks fails, 1 was skipped because of it", [down("database"), skippedBecauseOf("database")]],
    [
      "1 of 5 checks fails, 2 were skipped because of it",
      [
        down("database"),
        skippedBecauseOf("database"),
        skippedBecauseOf("orders", "shop"),
        sampleCheck("a"),
        sampleCheck("b"),
      ],
    ],
    [
      "2 of 3 checks fail, 1 was skipped because of one of them",
      [down("database"), down("mail"), skippedBecauseOf("mail")],
    ],
    [
      "2 of 4 checks fail, 2 were skipped because of them",
      [down("database"), down("mail"), skippedBecauseOf("mail"), skippedBecauseOf("database", "shop")],
    ],
    // What it depends on is at another endpoint, or not published.
    ["1 of 2 checks fails, 1 was skipped", [down("database"), skippedBecauseOf("elsewhere")]],
    ["1 of 2 checks fails, 1 was skipped", [down("database"), skippedBecauseOf(undefined)]],
    [
      "1 of 3 checks fails, 2 were skipped",
      [down("database"), skippedBecauseOf("database"), skippedBecauseOf("elsewhere", "shop")],
    ],
    // What it depends on is up again, or depends on it in turn, because the results are of different moments.
    ["1 of 3 checks fails, 1 was skipped", [down("database"), sampleCheck("mail"), skippedBecauseOf("mail")]],
    [
      "1 of 3 checks fails, 2 were skipped",
      [down("database"), skippedBecauseOf("shop"), skippedBecauseOf("orders", "shop")],
    ],
  ])("says %s", (sentence, checks) => {
    expect(summaryOf(sampleReport(checks))).toBe(sentence);
  });
});
