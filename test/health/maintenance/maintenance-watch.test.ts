import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HealthMonitor } from "../../../src/engine/monitor.ts";
import { calendarOf } from "../../../src/health/maintenance/calendar-of.ts";
import { ReplaceableCalendar } from "../../../src/health/maintenance/replaceable-calendar.ts";
import { HealthCheck } from "../../../src/health/health-check.ts";
import { ServiceUnavailable } from "../../../src/health/errors.ts";
import { recordingLogger } from "../../support/logs.ts";

class Broken extends HealthCheck {
  run(): void {
    throw new ServiceUnavailable("no answer");
  }
}

const startsAt = Date.parse("2026-12-01T22:00Z");
const upgrade = { title: "Upgrade", start: new Date(startsAt), duration: "2h" };

describe("a monitor with maintenance", () => {
  let monitor: HealthMonitor | undefined;
  beforeEach(() => void vi.useFakeTimers({ now: startsAt - 30_000 }));
  afterEach(async () => {
    await monitor?.close();
    vi.useRealTimers();
  });
});
