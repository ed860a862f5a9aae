import { describe, expect, it } from "vitest";
import { Duration } from "../../src/health/duration.ts";
import { ServiceUnavailable } from "../../src/health/errors.ts";
import { KeptConnection, type OpenConnection } from "../../src/net/kept-connection.ts";

const never = new AbortController().signal;

/** Counts what is opened, and gives each connection its number. */
function counted(open: OpenConnection<void> = async () => {}) {
  const lifetimes: AbortController[] = [];
  const options = { timeout: new Duration(1000), maxConnectionAge: new Duration(300_000) };
  const kept = new KeptConnection<number>(async (lifetime) => {
    const number = lifetimes.push(lifetime);
    await open(lifetime);
    return number;
  }, options);
  return { kept, lifetimes };
}

describe("KeptConnection", () => {
  it("opens one connection for all uses, and ends it when it is closed", async () => {
    const { kept, lifetimes } = counted();
    expect(lifetimes).toHaveLength(0);
    for (let use = 0; use < 3; use += 1) expect(await kept.use(never, async (number) => number)).toBe(1);
    expect(lifetimes[0]?.signal.aborted).toBe(false);
    kept.close();
    expect(lifetimes[0]?.signal.aborted).toBe(true);
    expect(await kept.use(never, async (number) => number)).toBe(2);
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
    expect(await kept.use(never, async (number) => number)).toBe(2);
  });

  it("opens another connection when the kept one was lost between two uses", async () => {
    const { kept, lifetimes } = counted();
    await kept.use(never, async () => {});
    lifetimes[0]?.abort(new Error("reset"));
    expect(await kept.use(never, async (number) => number)).toBe(2);
  });

  it("asks a new connection when the kept one is lost in use, whose client forgets to tell", async () => {
    const { kept, lifetimes } = counted();
    await kept.use(never, async () => {});
    const use = kept.use(never, (number) => (number === 1 ? new Promise<number>(() => {}) : Promise.resolve(number)));
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

  it("opens anew after a connection that could not be opened", async () => {
    const { kept, lifetimes } = counted(() => Promise.reject(new ServiceUnavailable("refused")));
    await expect(kept.use(never, async () => {})).rejects.toThrow("refused");
    await expect(kept.use(never, async () => {})).rejects.toThrow("refused");
    expect(lifetimes).toHaveLength(2);
    expect(lifetimes[0]?.signal.aborted).toBe(true);
  });

  it("ends a connection that is still being opened when its user is told to stop", async () => {
    const { kept, lifetimes } = counted(() => new Promise(() => {}));
    const controller = new AbortController();
    const use = kept.use(controller.signal, async () => {});
    controller.abort(new Error("stop"));
    await expect(use).rejects.toThrow("stop");
    expect(lifetimes[0]?.signal.aborted).toBe(true);
    await expect(kept.use(controller.signal, async () => {})).rejects.toThrow("stop");
    expect(lifetimes).toHaveLength(1);
  });
});
