import { afterEach, beforeEach, describe, expect, vi } from "vitest";
import { ServiceUnavailable } from "../../src/health/errors.ts";
import type { HealthCheck } from "../../src/health/health-check.ts";
import { FakeCheck, fakeCheck } from "../support/checks.ts";
import { type CutReplica, startCutReplica } from "../support/cut-replica.ts";
import { itWithService } from "../support/it-with-service.ts";
import { runningRedis } from "../support/redis-server.ts";
import { newFleetName, type TestReplicaOptions } from "../support/replica.ts";
import { recordTelemetry } from "../support/telemetry.ts";

const redis = [await runningRedis()];
const never = new Promise<void>(() => {});
const patience = { timeout: 20_000, interval: 20 };

/** Counts its runs, also over a move. */
class Counting extends FakeCheck {
  counted = 0;

  override run(signal: AbortSignal): Promise<void> | void {
    this.counted += 1;
    return super.run(signal);
  }

  override remember() {
    return { counted: this.counted };
  }

  override recall(memory: unknown): void {
    this.counted = (memory as { readonly counted: number }).counted;
  }
}

describe("the state of a check that moves", () => {
  let name: string;
  let opened: CutReplica[];
  beforeEach(() => {
    name = newFleetName();
    opened = [];
  });
  afterEach(async () => {
    for (const replica of opened) await replica[Symbol.asyncDispose]();
  });

  async function start(checks: readonly HealthCheck[], options: Partial<TestReplicaOptions> = {}): Promise<CutReplica> {
    const replica = await startCutReplica(checks, { name, ...options });
    opened.push(replica);
    return replica;
  }

  const reportOf = (replica: CutReplica, check: string) => replica.monitor.reports([check])[0];
  const holdsAll = (replica: CutReplica) =>
    vi.waitFor(() => expect(replica.fleet.status.held).toHaveLength(256), patience);
  const down = (): never => {
    throw new ServiceUnavailable("gone");
  };

  /** Has one replica find something, and another one, which knows of it, take over from it. */
  async function move(
    make: () => HealthCheck,
    found: (one: CutReplica) => void,
    leave: (one: CutReplica) => Promise<void> = (one) => one.stop(),
  ): Promise<{ readonly other: CutReplica; readonly check: HealthCheck }> {
    const one = await start([make()]);
    await vi.waitFor(() => found(one), patience);
    const check = make();
    const other = await start([check]);
    await leave(one);
    await holdsAll(other);
    return { other, check };
  }

  const cut = (one: CutReplica): Promise<void> => one.cut();

  itWithService(redis, "counts failures on: the third in a row, found by another, makes it unhealthy", async () => {
    let isDown = false;
    const make = (action: FakeCheck["action"]) =>
      fakeCheck({ name: "orders", interval: "1s", timeout: "30s", failureThreshold: 3 }, action);
    let failures = 0;
    const one = await start([
      make(async () => {
        if (!isDown) return;
        if (failures === 2) await never;
        failures += 1;
        down();
      }),
    ]);
    await vi.waitFor(() => expect(reportOf(one, "orders")?.state).toBe("healthy"), patience);
    isDown = true;
    await vi.waitFor(() => expect(reportOf(one, "orders")?.consecutiveFailures).toBe(2), patience);
    await one.cut();
    // It finds no more than one failure.
    const check: FakeCheck = make(async () => {
      if (check.runs > 1) await never;
      down();
    });
    const other = await start([check]);
    expect(reportOf(other, "orders")).toMatchObject({ consecutiveFailures: 2 });
    await holdsAll(other);
    await vi.waitFor(() => expect(other.changes()).toEqual(["orders: Unavailable: gone"]), patience);
    const { record } = other.fleet.recordOf("orders") ?? {};
    expect(record?.past.transitions.map(({ to }) => to)).toEqual(["unhealthy", "healthy"]);
    expect(record?.consecutiveFailures).toBe(3);
  });

  itWithService(redis, "counts successes on", async () => {
    let isDown = true;
    let successes = 0;
    const moved = Promise.withResolvers<void>();
    const make = () =>
      fakeCheck({ name: "orders", interval: "3s", timeout: "30s", successThreshold: 2 }, async () => {
        if (isDown) down();
        if (successes === 1) await moved.promise;
        successes += 1;
      });
    const { other } = await move(make, (one) => {
      expect(reportOf(one, "orders")?.state).toBe("unhealthy");
      isDown = false;
      expect(successes).toBe(1);
      // The success has been told, and does not suffice.
      expect(reportOf(one, "orders")).toMatchObject({ state: "unhealthy", lastSuccessAt: expect.any(Number) });
    });
    expect(other.fleet.recordOf("orders")?.record.state).toBe("unhealthy");
    moved.resolve();
    await vi.waitFor(() => expect(reportOf(other, "orders")?.state).toBe("healthy"), patience);
    expect(other.fleet.recordOf("orders")?.record.past.recent).toHaveLength(2);
  });

  itWithService(redis, "keeps the failure that is shown, and since when", async () => {
    const make = () => fakeCheck({ name: "orders", interval: "3s" }, down);
    let before: ReturnType<typeof reportOf>;
    const { other } = await move(make, (one) => {
      before = reportOf(one, "orders");
      expect(before?.state).toBe("unhealthy");
    });
    const { state, failure, since, transitions } = reportOf(other, "orders") ?? {};
    expect(before).toMatchObject({ state, failure, since, transitions });
    expect(failure).toMatchObject({ kind: "Unavailable", message: "gone", reason: "unavailable" });
    expect(transitions).toHaveLength(1);
  });

  itWithService(redis, "begins no second start period", async () => {
    const make = () => fakeCheck({ name: "orders", interval: "1s", startPeriod: "6s" }, down);
    const endOf = ({ fleet }: CutReplica) => fleet.recordOf("orders")?.record.past.startPeriodEndsAt ?? 0;
    let before = 0;
    const { other } = await move(
      make,
      (one) => {
        before = endOf(one);
        expect(before).toBeGreaterThan(0);
      },
      cut,
    );
    await vi.waitFor(() => expect(reportOf(other, "orders")?.state).toBe("unhealthy"), patience);
    // A second one would end three seconds later or more: a lease.
    expect(Math.abs(endOf(other) - before)).toBeLessThan(1000);
  });

  itWithService(redis, "keeps what the check itself remembers", async () => {
    let counted = 0;
    const make = () => new Counting({ name: "orders", interval: "3s" });
    const { other, check } = await move(make, (one) => {
      const [mine] = one.monitor.checks as readonly Counting[];
      counted = mine?.counted ?? 0;
      expect(counted).toBeGreaterThan(0);
      expect(reportOf(one, "orders")?.state).toBe("healthy");
    });
    await vi.waitFor(() => expect((check as Counting).runs).toBeGreaterThan(0), patience);
    expect((check as Counting).counted).toBe(counted + (check as Counting).runs);
    expect(other.states()).toEqual({ orders: "healthy" });
  });

  itWithService(
    redis,
    "is skipped, with a link to the span, when another replica finds down what it depends on",
    async () => {
      let isDown = false;
      const checks = () => [
        fakeCheck({ name: "database", interval: "1s" }, () => {
          if (isDown) down();
        }),
        // Enough that each replica runs some.
        ...Array.from({ length: 8 }, (_, index) =>
          fakeCheck({ name: `order ${index}`, interval: "1s", dependsOn: ["database"] }),
        ),
        fakeCheck({ name: "sidecar", interval: "1s", everywhere: true, dependsOn: ["database"] }),
      ];
      const { spans } = await recordTelemetry(async () => {
        const one = await start(checks());
        const other = await start(checks());
        await vi.waitFor(() => {
          expect([one, other].map(({ fleet }) => fleet.status.held.length)).toEqual([128, 128]);
          expect([one, other].flatMap((replica) => Object.values(replica.states()))).toEqual(Array(20).fill("healthy"));
        }, patience);
        isDown = true;
        await vi.waitFor(() => {
          for (const replica of [one, other]) {
            const { database, ...others } = replica.states();
            expect(database).toBe("unhealthy");
            expect(new Set(Object.values(others))).toEqual(new Set(["skipped"]));
          }
        }, patience);
        isDown = false;
        await vi.waitFor(() => {
          expect([one, other].flatMap((replica) => Object.values(replica.states()))).toEqual(Array(20).fill("healthy"));
        }, patience);
      });
      const failed = new Set(spans.filter((span) => span.name.endsWith("database")).map((span) => span.spanId));
      const skipped = spans.filter((span) => span.attributes["health.check.state"] === "skipped");
      expect(new Set(skipped.map((span) => span.attributes["health.check.name"])).size).toBe(9);
      for (const span of skipped) {
        expect(span.links.map(({ context }) => failed.has(context.spanId))).toEqual([true]);
      }
    },
  );
});

describe("checks that no replica runs for the others", () => {
  itWithService(
    redis,
    "run on each when they are everywhere, and where somebody asks when they have no interval",
    async () => {
      const name = newFleetName();
      const checks = () => [
        fakeCheck({ name: "sidecar", interval: "1s", everywhere: true }),
        fakeCheck({ name: "asked", interval: "0s" }),
      ];
      const [ofOne, ofOther] = [checks(), checks()];
      await using one = await startCutReplica(ofOne, { name });
      await using other = await startCutReplica(ofOther, { name });
      await vi.waitFor(() => {
        for (const [sidecar] of [ofOne, ofOther]) expect(sidecar?.runs).toBeGreaterThan(1);
      }, patience);
      expect([ofOne[1]?.runs, ofOther[1]?.runs]).toEqual([0, 0]);
      const report = await other.monitor.report();
      expect(report.checks.map(({ state }) => state)).toEqual(["healthy", "healthy"]);
      expect([ofOne[1]?.runs, ofOther[1]?.runs]).toEqual([0, 1]);
      expect(one.states()).toEqual({ sidecar: "healthy", asked: "unknown" });
      expect(one.fleet.recordOf("sidecar")).toBeUndefined();
    },
  );
});
