import { EventEmitter } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RedisLink } from "../../src/fleet/redis-link.ts";
import { ConnectionUrl } from "../../src/health/secret.ts";

const redisAt = 1_800_000_000_000;

function newLink() {
  const create = () => {
    throw new Error("nothing connects here");
  };
  const startedAt = performance.now();
  const link = new RedisLink(create, new ConnectionUrl("redis://localhost"), () => {});
  /** An answer, after a question that was asked so many milliseconds before it. */
  const answer = (tookMilliseconds = 2, redisBehind = 0) => {
    const now = performance.now();
    link.answered(redisAt + now - startedAt - redisBehind, now - tookMilliseconds);
  };
  return { link, answer, redisNow: () => redisAt + performance.now() - startedAt };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a link to Redis", () => {
  it("is connected for a second and a half after an answer", () => {
    const { link, answer } = newLink();
    expect(link.isConnected).toBe(false);
    answer();
    vi.advanceTimersByTime(1500);
    expect(link.isConnected).toBe(true);
    vi.advanceTimersByTime(1);
    expect(link.isConnected).toBe(false);
  });

  it("remembers a silence of more than that, from the last answer to the next", () => {
    const { link, answer } = newLink();
    answer();
    vi.advanceTimersByTime(1500);
    answer();
    expect(link.silence).toBeUndefined();
    const from = performance.now();
    vi.advanceTimersByTime(2600);
    answer();
    expect(link.silence).toEqual({ from, to: performance.now() });
    vi.advanceTimersByTime(100);
    answer();
    expect(link.silence).toEqual({ from, to: from + 2600 });
  });

  it("lets nothing arrive later than a second and a half after the last answer, by the clock of Redis", () => {
    const { link, answer, redisNow } = newLink();
    answer();
    const answeredAt = redisNow();
    vi.advanceTimersByTime(1400);
    expect(link.latestMoment).toBe(answeredAt + 1500);
  });

  it("knows the clock of Redis after an answer that waited for ten seconds, as when this process was suspended", () => {
    const { link, answer, redisNow } = newLink();
    answer();
    vi.advanceTimersByTime(10_000);
    answer(10_000, 9999); // Redis said so ten seconds ago.
    expect(Math.abs(link.redisNow - redisNow())).toBeLessThan(5);
  });

  it("takes another clock when Redis has one, as after a fail-over", () => {
    const { link, answer, redisNow } = newLink();
    answer();
    vi.advanceTimersByTime(500);
    answer(2, 7000);
    expect(Math.abs(link.redisNow - (redisNow() - 7000))).toBeLessThan(5);
  });
});

/** A connection with a request under way, which fails when it is destroyed. */
class FakeClient extends EventEmitter {
  isOpen = true;
  connect = () => Promise.resolve();
  destroy = () => void this.emit("error", new Error("Disconnects client"));
}

describe("RedisLink", () => {
  it("closes although somebody throws the error of a request that was under way", () => {
    const client = new FakeClient();
    const create = (() => client) as unknown as ConstructorParameters<typeof RedisLink>[0];
    const failures: unknown[] = [];
    const link = new RedisLink(create, new ConnectionUrl("redis://localhost"), (error) => failures.push(error));
    link.open().on("error", (error) => {
      throw error;
    });
    expect(() => link.close()).not.toThrow();
    expect(failures).toEqual([]);
  });

  it("names the host to a server with TLS, unless it is an address, and trusts as it is told", () => {
    const asked: unknown[] = [];
    const create = ((options: unknown) => {
      asked.push(options);
      return new FakeClient();
    }) as unknown as ConstructorParameters<typeof RedisLink>[0];
    for (const url of ["rediss://redis.example", "rediss://127.0.0.1", "rediss://[::1]", "redis://redis.example"]) {
      new RedisLink(create, new ConnectionUrl(url), () => {}, { ca: "authority" }).open();
    }
    expect(asked).toMatchObject([
      { socket: { tls: true, servername: "redis.example", ca: "authority" } },
      { socket: { tls: true, servername: "", ca: "authority" } },
      { socket: { tls: true, servername: "", ca: "authority" } },
      { socket: expect.not.objectContaining({ ca: "authority" }) },
    ]);
  });
});
