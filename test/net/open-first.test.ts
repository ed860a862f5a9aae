import { describe, expect, it } from "vitest";
import { openFirst } from "../../src/net/open-first.ts";

/** Opens connections by hand: each server's is a promise, and its lifetime is kept. */
function byHand() {
  const lifetimes: Record<string, AbortController> = {};
  const doors: Record<string, PromiseWithResolvers<string>> = {};
  const open = (server: string, lifetime: AbortController): Promise<string> => {
    lifetimes[server] = lifetime;
    const door = Promise.withResolvers<string>();
    doors[server] = door;
    return door.promise;
  };
  return { open, lifetimes, doors };
}

describe("openFirst", () => {
  it("keeps the connection that is open first, and ends the others", async () => {
    const { open, lifetimes, doors } = byHand();
    const lifetime = new AbortController();
    const opened = openFirst(["a", "b", "c"], open, lifetime);
    doors.a?.reject(new Error("refused"));
    doors.b?.resolve("b");
    expect(await opened).toBe("b");
    expect(lifetimes.c?.signal.aborted).toBe(true);
    expect(lifetimes.b?.signal.aborted).toBe(false);
  });

  it("ends with its lifetime, and reports to it when the connection is lost", async () => {
    const { open, lifetimes, doors } = byHand();
    const lifetime = new AbortController();
    const opened = openFirst(["a", "b"], open, lifetime);
    doors.b?.resolve("b");
    await opened;
    const lost = new Error("reset");
    lifetimes.b?.abort(lost);
    expect(lifetime.signal.reason).toBe(lost);

    const second = byHand();
    const other = new AbortController();
    const never = openFirst(["a", "b"], second.open, other);
    other.abort(new Error("stop"));
    expect(Object.values(second.lifetimes).map(({ signal }) => signal.aborted)).toEqual([true, true]);
    for (const door of Object.values(second.doors)) door.reject(other.signal.reason);
    await expect(never).rejects.toThrow("stop");
  });

  it("opens nothing when its lifetime is over", async () => {
    const { open, lifetimes } = byHand();
    const over = new AbortController();
    over.abort(new Error("closed"));
    await expect(openFirst(["b"], open, over)).rejects.toThrow("closed");
    expect(lifetimes.b).toBeUndefined();
  });

  it("reports what went wrong with the first server", async () => {
    const { open, doors } = byHand();
    const opened = openFirst(["a", "b"], open, new AbortController());
    doors.b?.reject(new Error("b refused"));
    doors.a?.reject(new Error("a refused"));
    await expect(opened).rejects.toThrow("a refused");
  });
});
