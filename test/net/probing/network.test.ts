import { syncBuiltinESMExports } from "node:module";
import os from "node:os";
import { describe, expect, it, vi } from "vitest";
import { Network, parseAddress, specialPrefixLength } from "../../../src/net/probing/network.ts";

describe("parseAddress", () => {
  it.each([
    ["192.0.2.1", "192.0.2.1"],
    ["::1", "::1"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["2606:4700::1111", "2606:4700::1111"],
    ["2606:4700:0:0:0:0:0:0", "2606:4700::"],
    ["::ffff:127.0.0.1", "127.0.0.1"],
    ["::ffff:7f00:1", "127.0.0.1"],
    ["::FFFF:0:0", "0.0.0.0"],
    ["64:ff9b::10.0.0.1", "10.0.0.1"],
    ["64:ff9b::a9fe:a9fe", "169.254.169.254"],
    ["64:ff9b::", "0.0.0.0"],
    ["::ffff:1:7f00:1", "::ffff:1:7f00:1"],
  ])("reads %s as %s", (text, address) => {
    expect(parseAddress(text)?.text).toBe(address);
  });

  it.each(["", "shop.example", "127.1", "0x7f000001", "010.0.0.1", "fe80::1%eth0", "[::1]", "1.2.3.4.5", "::g"])(
    "reads %j as none",
    (text) => {
      expect(parseAddress(text)).toBeUndefined();
    },
  );
});

describe("Network", () => {
  it.each([
    ["10.0.0.0/8", "10.255.0.1", true],
    ["10.1.2.3/8", "10.255.0.1", true],
    ["10.0.0.0/8", "11.0.0.1", false],
    ["10.0.0.0/8", "::ffff:10.0.0.1", true],
    ["192.0.2.1", "192.0.2.1", true],
    ["192.0.2.1", "192.0.2.2", false],
    ["0.0.0.0/0", "::1", false],
    ["fd00::/8", "fd12::1", true],
    ["fd00::/8", "fe12::1", false],
    ["::/0", "10.0.0.1", false],
  ])("%s holds %s: %s", (text, address, expected) => {
    const parsed = parseAddress(address);
    expect(parsed && Network.parse(text)?.contains(parsed)).toBe(expected);
  });

  it.each([
    "",
    "10.0.0.0/33",
    "fd00::/129",
    "10.0.0/8",
    "10.0.0.0/",
    "10.0.0.0/-1",
    "shop.example",
    "::ffff:10.0.0.0/104",
  ])("refuses %j", (text) => {
    expect(Network.parse(text)).toBeUndefined();
  });
});

describe("specialPrefixLength", () => {
  it.each([
    ["198.41.0.4", 32],
    ["2001:503:ba3e::2:30", 128],
  ])("counts %s as no public address when it is this host's own", (text, length) => {
    const address = parseAddress(text);
    if (address === undefined) throw new Error("it is an address");
    expect(specialPrefixLength(address, () => true)).toBe(length);
    expect(specialPrefixLength(address)).toBe(0);
    const own = { address: text, family: "IPv4", netmask: "", mac: "", internal: false, cidr: null } as const;
    vi.spyOn(os, "networkInterfaces").mockReturnValue({ eth0: [own] });
    syncBuiltinESMExports();
    try {
      expect(specialPrefixLength(address)).toBe(length);
    } finally {
      vi.restoreAllMocks();
      syncBuiltinESMExports();
    }
  });

  it.each([
    ["loopback", "127.0.0.1"],
    ["loopback, all of it", "127.255.255.254"],
    ["this network", "0.0.0.0"],
    ["private, 10", "10.1.2.3"],
    ["private, 172.16", "172.31.255.255"],
    ["private, 192.168", "192.168.1.1"],
    ["link-local", "169.254.169.254"],
    ["Azure's host", "168.63.129.16"],
    ["carriers", "100.64.0.1"],
    ["multicast", "224.0.0.1"],
    ["broadcast", "255.255.255.255"],
    ["benchmarks", "198.19.0.1"],
    ["documentation", "203.0.113.7"],
    ["IPv6 loopback", "::1"],
    ["IPv6 unspecified", "::"],
    ["IPv6 private", "fd00::1"],
    ["IPv6 link-local", "fe80::1"],
    ["IPv6 site-local", "fec0::1"],
    ["IPv6 multicast", "ff02::1"],
    ["IPv6 documentation", "2001:db8::1"],
    ["IPv4-compatible", "::7f00:1"],
    ["mapped loopback", "::ffff:127.0.0.1"],
    ["translated private", "64:ff9b::10.0.0.1"],
    ["translated within a network", "64:ff9b:1::1"],
    ["IPv4-translated", "::ffff:0:7f00:1"],
    ["6to4 of a loopback", "2002:7f00:1::"],
    ["Teredo", "2001::1"],
    ["never assigned", "4000::1"],
  ])("knows %s: %s", (_, text) => {
    const address = parseAddress(text);
    expect(address && specialPrefixLength(address)).toBeGreaterThan(0);
  });

  it.each([
    "8.8.8.8",
    "172.32.0.1",
    "100.128.0.1",
    "2606:4700:4700::1111",
    "2a00::1",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
  ])("takes %s for public", (text) => {
    const address = parseAddress(text);
    expect(address && specialPrefixLength(address)).toBe(0);
  });
});
