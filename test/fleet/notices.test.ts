import { afterEach, beforeEach, describe, expect, vi } from "vitest";
import { FleetTelling } from "../../src/app/fleet-telling.ts";
import { Observers } from "../../src/app/observers.ts";
import { ServiceUnavailable } from "../../src/health/errors.ts";
import type { HealthCheck } from "../../src/health/health-check.ts";
import { Duration } from "../../src/health/time/duration.ts";
import type { ChannelOptions } from "../../src/notices/channel-fields.ts";
import { Notifier } from "../../src/notices/notifier.ts";
import { fakeCheck } from "../support/checks.ts";
import { type CutReplica, startCutReplica } from "../support/cut-replica.ts";
import { itWithService } from "../support/it-with-service.ts";
import { type RecordingChannel, recordingChannel } from "../support/recording-channel.ts";
import { runningRedis } from "../support/redis-server.ts";
import { newFleetName } from "../support/replica.ts";

const redis = [await runningRedis()];

interface Telling extends AsyncDisposable {
  readonly replica: CutReplica;
  readonly recorded: RecordingChannel;
  readonly notifier: Notifier;
  /** Stops it as a server stops. */
  stop(): Promise<void>;
}

interface TellingOptions {
  readonly channel?: Partial<ChannelOptions>;
  readonly closes?: boolean;
  readonly gatherMilliseconds?: number;
  /** Whether the channel takes what it is sent. */
  readonly takes?: () => boolean;
  readonly checks?: readonly HealthCheck[];
}

describe("notices in a fleet", () => {
  let name: string;
  let isDown: boolean;
  let runs: number;
  let opened: Telling[];
  beforeEach(() => {
    name = newFleetName();
    isDown = false;
    runs = 0;
    opened = [];
  });
  afterEach(async () => {
    for (const telling of opened) await telling[Symbol.asyncDispose]();
  });

  const orders = () =>
    fakeCheck({ name: "orders", interval: "3s" }, () => {
      runs += 1;
      if (isDown) throw new ServiceUnavailable("gone");
    });

  async function tell(options: TellingOptions = {}): Promise<Telling> {
    const { channel = {}, closes = false, gatherMilliseconds = 0, takes = () => true, checks = [orders()] } = options;
    const recorded = recordingChannel("ops", channel, { closes }, () =>
      takes() ? { outcome: "sent", words: "taken" } : { outcome: "again", words: "busy", waitMilliseconds: 1000 },
    );
    const observers = new Observers();
    const made = Promise.withResolvers<Notifier>();
    const replica = await startCutReplica(checks, {
      name,
      observed: observers.observed,
      prepare: async (fleet, monitor) => {
        const sharing = new FleetTelling(fleet, monitor);
        const notifier = await Notifier.open({ channels: [recorded.channel], sharing, gatherMilliseconds });
        observers.add(notifier.observed);
        notifier.watch(monitor);
        made.resolve(notifier);
      },
    });
    const notifier = await made.promise;
    const stop = async (): Promise<void> => {
      await replica.fleet.leave();
      await notifier.close(3000);
      await replica.stop();
    };
    const telling: Telling = {
      replica,
      recorded,
      notifier,
      stop,
      [Symbol.asyncDispose]: async () => {
        await stop();
        await replica[Symbol.asyncDispose]();
      },
    };
    opened.push(telling);
    return telling;
  }

  const told = () => opened.flatMap(({ recorded }) => recorded.told().flat()).toSorted();
  const holds = ({ replica }: Telling) => replica.fleet.lockOf("orders") !== undefined;
  const allKnow = (state: string) =>
    vi.waitFor(() => expect(opened.map(({ replica }) => replica.states().orders)).toEqual(opened.map(() => state)));
  const patience = { timeout: 20_000, interval: 50 };

  /** Several replicas: first the one that runs the check. */
  async function tellTogether(count: number, options: TellingOptions = {}): Promise<readonly Telling[]> {
    for (let index = 0; index < count; index += 1) await tell(options);
    await vi.waitFor(() => {
      const held = opened.reduce((sum, { replica }) => sum + replica.fleet.status.held.length, 0);
      expect(held).toBe(256);
      for (const { replica } of opened) expect(replica.fleet.status.held.length).toBeGreaterThan(80);
    });
    await allKnow("healthy");
    expect(opened.filter(holds)).toHaveLength(1);
    return opened.toSorted((one, other) => Number(holds(other)) - Number(holds(one)));
  }

  /** Waits until the check has run twice more, so that everybody had time to say what there is to say. */
  async function pass(): Promise<void> {
    const before = runs;
    await vi.waitFor(() => expect(runs).toBeGreaterThan(before + 1));
  }

  itWithService(redis, "are sent by one of three replicas, a failure and its recovery", async () => {
    await tellTogether(3);
    isDown = true;
    await vi.waitFor(() => expect(told()).toEqual(["orders failed unhealthy"]), patience);
    await allKnow("unhealthy");
    isDown = false;
    await allKnow("healthy");
    await vi.waitFor(() => expect(told()).toContain("orders recovered healthy"), patience);
    await pass();
    expect(told()).toEqual(["orders failed unhealthy", "orders recovered healthy"]);
  });

  itWithService(
    redis,
    "are not repeated by the replica that takes a check over, which tells its recovery",
    async () => {
      const [holder, other] = await tellTogether(2);
      isDown = true;
      await vi.waitFor(() => expect(holder?.recorded.told()).toEqual([["orders failed unhealthy"]]), patience);
      await holder?.stop();
      await vi.waitFor(() => expect(other && holds(other)).toBe(true));
      await pass();
      expect(other?.recorded.told()).toEqual([]);
      isDown = false;
      await vi.waitFor(() => expect(other?.recorded.told()).toEqual([["orders recovered healthy"]]), patience);
      expect(told()).toEqual(["orders failed unhealthy", "orders recovered healthy"]);
    },
  );

  itWithService(
    redis,
    "are told by the next replica when their holder is gone between finding and telling",
    async () => {
      const [holder, other] = await tellTogether(2, { gatherMilliseconds: 3000 });
      isDown = true;
      await allKnow("unhealthy");
      await holder?.replica.cut();
      await vi.waitFor(() => expect(other?.recorded.told()).toEqual([["orders failed unhealthy"]]), patience);
      await pass();
      expect(told()).toEqual(["orders failed unhealthy"]);
    },
  );

  itWithService(redis, "tell a recovery that was found after the holder is gone, also by a fresh replica", async () => {
    const [holder, other] = await tellTogether(2);
    isDown = true;
    await vi.waitFor(() => expect(told()).toEqual(["orders failed unhealthy"]), patience);
    const fresh = await tell();
    await holder?.replica.cut();
    await other?.stop();
    await vi.waitFor(() => expect(holds(fresh)).toBe(true), patience);
    isDown = false;
    await vi.waitFor(() => expect(fresh.recorded.told()).toEqual([["orders recovered healthy"]]), patience);
    expect(told()).toEqual(["orders failed unhealthy", "orders recovered healthy"]);
  });

  itWithService(
    redis,
    "are repeated at the time that the channel asks for, by whoever runs the check then",
    async () => {
      const [holder, other] = await tellTogether(2, { channel: { repeat: new Duration(6000) } });
      isDown = true;
      await vi.waitFor(() => expect(told()).toEqual(["orders failed unhealthy"]), patience);
      await holder?.stop();
      await vi.waitFor(() => expect(other?.recorded.told()).toEqual([["orders lasts unhealthy"]]), patience);
      expect(holder?.recorded.told()).toEqual([["orders failed unhealthy"]]);
    },
  );

  itWithService(redis, "that a replica could not send before it stopped are sent by another", async () => {
    let takes = false;
    const [holder, other] = await tellTogether(2, { takes: () => takes });
    isDown = true;
    await vi.waitFor(() => expect(holder?.recorded.messages.length).toBeGreaterThan(0), patience);
    takes = true;
    const before = holder?.recorded.messages.length;
    // Before it tries again.
    await holder?.stop();
    await vi.waitFor(() => expect(other?.recorded.told()).toEqual([["orders failed unhealthy"]]), patience);
    expect(holder?.recorded.messages.length).toBe(before);
  });

  itWithService(redis, "of checks that run everywhere are told by each replica", async () => {
    const disk = () =>
      fakeCheck({ name: "disk", interval: "1s", everywhere: true }, () => {
        if (isDown) throw new ServiceUnavailable("full");
      });
    const [one, other] = [await tell({ checks: [disk()] }), await tell({ checks: [disk()] })];
    isDown = true;
    await vi.waitFor(() => {
      expect([one, other].map(({ recorded }) => recorded.told())).toEqual([
        [["disk failed unhealthy"]],
        [["disk failed unhealthy"]],
      ]);
    }, patience);
    isDown = false;
    await vi.waitFor(() => {
      expect([one, other].map(({ recorded }) => recorded.told()[1])).toEqual([
        ["disk recovered healthy"],
        ["disk recovered healthy"],
      ]);
    }, patience);
  });
});
