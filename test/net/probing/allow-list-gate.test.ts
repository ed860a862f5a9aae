import { describe, expect, it } from "vitest";
import type { Resolve } from "../../../src/net/name-lookups.ts";
import { AllowList } from "../../../src/net/probing/allow-list.ts";
import { AllowListGate } from "../../../src/net/probing/allow-list-gate.ts";
import { Network } from "../../../src/net/probing/network.ts";

const allowList = new AllowList({
  hosts: ["*.example"],
  networks: ["127.0.0.1"].flatMap((text) => Network.parse(text) ?? []),
});

function answering(...addresses: readonly string[]): Resolve {
  return (_hostname, _options, callback) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );
}

/** What `net.connect` would be given. */
function lookedUp(gate: AllowListGate, all: boolean): Promise<unknown> {
  return new Promise((resolve, reject) => {
    gate.lookup("shop.example", { all }, (error, address, family) => {
      if (error !== null) reject(error);
      else resolve(all ? address : { address, family });
    });
  });
}

describe("AllowListGate", () => {
  it("gives the admitted addresses of a name alone", async () => {
    const gate = new AllowListGate(allowList, answering("10.0.0.1", "127.0.0.1", "::1", "8.8.8.8"));
    expect(await lookedUp(gate, true)).toEqual([
      { address: "127.0.0.1", family: 4 },
      { address: "8.8.8.8", family: 4 },
    ]);
    expect(await lookedUp(gate, false)).toEqual({ address: "127.0.0.1", family: 4 });
    expect(gate.refusal).toBeUndefined();
  });

  it("refuses a name that leads nowhere else, without telling where", async () => {
    const gate = new AllowListGate(allowList, answering("169.254.169.254", "::ffff:10.0.0.1"));
    await expect(lookedUp(gate, true)).rejects.toThrow("the target's name leads to no address that may be probed");
    expect(gate.refusal).toBe("the target's name leads to no address that may be probed");
  });

  it("hands on what the resolver fails with", async () => {
    const failure = Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" });
    const gate = new AllowListGate(allowList, (_hostname, _options, callback) => callback(failure, []));
    await expect(lookedUp(gate, true)).rejects.toBe(failure);
    expect(gate.refusal).toBeUndefined();
  });

  it("tells of no refusal once something was let through", () => {
    const gate = new AllowListGate(allowList);
    expect(() => gate.enter("10.0.0.1")).toThrow("the target is not among those that may be probed");
    expect(gate.refusal).toBeDefined();
    gate.enter("127.0.0.1");
    expect(gate.refusal).toBeUndefined();
  });

  it("is idle when no lookup is under way", async () => {
    const calls: Parameters<Resolve>[2][] = [];
    const gate = new AllowListGate(allowList, (_hostname, _options, callback) => void calls.push(callback));
    await gate.idle();
    const looking = lookedUp(gate, true);
    let idle = false;
    const waiting = gate.idle().then(() => {
      idle = true;
    });
    await Promise.resolve();
    expect(idle).toBe(false);
    calls[0]?.(null, [{ address: "8.8.8.8", family: 4 }]);
    await Promise.all([looking, waiting]);
    expect(idle).toBe(true);
  });
});
