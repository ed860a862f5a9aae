import { describe, expect, it } from "vitest";
import { HealthMonitor } from "../../src/engine/monitor.ts";

describe("what a monitor is given to work with", () => {
  it.each([
    ["executor", "an executor", ["run"]],
    ["history", "a history", ["uptime", "incident", "buckets", "incidents"]],
    ["maintenance", "a calendar", ["at", "within", "active", "nextEdge"]],
    ["announcements", "an AnnouncementBoard", ["on"]],
    ["logger", "a logger", ["info", "warn", "error"]],
  ])("is refused without any one of the methods of the %s", (option, what, methods) => {
    const list = methods.length === 1 ? `the method ${methods[0]}` : `the methods ${methods.join(", ")}`;
    for (const missing of methods) {
      const rest = methods.filter((method) => method !== missing);
      const given = Object.fromEntries(rest.map((method) => [method, () => {}]));
      expect(() => new HealthMonitor([], { [option]: given })).toThrow(
        `HealthMonitor: ${option}: must be ${what}: an object with ${list}`,
      );
    }
  });
});
