import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HealthMonitor } from "../../../src/engine/monitor.ts";
import { ServiceUnavailable } from "../../../src/health/errors.ts";
import type { MaintenanceCalendar } from "../../../src/health/maintenance/calendar.ts";
import { calendarOf } from "../../../src/health/maintenance/calendar-of.ts";
import { ReplaceableCalendar } from "../../../src/health/maintenance/replaceable-calendar.ts";
import { fakeCheck } from "../../support/checks.ts";
import { rememberingLogger } from "../../support/logs.ts";

const startsAt = Date.parse("2026-12-01T22:00Z");
const calendar = calendarOf([{ title: "Upgrade", start: new Date(startsAt), duration: "2h", checks: ["database"] }]);
const endpoints = [{ path: "/health/" }, { path: "/strict/", maintenance: "fail" }] as const;

describe("a monitor with maintenance", () => {
  const logger = rememberingLogger();
  let monitor: HealthMonitor;
  const start = (maintenance: MaintenanceCalendar = calendar) => {
    const database = fakeCheck({ name: "database" }, () => {
      throw new ServiceUnavailable("no answer");
    });
    monitor = new HealthMonitor([database, fakeCheck({ name: "cache" })], { endpoints, maintenance, logger });
    return monitor;
  };
  const said = () => logger.lines.map(({ message }) => message).filter((message) => message.includes("maintenance"));

  beforeEach(() => {
    logger.lines.length = 0;
    vi.useFakeTimers({ now: startsAt - 30_000 });
  });
  afterEach(async () => {
    await monitor.close();
    vi.useRealTimers();
  });

  it("lets a failing check fail no endpoint, unless the endpoint says so", async () => {
    start();
    expect(await monitor.report()).toMatchObject({ passes: false, status: 500 });
    vi.setSystemTime(startsAt);
    const report = await monitor.report();
    expect(report).toMatchObject({ passes: true, status: 200 });
    expect(report.checks).toMatchObject([
      { state: "unhealthy", maintenance: { title: "Upgrade" } },
      { state: "healthy" },
    ]);
    expect(report.checks[1]?.maintenance).toBeUndefined();
    expect(await monitor.report(monitor.endpoints[1])).toMatchObject({
      passes: false,
      status: 500,
      maintenance: "fail",
    });
    vi.setSystemTime(startsAt + 2 * 3_600_000);
    expect((await monitor.report()).passes).toBe(false);
  });

  it("says something new when one begins and when it ends, whether or not anybody waits for it", () => {
    start();
    const versions = [-1, 0, 1, 3_600_000, 7_200_000, 7_200_001].map((after) => {
      vi.setSystemTime(startsAt + after);
      return monitor.version;
    });
    expect(versions).toEqual([0, 1, 1, 1, 2, 2]);
  });

  it("does not let an answer be kept over the beginning", async () => {
    const cache = fakeCheck({ name: "cache", interval: "10m" });
    monitor = new HealthMonitor([cache], { maintenance: calendar, logger });
    await monitor.report();
    expect(Math.round(monitor.freshUntil(["cache"]) - performance.now())).toBe(30_000);
  });

  it("logs the beginning and the end once each, though nobody asks", () => {
    start().start();
    expect(said()).toEqual([]);
    vi.advanceTimersByTime(60_000);
    const begins = "maintenance begins: Upgrade, until 2026-12-02T00:00:00.000Z";
    expect(said()).toEqual([begins]);
    expect(logger.lines.find(({ message }) => message === begins)).toMatchObject({
      level: "info",
      details: { maintenance: { title: "Upgrade", since: "2026-12-01T22:00:00.000Z" } },
    });
    vi.advanceTimersByTime(3_600_000);
    expect(said()).toHaveLength(1);
    vi.advanceTimersByTime(3_600_000);
    expect(said()).toEqual([begins, "maintenance has ended: Upgrade"]);
  });

  it("notices at once when the calendar is replaced", () => {
    const late = new ReplaceableCalendar();
    vi.setSystemTime(startsAt + 1000);
    start(late).start();
    const { version } = monitor;
    late.replace(calendar);
    expect(monitor.version).toBeGreaterThan(version);
    expect(said()).toEqual(["maintenance begins: Upgrade, until 2026-12-02T00:00:00.000Z"]);
    late.replace(undefined);
    expect(said().at(-1)).toBe("maintenance has ended: Upgrade");
  });

  it("notices when the clock of the machine is set", () => {
    start();
    vi.setSystemTime(startsAt + 1000);
    const { version } = monitor;
    vi.setSystemTime(startsAt - 1000);
    expect(monitor.version).toBeGreaterThan(version);
    expect(monitor.reports().map(({ maintenance }) => maintenance)).toEqual([undefined, undefined]);
  });

  it("marks the changes of state that happen in it, and does not warn of them", async () => {
    vi.setSystemTime(startsAt + 1000);
    start();
    const { checks } = await monitor.report();
    expect(checks[0]?.transitions).toMatchObject([{ to: "unhealthy", maintenance: "Upgrade" }]);
    expect(checks[1]?.transitions[0]?.maintenance).toBeUndefined();
    const change = logger.lines.find(({ message }) => message.startsWith("database: "));
    expect(change).toMatchObject({ level: "info", details: { maintenance: "Upgrade" } });
    expect(monitor.remember()[0]?.transitions[0]?.maintenance).toBe("Upgrade");
  });

  it("refuses what is no calendar", () => {
    const none = { at: () => undefined, within: () => 0 } as unknown as MaintenanceCalendar;
    start();
    expect(() => new HealthMonitor([], { maintenance: none })).toThrow("must be a calendar");
  });
});
