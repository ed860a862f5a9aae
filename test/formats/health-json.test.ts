import { describe, expect, it } from "vitest";
import { healthJson } from "../../src/formats/health-json.ts";
import type { Report } from "../../src/health/report.ts";
import type { State } from "../../src/health/state.ts";
import { contextOf, describeFormat } from "../support/describe-format.ts";
import { everyState, sampleCheck, sampleReport } from "../support/sample-reports.ts";

describe("health+json", () => {
  describeFormat(healthJson, {
    extension: "json",
    read(answer) {
      const parsed = JSON.parse(answer);
      expect(["pass", "warn", "fail"]).toContain(parsed.status);
      for (const [key, details] of Object.entries<{ status?: string; time?: string }[]>(parsed.checks)) {
        expect(key).toMatch(/:(?:responseTime|usage|available|depth)$/);
        expect(details).toHaveLength(1);
        expect(["pass", "warn", "fail", undefined]).toContain(details[0]?.status);
        expect(details[0]?.status === undefined).toBe(!key.endsWith(":responseTime"));
        const time = details[0]?.time;
        if (time !== undefined) expect(new Date(time).toISOString()).toBe(time);
      }
      return JSON.stringify(parsed);
    },
    charactersPerCheck: 900,
  });

  function parsed(report: Report) {
    return JSON.parse(healthJson.render(report, contextOf(report, healthJson.offers[0])));
  }

  it("describes a failing check completely", () => {
    expect(parsed(everyState).checks["cache:responseTime"]).toEqual([
      {
        componentId: "cache",
        componentType: "redis",
        observedValue: 0.0042,
        observedUnit: "s",
        status: "fail",
        time: "2026-03-14T15:09:22.539Z",
        output: "Unavailable: connection refused by 10.0.3.7:6379",
        reason: "connection_refused",
        state: "unhealthy",
        since: "2026-03-14T15:02:26.535Z",
        lastSuccess: "2026-03-14T15:02:11.535Z",
        consecutiveFailures: 28,
        traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
        traceUrl: "https://traces.example/?service=shop&id=4bf92f3577b34da6a3ce929d0e0e4736",
        labels: { url: "redis://cache:6379/0" },
        transitions: [
          {
            time: "2026-03-14T15:02:26.535Z",
            from: "healthy",
            to: "unhealthy",
            output: "Unavailable: connection refused by 10.0.3.7:6379",
            reason: "connection_refused",
          },
          { time: "2026-03-13T15:09:26.535Z", from: "unknown", to: "healthy" },
        ],
      },
    ]);
  });

  it("has a key of its own for what a check measured, without a status that would count twice", () => {
    expect(parsed(everyState).checks["disk:usage"]).toEqual([
      {
        componentId: "disk",
        componentType: "disk",
        observedValue: 93.125,
        observedUnit: "%",
        time: "2026-03-14T15:09:22.535Z",
      },
    ]);
    expect(parsed(everyState).checks["disk:available"]).toMatchObject([{ observedUnit: "By" }]);
  });

  it("leaves out runs that did not happen and the output of passing checks", () => {
    const [details] = parsed(sampleReport([sampleCheck("new", { state: "unknown", hasRun: false })])).checks[
      "new:responseTime"
    ];
    for (const member of ["observedValue", "observedUnit", "time", "lastSuccess", "traceId", "traceUrl"]) {
      expect(details).not.toHaveProperty(member);
    }
    expect(parsed(sampleReport([sampleCheck("fine")])).checks["fine:responseTime"][0]).not.toHaveProperty("output");
  });

  it("says how many checks fail, and for what it is", () => {
    const states = (...present: readonly State[]) => {
      const report = sampleReport(
        present.map((state, index) => sampleCheck(`${index}`, { state })),
        { degraded: "pass" },
      );
      return parsed(report);
    };
    expect(states("healthy", "healthy")).not.toHaveProperty("output");
    expect(states("healthy", "degraded").output).toBe("All 2 checks pass, 1 of them with a warning");
    expect(states("healthy", "unhealthy").output).toBe("1 of 2 checks fails");
    expect(states("skipped", "unhealthy", "degraded").output).toBe("1 of 3 checks fails, 1 was skipped, 1 warns");
    expect(states("healthy").description).toBe("The health of shop");
    expect(states("healthy").time).toBe("2026-03-14T15:09:26.535Z");
  });

  it("leaves out the type of a check that has none, and rounds durations to microseconds", () => {
    const check = sampleCheck("a", {
      durationSeconds: 0.123_456_789,
      measures: [{ name: "depth", unit: "", value: 1 }],
    });
    const { checks } = parsed(sampleReport([{ ...check, check: { name: "a", type: undefined, labels: {} } }]));
    for (const [entry] of Object.values<object[]>(checks)) expect(entry).not.toHaveProperty("componentType");
    expect(checks["a:responseTime"][0].observedValue).toBe(0.123457);
    expect(checks["a:depth"][0].observedValue).toBe(1);
    const never = sampleCheck("a", { hasRun: false, measures: [{ name: "depth", unit: "", value: 1 }] });
    expect(parsed(sampleReport([never])).checks["a:depth"][0]).not.toHaveProperty("time");
  });

  it.each([
    ["pass", "healthy", "fail", "pass"],
    ["fail, because that is what the status code says", "degraded", "fail", "fail"],
    ["warn where a warning passes", "degraded", "pass", "warn"],
    ["fail", "unhealthy", "pass", "fail"],
    ["fail for what is not known", "unknown", "pass", "fail"],
    ["fail for what was skipped", "skipped", "pass", "fail"],
  ] as const)("is %s when a check is %s and degraded would %s", (_, state, degraded, status) => {
    const report = sampleReport([sampleCheck("one", { state }), sampleCheck("other")], { degraded });
    expect(parsed(report).status).toBe(status);
    expect(report.passes).toBe(status !== "fail");
  });
});
