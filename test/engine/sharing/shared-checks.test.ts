import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HealthMonitor } from "../../../src/engine/monitor.ts";
import type { CheckRecord, KnownRecord } from "../../../src/engine/sharing/check-record.ts";
import type { SharedFinding, SharedMonitor, Sharing } from "../../../src/engine/sharing/sharing.ts";
import { ServiceUnavailable } from "../../../src/health/errors.ts";
import { FakeCheck } from "../../support/checks.ts";
import { rememberingLogger } from "../../support/logs.ts";

const interval = 10_000;

class ClosingCheck extends FakeCheck {
  closed = 0;

  override close(): void {
    this.closed += 1;
  }
}

/** A fleet that does what it is told. */
class FakeSharing implements Sharing {
  readonly name = "shop";
  readonly known = new Map<string, KnownRecord>();
  readonly findings: SharedFinding[] = [];
  isHeld = true;
  isAlone = false;
  monitor: SharedMonitor | undefined;

  recordOf = (name: string) => this.known.get(name);
  begin = (monitor: SharedMonitor): void => {
    this.monitor = monitor;
  };
  found = (finding: SharedFinding): void => void this.findings.push(finding);
  mayRun = (): boolean => this.isHeld;
  wasAloneSince = (): boolean => this.isAlone;
  isExposed = (): boolean => true;
  replaced = (): void => {};
  recalled = (): void => {};

  get latest(): CheckRecord | undefined {
    return this.findings.at(-1)?.record;
  }

  /** Lets the latest finding count. */
  take({ isOwn = true } = {}): void {
    const { latest } = this;
    if (latest === undefined) return;
    const before = this.known.get(latest.name)?.record;
    this.known.set(latest.name, { record: latest, renewedAt: performance.now() });
    this.monitor?.took(latest.name, before, { isOwn, isNews: true });
  }
}

const monitors: HealthMonitor[] = [];

function replica(action: FakeCheck["action"] = () => {}, options: object = {}) {
  const check = new ClosingCheck({ name: "orders", interval: "10s", timeout: "2s", ...options });
  check.action = action;
  const sharing = new FakeSharing();
  const logger = rememberingLogger();
  const monitor = new HealthMonitor([check], { sharing, logger });
  monitors.push(monitor);
  monitor.start();
  const hold = () => sharing.monitor?.hold(["orders"]);
  const release = () => sharing.monitor?.release(["orders"]);
  const state = () => monitor.reports()[0]?.state;
  return { check, sharing, logger, monitor, hold, release, state };
}

const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

beforeEach(() => void vi.useFakeTimers());
afterEach(async () => {
  await Promise.all(monitors.splice(0).map((monitor) => monitor.close()));
  vi.useRealTimers();
});

describe("a shared check", () => {
  it("runs only while this replica holds its shard, whoever asks", async () => {
    const { check, monitor, hold, release } = replica();
    await pass(2 * interval);
    await monitor.report();
    expect(check.runs).toBe(0);
    hold();
    await pass(3 * interval);
    expect(check.runs).toBeGreaterThanOrEqual(3);
    release();
    const { runs } = check;
    await pass(3 * interval);
    expect(check.runs).toBe(runs);
  });

  it("is not told of before its record counts, and then once", async () => {
    const { sharing, logger, hold, state } = replica(() => {
      throw new ServiceUnavailable("gone");
    });
    const changes = () => logger.lines.filter(({ details }) => "to" in details).length;
    hold();
    await pass(interval);
    expect([state(), changes()]).toEqual(["unknown", 0]);
    sharing.take();
    expect([state(), changes()]).toEqual(["unhealthy", 1]);
    await pass(interval);
    sharing.take();
    expect(changes()).toBe(1);
  });

  it("goes back to its record when what it found since counts for nothing", async () => {
    let isDown = false;
    const { sharing, logger, hold, state } = replica(() => {
      if (isDown) throw new ServiceUnavailable("gone");
    });
    hold();
    await pass(interval);
    sharing.take();
    isDown = true;
    await pass(interval);
    expect(sharing.latest?.state).toBe("unhealthy");
    sharing.monitor?.revert("orders");
    isDown = false;
    await pass(interval);
    sharing.take();
    expect(sharing.latest).toMatchObject({ state: "healthy", consecutiveFailures: 0 });
    expect(sharing.latest?.past.transitions).toHaveLength(1);
    expect(state()).toBe("healthy");
    expect(logger.lines.filter(({ message }) => message.includes("gone"))).toEqual([]);
  });

  it("that fails while this replica is alone has found nothing", async () => {
    const { check, sharing, hold } = replica(() => {
      throw new ServiceUnavailable("gone");
    });
    sharing.isAlone = true;
    hold();
    await pass(interval);
    expect([check.runs > 0, sharing.findings]).toEqual([true, []]);
  });

  it("that found nothing because this replica was alone runs again at once when it is not any more", async () => {
    const { check, sharing, hold } = replica(() => {
      throw new ServiceUnavailable("gone");
    });
    sharing.isAlone = true;
    hold();
    await pass(100);
    expect(check.runs).toBe(1);
    sharing.isAlone = false;
    sharing.monitor?.retry();
    sharing.monitor?.retry();
    await pass(500);
    expect([check.runs, sharing.latest?.state]).toEqual([2, "unhealthy"]);
    sharing.monitor?.revert("orders");
    sharing.monitor?.retry();
    await pass(500);
    expect(check.runs).toBe(3);
    sharing.monitor?.retry();
    await pass(0.4 * interval);
    expect(check.runs).toBe(3);
  });

  it("is unhealthy at the third failure, whoever saw the first two", async () => {
    const fails = () => {
      throw new ServiceUnavailable("gone");
    };
    const [one, other] = [replica(fails, { failureThreshold: 3 }), replica(fails, { failureThreshold: 3 })];
    one.hold();
    await vi.waitFor(async () => expect(one.sharing.findings).toHaveLength(2), {
      timeout: 3 * interval,
      interval: 100,
    });
    const record = one.sharing.latest;
    expect(record).toMatchObject({ consecutiveFailures: 2 });
    expect(record?.state).not.toBe("unhealthy");
    one.release();
    if (record !== undefined) other.sharing.known.set("orders", { record, renewedAt: performance.now() });
    other.hold();
    await pass(1.5 * interval);
    expect(other.sharing.findings[0]?.record).toMatchObject({ consecutiveFailures: 3, state: "unhealthy" });
  });

  it("is due one interval after its last run by anyone, and at once when that is past", async () => {
    const record = async () => {
      const { sharing, hold } = replica();
      hold();
      await pass(interval);
      const { latest } = sharing;
      if (latest === undefined) throw new Error("it has not run");
      return latest;
    };
    const known = await record();
    const [fresh, overdue] = [replica(), replica()];
    fresh.sharing.known.set("orders", { record: known, renewedAt: performance.now() - 4000 });
    overdue.sharing.known.set("orders", { record: known, renewedAt: performance.now() - 14_000 });
    for (const { hold } of [fresh, overdue]) hold();
    await pass(401);
    expect([fresh.check.runs, overdue.check.runs]).toEqual([0, 1]);
    await pass(5500);
    expect(fresh.check.runs).toBe(0);
    await pass(200);
    expect(fresh.check.runs).toBe(1);
  });
});

describe("a shared check whose lease has expired", () => {
  it("does not run, although nobody has said yet that the shard is lost", async () => {
    const { check, sharing, hold } = replica();
    hold();
    await pass(interval);
    const { runs } = check;
    sharing.isHeld = false;
    await pass(3 * interval);
    expect(check.runs).toBe(runs);
  });
});

describe("a shared check whose run is given up because its shard goes", () => {
  it("is closed only when the code of the run has returned, which may still use what it keeps open", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { check, hold, release } = replica(() => promise);
    hold();
    await pass(100);
    release();
    await pass(500);
    expect([check.runs, check.closed]).toEqual([1, 0]);
    resolve();
    await pass(1);
    expect(check.closed).toBe(1);
  });

  it("is not closed when the shard has come back before that", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { check, hold, release } = replica(() => promise);
    hold();
    await pass(100);
    release();
    hold();
    resolve();
    await pass(1);
    expect(check.closed).toBe(0);
    release();
    expect(check.closed).toBe(1);
  });

  it("is closed at once when nothing runs", async () => {
    const { check, hold, release } = replica();
    hold();
    await pass(100);
    release();
    expect(check.closed).toBe(1);
  });

  it("is not down because that run has not returned when the shard comes back", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { sharing, hold, release } = replica(() => promise);
    hold();
    await pass(100);
    release();
    await pass(50);
    hold();
    await pass(500); // Due at once, and the run before it still has not returned.
    expect(sharing.findings.map(({ record }) => record.state)).toEqual([]);
    resolve();
  });
});
