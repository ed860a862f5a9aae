import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { ServiceUnavailable } from "../../src/health/errors.ts";
import { Duration } from "../../src/health/time/duration.ts";
import {
  KeptConnection,
  keptConnectionFields,
  NoConnectionLeftForUser,
  type OpenConnection,
} from "../../src/net/kept-connection.ts";

const never = new AbortController().signal;
const numbered = async (number: number): Promise<number> => number;

/** Counts what is opened, and gives each connection its number. Its clock stands still unless it is moved. */
function counted(opening: OpenConnection<void> = async () => {}, { random = 0 } = {}) {
  const lifetimes: AbortController[] = [];
  const clock = { now: 0 };
  const kept = new KeptConnection<number>(
    async (lifetime, takeFacts) => {
      const number = lifetimes.push(lifetime);
      await opening(lifetime, takeFacts);
      return number;
    },
    {
      timeout: new Duration(1000),
      maxConnectionAge: new Duration(300_000),
      now: () => clock.now,
      random: () => random,
    },
  );
  /** Whether each connection is open. */
  const open = (): readonly boolean[] => lifetimes.map(({ signal }) => !signal.aborted);
  return { kept, lifetimes, clock, open };
}

describe("KeptConnection", () => {
  it("opens one connection for all uses, and ends it when it is closed", async () => {
    const { kept, lifetimes } = counted();
    expect(lifetimes).toHaveLength(0);
    for (let use = 0; use < 3; use += 1) expect(await kept.use(never, numbered)).toBe(1);
    expect(lifetimes[0]?.signal.aborted).toBe(false);
    kept.close();
    expect(lifetimes[0]?.signal.aborted).toBe(true);
    expect(await kept.use(never, numbered)).toBe(2);
  });

  it("keeps the connection when the check says what is wrong with the service", async () => {
    const { kept, lifetimes } = counted();
    const use = kept.use(never, () => Promise.reject(new ServiceUnavailable("loading")));
    await expect(use).rejects.toThrow("loading");
    expect(lifetimes[0]?.signal.aborted).toBe(false);
  });

  it("ends the connection at any other error, and opens another for the next use", async () => {
    const { kept, lifetimes } = counted();
    await expect(kept.use(never, () => Promise.reject(new Error("odd")))).rejects.toThrow("odd");
    expect(lifetimes[0]?.signal.aborted).toBe(true);
    expect(await kept.use(never, numbered)).toBe(2);
  });

  it("opens another connection when the kept one was lost between two uses", async () => {
    const { kept, lifetimes } = counted();
    await kept.use(never, async () => {});
    lifetimes[0]?.abort(new Error("reset"));
    expect(await kept.use(never, numbered)).toBe(2);
  });

  it("asks a new connection when the kept one is lost in use, whose client does not report it", async () => {
    const { kept, lifetimes } = counted();
    await kept.use(never, async () => {});
    const use = kept.use(never, (number) => (number === 1 ? new Promise<number>(() => {}) : numbered(number)));
    lifetimes[0]?.abort(new Error("reset"));
    expect(await use).toBe(2);
  });

  it("believes a new connection that is lost", async () => {
    const { kept, lifetimes } = counted();
    const use = kept.use(never, () => {
      lifetimes[0]?.abort(new Error("reset"));
      return new Promise(() => {});
    });
    await expect(use).rejects.toThrow("reset");
    expect(lifetimes).toHaveLength(1);
  });

  it("opens another after a connection that could not be opened", async () => {
    const { kept, lifetimes } = counted(() => Promise.reject(new ServiceUnavailable("refused")));
    await expect(kept.use(never, async () => {})).rejects.toThrow("refused");
    await expect(kept.use(never, async () => {})).rejects.toThrow("refused");
    expect(lifetimes).toHaveLength(2);
    expect(lifetimes[0]?.signal.aborted).toBe(true);
  });

  it("ends a connection that is still being opened when its signal fires", async () => {
    const { kept, lifetimes } = counted(() => new Promise(() => {}));
    const controller = new AbortController();
    const use = kept.use(controller.signal, async () => {});
    controller.abort(new Error("stop"));
    await expect(use).rejects.toThrow("stop");
    expect(lifetimes[0]?.signal.aborted).toBe(true);
    await expect(kept.use(controller.signal, async () => {})).rejects.toThrow("stop");
    expect(lifetimes).toHaveLength(1);
  });

  it("outlives the signal of a use that is over", async () => {
    const { kept, open } = counted();
    const controller = new AbortController();
    await kept.use(controller.signal, numbered);
    controller.abort(new Error("late"));
    expect(open()).toEqual([true]);
    expect(await kept.use(never, numbered)).toBe(1);
  });

  describe("a failure over the connection of an earlier use", () => {
    it("is not reported when a new connection does not fail", async () => {
      const { kept, open } = counted();
      await kept.use(never, numbered);
      const use = kept.use(never, (number) => {
        return number === 1 ? Promise.reject(new ServiceUnavailable("a replica")) : numbered(number);
      });
      expect(await use).toBe(2);
      expect(open()).toEqual([false, true]);
    });

    it("gives way to that over a new one", async () => {
      const { kept, lifetimes } = counted();
      await kept.use(never, numbered);
      const use = kept.use(never, (number) => Promise.reject(new ServiceUnavailable(`failure ${number}`)));
      await expect(use).rejects.toThrow("failure 2");
      expect(lifetimes).toHaveLength(2);
    });

    it("gives way to that of opening a new one", async () => {
      const { kept, lifetimes } = counted(async () => {
        if (lifetimes.length > 1) throw new ServiceUnavailable("refused");
      });
      await kept.use(never, numbered);
      const use = kept.use(never, () => Promise.reject(new ServiceUnavailable("a replica")));
      await expect(use).rejects.toThrow("refused");
    });

    it("opens nothing when it came from closing", async () => {
      const { kept, lifetimes } = counted();
      await kept.use(never, numbered);
      const use = kept.use(never, () => new Promise(() => {}));
      kept.close();
      await expect(use).rejects.toThrow("the connection was closed");
      expect(lifetimes).toHaveLength(1);
    });

    it("opens nothing when its signal fires", async () => {
      const { kept, open } = counted();
      await kept.use(never, numbered);
      const controller = new AbortController();
      const use = kept.use(controller.signal, () => new Promise(() => {}));
      controller.abort(new Error("stop"));
      await expect(use).rejects.toThrow("stop");
      expect(open()).toEqual([false]);
    });
  });

  describe("without an answer over the connection of an earlier use", () => {
    beforeEach(() => void vi.useFakeTimers());
    afterEach(() => void vi.useRealTimers());

    it.each([
      [undefined, 500],
      [600, 300],
    ])("asks a new one after half of the time-out (%j ms left)", async (left, half) => {
      const { kept, open } = counted();
      await kept.use(never, numbered);
      const patiences: number[] = [];
      const action = (number: number, patience: number): Promise<number> => {
        patiences.push(patience);
        return number === 1 ? new Promise(() => {}) : numbered(number);
      };
      const use = kept.use(never, action, left);
      await vi.advanceTimersByTimeAsync(half - 1);
      expect(open()).toEqual([true]);
      await vi.advanceTimersByTimeAsync(1);
      expect(await use).toBe(2);
      expect(open()).toEqual([false, true]);
      expect(patiences).toEqual([half, left ?? 1000]);
    });

    it("leaves no timer behind, and none for a new connection", async () => {
      const { kept } = counted();
      const first = kept.use(never, () => new Promise<number>(() => {}));
      await vi.advanceTimersByTimeAsync(0);
      expect(vi.getTimerCount()).toBe(0);
      kept.close();
      await expect(first).rejects.toThrow();
      await kept.use(never, numbered);
      await kept.use(never, numbered);
      expect(vi.getTimerCount()).toBe(0);
    });
  });

  describe("replaces the connection", () => {
    it.each([
      [0, 300_000],
      [0.5, 270_000],
      [1, 240_000],
    ])("at its longest age, less a share by chance (%d)", async (random, endsAt) => {
      const { kept, clock, open } = counted(undefined, { random });
      await kept.use(never, numbered);
      clock.now = endsAt - 1;
      expect(await kept.use(never, numbered)).toBe(1);
      clock.now = endsAt;
      expect(await kept.use(never, numbered)).toBe(2);
      expect(open()).toEqual([false, true]);
      clock.now = 2 * endsAt - 1;
      expect(await kept.use(never, numbered)).toBe(2);
    });

    it("and ends it once another is open, so that its place does not hide that the server is full", async () => {
      const { promise: welcome, resolve } = Promise.withResolvers<void>();
      const { kept, lifetimes, clock, open } = counted(() => (lifetimes.length > 1 ? welcome : Promise.resolve()));
      await kept.use(never, numbered);
      clock.now = 300_000;
      const use = kept.use(never, async (number) => ({ number, open: open() }));
      await vi.waitFor(() => expect(open()).toEqual([true, true]));
      resolve();
      expect(await use).toEqual({ number: 2, open: [false, true] });
    });

    it("and ends both when another cannot be opened, or when it is closed meanwhile", async () => {
      const { kept, lifetimes, clock, open } = counted(async () => {
        if (lifetimes.length === 2) throw new ServiceUnavailable("refused");
        if (lifetimes.length === 4) await new Promise(() => {});
      });
      await kept.use(never, numbered);
      clock.now = 300_000;
      await expect(kept.use(never, numbered)).rejects.toThrow("refused");
      expect(open()).toEqual([false, false]);
      expect(await kept.use(never, numbered)).toBe(3);
      clock.now = 600_000;
      const use = kept.use(never, numbered);
      await vi.waitFor(() => expect(open()).toEqual([false, false, true, true]));
      kept.close();
      await expect(use).rejects.toThrow("the connection was closed");
      expect(open()).toEqual([false, false, false, false]);
    });

    it("after a failure that was reported, so that the next use does not rely on it", async () => {
      const { kept, open } = counted();
      await expect(kept.use(never, () => Promise.reject(new ServiceUnavailable("loading")))).rejects.toThrow();
      expect(await kept.use(never, numbered)).toBe(2);
      expect(open()).toEqual([false, true]);
    });

    it("after a use that would hardly end within half of the time-out", async () => {
      const { kept, clock } = counted();
      const lasting = (milliseconds: number) =>
        kept.use(never, async (number) => {
          clock.now += milliseconds;
          return number;
        });
      expect(await lasting(250)).toBe(1);
      expect(await lasting(251)).toBe(1);
      expect(await lasting(251)).toBe(2);
      expect(await lasting(0)).toBe(3);
      expect(await lasting(0)).toBe(3);
    });

    it("and gives up its place for another when the user may have no more", async () => {
      const { kept, lifetimes, clock, open } = counted(async () => {
        if (lifetimes.length > 1 && open()[0] === true) throw new NoConnectionLeftForUser("full");
      });
      await kept.use(never, numbered);
      clock.now = 300_000;
      expect(await kept.use(never, numbered)).toBe(3);
      expect(open()).toEqual([false, false, true]);
    });
  });

  it("reports that the user may have no connection when the check has none", async () => {
    const { kept, lifetimes } = counted(() => Promise.reject(new NoConnectionLeftForUser("full")));
    await expect(kept.use(never, numbered)).rejects.toThrow("full");
    expect(lifetimes).toHaveLength(1);
  });
});

describe("keptConnectionFields", () => {
  const schema = z.strictObject(keptConnectionFields);

  it("are five minutes by default, and at most a day", () => {
    expect(schema.parse({}).maxConnectionAge.seconds).toBe(300);
    expect(schema.parse({ maxConnectionAge: "0s" }).maxConnectionAge.seconds).toBe(0);
    expect(() => schema.parse({ maxConnectionAge: "25h" })).toThrow("must be at most 1d");
  });
});
