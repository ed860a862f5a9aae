import { describe, expect, it } from "vitest";
import { AllowList, isHostPattern } from "../../../src/net/probing/allow-list.ts";
import { Network } from "../../../src/net/probing/network.ts";

function allowing(hosts: readonly string[], networks: readonly string[] = []): AllowList {
  return new AllowList({ hosts, networks: networks.flatMap((text) => Network.parse(text) ?? []) });
}

describe("AllowList", () => {
  it.each([
    ["*.shop.example", "www.shop.example", true],
    ["*.shop.example", "a.b.shop.example", true],
    ["*.shop.example", "WWW.Shop.Example", true],
    ["*.shop.example", "www.shop.example.", true],
    ["*.shop.example", "shop.example", false],
    ["*.shop.example", "evilshop.example", false],
    ["*.shop.example", "www.shop.example.evil", false],
    ["*.shop.example", "www.shopXexample", false],
    ["*.shop.example", "evil/.shop.example", false],
    ["*.shop.example", "evil\n.shop.example", false],
    ["*.shop.example", ".shop.example", false],
    ["*.shop.example", `${"a".repeat(250)}.shop.example`, false],
    ["web-*.shop.example", "web-7.shop.example", true],
    ["web-*.shop.example", "db-7.shop.example", false],
    ["shop.example", "shop.example", true],
    ["shop.example", "www.shop.example", false],
    ["*", "anything.example", true],
    ["*", "localhost", true],
    ["*", "127.0.0.1", false],
    ["*", "::1", false],
    ["*", "fe80::1%eth0", false],
    ["*", "", false],
  ])("with %s, the host %j is admitted: %s", (pattern, host, expected) => {
    expect(allowing([pattern]).admitsHost(host)).toBe(expected);
  });

  it.each([
    ["10.0.0.0/8", "10.1.2.3", true],
    ["10.0.0.0/8", "::ffff:10.1.2.3", true],
    ["10.0.0.0/8", "64:ff9b::10.1.2.3", true],
    ["10.0.0.0/8", "192.168.1.1", false],
    ["10.0.0.0/8", "8.8.8.8", false],
    ["10.0.0.0/8", "shop.example", false],
    ["127.0.0.1", "127.0.0.1", true],
    ["127.0.0.1", "127.0.0.2", false],
    ["0.0.0.0/0", "8.8.8.8", true],
    ["0.0.0.0/0", "127.0.0.1", false],
    ["0.0.0.0/0", "169.254.169.254", false],
    ["8.0.0.0/5", "10.0.0.1", false],
    ["::/0", "2606:4700::1", true],
    ["::/0", "fd00::1", false],
    ["8000::/1", "fd00::1", false],
    ["fd00::/8", "fd00::1", true],
    ["fe80::/10", "fe80::1", true],
    ["fe80::/10", "fe80::1%eth0", false],
  ])("with the network %s, the host %s is admitted: %s", (network, host, expected) => {
    expect(allowing([], [network]).admitsHost(host)).toBe(expected);
  });

  it.each([
    ["8.8.8.8", [], true],
    ["2606:4700::1", [], true],
    ["10.0.0.1", [], false],
    ["10.0.0.1", ["10.0.0.0/8"], true],
    ["10.0.0.1", ["0.0.0.0/0"], false],
    ["fe80::1%2", ["fe80::/10"], false],
    ["nonsense", ["0.0.0.0/0"], false],
  ])("lets a name lead to %s with %j: %s", (address, networks, expected) => {
    expect(allowing(["*"], networks).admitsAddressOfName(address)).toBe(expected);
  });

  it("takes no address and nothing that is no name for a pattern", () => {
    expect(["*", "*.shop.example", "localhost", "a_b.example"].filter(isHostPattern)).toHaveLength(4);
    expect(
      ["", "10.0.0.1", "::1", "a b", "https://shop.example", "shop.example:443", ".", "a..b"].filter(isHostPattern),
    ).toEqual([]);
  });
});
