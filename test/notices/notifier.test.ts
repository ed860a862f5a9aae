import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HealthMonitor } from "../../src/engine/monitor.ts";
import type { MonitorOptions } from "../../src/engine/monitor-options.ts";
import { ServiceUnavailable, ServiceWarning } from "../../src/health/errors.ts";
import { secret } from "../../src/health/fields.ts";
import { type CommonOptions, HealthCheck, healthCheck } from "../../src/health/health-check.ts";
import type { Past } from "../../src/health/history/history.ts";
import type { MaintenanceCalendar } from "../../src/health/maintenance/calendar.ts";
import { Duration } from "../../src/health/time/duration.ts";
import { Notifier, type NotifierOptions } from "../../src/notices/notifier.ts";
import { MemoryOutbox } from "../../src/notices/outbox.ts";
import { type RecordingChannel, recordingChannel } from "../support/recording-channel.ts";

/** A check in the state that a test says. */
class Switch extends HealthCheck {
  state: "healthy" | "degraded" | "unhealthy" = "healthy";

  async run(): Promise<void> {
    if (this.state === "degraded") throw new ServiceWarning("slow");
    if (this.state === "unhealthy") throw new ServiceUnavailable("down", { reason: "connection_refused" });
  }
}

const logger = { info: () => {}, warn: vi.fn(), error: vi.fn() };

beforeEach(() => void vi.useFakeTimers({ now: Date.parse("2026-11-29T03:00:00Z") }));
afterEach(() => void vi.useRealTimers());

async function start(
  checks: Readonly<Record<string, CommonOptions>>,
  channels: readonly RecordingChannel[],
  options: Partial<NotifierOptions> & { readonly monitor?: MonitorOptions } = {},
) {
  const notifier = await Notifier.open({ channels: channels.map(({ channel }) => channel), logger, ...options });
  const all = Object.entries(checks).map(([name, common]) => new Switch({ ...common, name }));
  const monitor = new HealthMonitor(all, { title: "shop", logger, observed: notifier.observed, ...options.monitor });
  notifier.watch(monitor);
  const named = (name: string): Switch => {
    const check = all.find((one) => one.name === name);
    if (check === undefined) throw new Error(`there is no check ${name}`);
    return check;
  };
  return {
    notifier,
    monitor,
    checks: all,
    /** Runs checks in a state. */
    set: async (state: Switch["state"], ...names: readonly string[]) => {
      for (const name of names) {
        named(name).state = state;
        await monitor.renew(name);
      }
    },
    pass: (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000),
  };
}

describe("a notifier", () => {
  it("tells a failure and its recovery, with what is known of them", async () => {
    const ops = recordingChannel("ops");
    const past: Past = {
      uptime: (_, window) => (window === "30d" ? undefined : { availableSeconds: 9, knownSeconds: 10 }),
      incident: () => undefined,
    };
    const history = { ...past, buckets: async () => new Map(), measures: async () => [], incidents: async () => [] };
    const { set, pass } = await start({ orders: { group: ["shop", "pay"], tags: ["eu"] } }, [ops], {
      publicUrl: "https://status.shop.example/",
      monitor: { history },
    });
    await set("healthy", "orders");
    await set("unhealthy", "orders");
    await pass(11);
    await set("healthy", "orders");
    await pass(11);
    expect(ops.told()).toEqual([["orders failed unhealthy"], ["orders recovered healthy"]]);
    const [failure, recovery] = ops.messages.map(({ notices }) => notices[0]);
    expect(failure).toMatchObject({
      key: "healthspan/shop/orders",
      type: "switch",
      group: ["shop", "pay"],
      tags: ["eu"],
      kind: "Unavailable",
      message: "down",
      reason: "connection_refused",
      uptime: { window: "7d", availableSeconds: 9, knownSeconds: 10 },
      page: "https://status.shop.example/health/orders/",
    });
    expect(recovery?.key).toBe(failure?.key);
    expect(recovery?.since).toBe(failure?.since);
    expect(recovery?.formerState).toBe("unhealthy");
  });

  it("tells as one message what changes within ten seconds", async () => {
    const ops = recordingChannel("ops");
    const { set, pass } = await start({ a: {}, b: {}, c: {} }, [ops]);
    await set("unhealthy", "a");
    await pass(5);
    await set("degraded", "b");
    await pass(7);
    await set("unhealthy", "c");
    await pass(12);
    expect(ops.told()).toEqual([["a failed unhealthy", "b failed degraded"], ["c failed unhealthy"]]);
  });

  it("does not mention what is well again by the time it would be told", async () => {
    const ops = recordingChannel("ops", { after: new Duration(120_000) });
    const { set, pass } = await start({ a: {}, b: {} }, [ops]);
    await set("unhealthy", "a", "b");
    await pass(100);
    await set("healthy", "a");
    expect(ops.messages).toHaveLength(0);
    await pass(60);
    expect(ops.told()).toEqual([["b failed unhealthy"]]);
  });

  it("tells each channel of its checks: those that name it, or all, and those in its groups", async () => {
    const ops = recordingChannel("ops");
    const pay = recordingChannel("pay", { groups: ["pay"] });
    const nested = recordingChannel("nested", { groups: ["shop/pay"] });
    const { set, pass } = await start(
      { all: {}, named: { notify: ["ops"] }, none: { notify: [] }, grouped: { group: ["shop", "pay"] } },
      [ops, pay, nested],
    );
    await set("unhealthy", "all", "named", "none", "grouped");
    await pass(12);
    expect(ops.told()).toEqual([["all failed unhealthy", "named failed unhealthy", "grouped failed unhealthy"]]);
    expect(pay.told()).toEqual([["grouped failed unhealthy"]]);
    expect(nested.told()).toEqual(pay.told());
  });

  it("tells nothing of what is skipped", async () => {
    const ops = recordingChannel("ops");
    const { set, pass } = await start({ database: {}, orders: { dependsOn: ["database"] } }, [ops]);
    await set("healthy", "database", "orders");
    await set("unhealthy", "database");
    await set("unhealthy", "orders");
    await pass(60);
    expect(ops.told()).toEqual([["database failed unhealthy"]]);
  });

  it("tells nothing in a maintenance, and at its end what is still so", async () => {
    const ops = recordingChannel("ops");
    let isOn = true;
    const maintenance = { id: "m", title: "Move", startsAt: 0, endsAt: undefined };
    const calendar: MaintenanceCalendar = {
      at: () => (isOn ? maintenance : undefined),
      within: () => 0,
      active: () => (isOn ? [maintenance] : []),
      nextEdge: () => Number.POSITIVE_INFINITY,
    };
    const { set, pass } = await start({ a: {}, b: {} }, [ops], { monitor: { maintenance: calendar } });
    await set("unhealthy", "a", "b");
    await pass(3600);
    await set("healthy", "b");
    expect(ops.messages).toHaveLength(0);
    isOn = false;
    await pass(12);
    expect(ops.told()).toEqual([["a failed unhealthy"]]);
  });

  it("tells that a result has become too old, if a channel wants that", async () => {
    const ops = recordingChannel("ops", { on: ["unknown", "recovered"] });
    const { set, pass } = await start({ a: { interval: "10s", timeout: "1s" } }, [ops]);
    await set("healthy", "a");
    await pass(60); // Nothing runs it: the monitor was not started.
    expect(ops.told()).toEqual([["a failed unknown"]]);
    await set("healthy", "a");
    await pass(12);
    expect(ops.told()[1]).toEqual(["a recovered healthy"]);
  });

  it("tells again what a service forgets, while it lasts", async () => {
    const alerts = recordingChannel("alerts", {}, { renewMilliseconds: 60_000, closes: true });
    const { set, pass } = await start({ a: {} }, [alerts]);
    await set("unhealthy", "a");
    await pass(200);
    await set("healthy", "a");
    await pass(200);
    const causes = alerts.told().map(([first]) => first);
    expect(causes[0]).toBe("a failed unhealthy");
    expect(causes.slice(1, -1).length).toBeGreaterThanOrEqual(2);
    expect(new Set(causes.slice(1, -1))).toEqual(new Set(["a lasts unhealthy"]));
    expect(causes.at(-1)).toBe("a recovered healthy");
  });

  it("holds up no channel because another is dead", async () => {
    const dead = recordingChannel("dead", {}, {}, () => new Promise(() => {}));
    const ops = recordingChannel("ops");
    const { set, pass } = await start({ a: {} }, [dead, ops]);
    await set("unhealthy", "a");
    await pass(12);
    await set("healthy", "a");
    await pass(12);
    expect(ops.told()).toHaveLength(2);
    expect(dead.messages).toHaveLength(1);
  });
});

describe("after a restart", () => {
  it("nothing is told twice, and a recovery in the meantime is told", async () => {
    const outbox = new MemoryOutbox();
    const first = recordingChannel("ops");
    const before = await start({ a: {}, b: {} }, [first], { outbox });
    await before.set("unhealthy", "a", "b");
    await before.pass(12);
    await before.notifier.close(1000);
    expect(first.messages).toHaveLength(1);
    const ops = recordingChannel("ops", { on: ["unhealthy", "unknown"], repeat: new Duration(60_000) });
    const after = await start({ a: {}, b: {} }, [ops], { outbox });
    await after.pass(300); // Nothing is known of them yet.
    expect(ops.messages).toHaveLength(0);
    const quiet = recordingChannel("ops");
    const again = await start({ a: {}, b: {} }, [quiet], { outbox });
    await again.set("unhealthy", "a");
    await again.set("healthy", "b");
    await again.pass(60);
    expect(quiet.told()).toEqual([["b recovered healthy"]]);
  });

  it("without an outbox, a check that fails is told anew, and one that is well is not", async () => {
    const ops = recordingChannel("ops");
    const { set, pass } = await start({ a: {}, b: {} }, [ops]);
    await set("unhealthy", "a");
    await set("healthy", "b");
    await pass(12);
    expect(ops.told()).toEqual([["a failed unhealthy"]]);
  });

  it("what was kept for a channel or a check that is gone is deleted, and closed where it is open", async () => {
    const outbox = new MemoryOutbox();
    const before = await start({ a: {} }, [recordingChannel("gone"), recordingChannel("oncall")], { outbox });
    await before.set("unhealthy", "a");
    await before.pass(12);
    await before.notifier.close(1000);
    const oncall = recordingChannel("oncall", {}, { closes: true });
    const after = await start({ other: {} }, [oncall], { outbox });
    await after.pass(1);
    expect(oncall.told()).toEqual([["a removed unknown"]]);
    expect(outbox.all().size).toBe(0);
  });
});

it("no secret of a check is told or kept", async () => {
  const outbox = new MemoryOutbox();
  const ops = recordingChannel("ops", {}, {}, () => ({ outcome: "again", words: "no" }));
  const notifier = await Notifier.open({ channels: [ops.channel], outbox, logger });
  class Leaky extends healthCheck({ settings: { password: secret() } }) {
    async run(): Promise<void> {
      throw new ServiceUnavailable(`the server says: ${this.password.reveal()}`);
    }
  }
  const check = new Leaky({ name: "leaky", password: "hush-of-check" });
  const monitor = new HealthMonitor([check], { logger, observed: notifier.observed });
  notifier.watch(monitor);
  await monitor.renew("leaky");
  await vi.advanceTimersByTimeAsync(12_000);
  const kept = JSON.stringify([...outbox.all(), ops.messages]);
  expect(kept).toContain("the server says: [redacted]");
  expect(kept).not.toMatch(/hush/);
});

describe("a reload", () => {
  it("that removes a failing check closes what is open at a service, and says nothing elsewhere", async () => {
    const oncall = recordingChannel("oncall", {}, { closes: true });
    const ops = recordingChannel("ops");
    const { notifier, set, pass, checks, monitor } = await start({ a: {}, b: {} }, [oncall, ops]);
    await set("unhealthy", "a");
    await pass(12);
    const rest = checks.filter(({ name }) => name === "b");
    await monitor.replace(rest, [], () => notifier.replace([oncall.channel, ops.channel], rest));
    await pass(60);
    expect(oncall.told()).toEqual([["a failed unhealthy"], ["a removed unknown"]]);
    expect(ops.told()).toEqual([["a failed unhealthy"]]);
  });

  it("that removes a channel closes what is open there, and drops the rest", async () => {
    const oncall = recordingChannel("oncall", {}, { closes: true });
    const ops = recordingChannel("ops");
    const { notifier, set, pass, checks } = await start({ a: {} }, [oncall, ops]);
    await set("unhealthy", "a");
    await pass(12);
    notifier.replace([], checks);
    await pass(60);
    await set("healthy", "a");
    await pass(60);
    expect(oncall.told()).toEqual([["a failed unhealthy"], ["a removed unknown"]]);
    expect(ops.told()).toEqual([["a failed unhealthy"]]);
  });

  it("that adds a channel tells it of what fails now", async () => {
    const ops = recordingChannel("ops");
    const late = recordingChannel("late");
    const { notifier, set, pass, checks } = await start({ a: {}, b: {} }, [ops]);
    await set("unhealthy", "a");
    await set("healthy", "b");
    await pass(12);
    notifier.replace([ops.channel, late.channel], checks);
    await pass(12);
    expect(late.told()).toEqual([["a failed unhealthy"]]);
    expect(ops.told()).toHaveLength(1);
  });
});

describe("a stop", () => {
  it("sends what has gathered", async () => {
    const ops = recordingChannel("ops");
    const { set, notifier } = await start({ a: {} }, [ops]);
    await set("unhealthy", "a");
    await notifier.close(1000);
    expect(ops.told()).toEqual([["a failed unhealthy"]]);
  });

  it("does not wait for a dead channel for longer than it may", async () => {
    const dead = recordingChannel("dead", {}, {}, () => new Promise(() => {}));
    const { set, notifier, pass } = await start({ a: {} }, [dead]);
    await set("unhealthy", "a");
    const closing = notifier.close(1000);
    await pass(2);
    await closing;
    const [, message] = logger.warn.mock.calls.at(-1) ?? [];
    expect(message).toBe("not everything could be sent to dead before the stop: it is lost, because nothing is stored");
  });
});
