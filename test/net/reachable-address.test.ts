import { once } from "node:events";
import { createServer, type LookupFunction } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Postgres } from "../../src/checks/postgres.ts";
import { Redis } from "../../src/checks/redis.ts";
import { nameLookups } from "../../src/net/name-lookups.ts";
import { lookupReachable } from "../../src/net/reachable-address.ts";
import { leavesNothingBehind } from "../support/leaves-nothing-behind.ts";
import { runCheck } from "../support/run-check.ts";
import { startStalledServer } from "../support/stalled-server.ts";

afterEach(() => void vi.restoreAllMocks());

/** Lets every name have these addresses. */
function haveAddresses(...addresses: readonly string[]) {
  const found = addresses.map((address) => ({ address, family: 4 }));
  return vi.spyOn(nameLookups, "resolve").mockImplementation((_hostname, _options, callback) => callback(null, found));
}

function addressOf(lookup: LookupFunction): Promise<string> {
  return new Promise((resolve, reject) => {
    lookup("shop.example", {}, (error, address) => (error === null ? resolve(String(address)) : reject(error)));
  });
}

const never = (): AbortSignal => new AbortController().signal;

describe("the address of a server that a client library connects to itself", () => {
  it("is not asked for whether it can be reached when there is no other", async () => {
    haveAddresses("192.0.2.1");
    expect(await addressOf(lookupReachable(5432, never()))).toBe("192.0.2.1");
  });

  it("may be the first although that is slow, when the others refuse", async () => {
    await using stalled = await startStalledServer();
    haveAddresses(stalled.host, "127.0.0.3", "127.0.0.4");
    await leavesNothingBehind(async () => {
      const address = addressOf(lookupReachable(stalled.port, never()));
      setTimeout(() => stalled.accept(), 500); // Node.js would have given it up.
      expect(await address).toBe(stalled.host);
    });
  });

  it("is one that does not refuse, for redis and postgres", async () => {
    const server = createServer((socket) => socket.on("error", () => {}).end("?")).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { readonly port: number };
    const resolve = haveAddresses("127.0.0.3", "127.0.0.1");
    for (const check of [
      new Redis({ url: `redis://shop.example:${port}`, timeout: "2s" }),
      new Postgres({ url: `postgres://a:b@shop.example:${port}/shop?sslmode=disable`, timeout: "2s" }),
    ]) {
      expect((await runCheck(check)).failure).toMatchObject({ reason: "unexpected_result" });
    }
    expect(resolve).toHaveBeenCalledWith("shop.example", expect.anything(), expect.anything());
    server.close();
  });
});
