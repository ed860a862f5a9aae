import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import { RedisLink } from "../../src/fleet/redis-link.ts";
import { ConnectionUrl } from "../../src/health/secret.ts";

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
