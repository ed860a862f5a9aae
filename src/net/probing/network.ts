import { BlockList, isIPv4, isIPv6 } from "node:net";
import { networkInterfaces } from "node:os";

/** An address as it is compared: one that holds an IPv4 address is that. */
export interface Address {
  /** As text, without leading zeros and in lower case. */
  readonly text: string;
  readonly family: "ipv4" | "ipv6";
}

/**
 * Reads an address. An IPv6 one that stands for an IPv4 one, because it is mapped (RFC 4291, section 2.5.5.2) or is
 * translated on the way (NAT64, RFC 6052, section 2.1), is read as that.
 * @returns undefined for anything else, an address with a zone (`fe80::1%eth0`) included: its number means another host
 * on each machine
 */
export function parseAddress(text: string): Address | undefined {
  if (isIPv4(text)) return { text, family: "ipv4" };
  if (!isIPv6(text) || text.includes("%")) return undefined;
  const canonical = new URL(`http://[${text}]/`).hostname.slice(1, -1);
  const groups = groupsOf(canonical);
  const embedding = embeddings.some((prefix) => prefix.every((group, index) => groups[index] === group));
  if (!embedding) return { text: canonical, family: "ipv6" };
  const octets = groups.slice(6).flatMap((group) => [group >> 8, group & 0xff]);
  return { text: octets.join("."), family: "ipv4" };
}

/** What an address begins with whose last 32 bits are an IPv4 one, in groups of 16 bits. */
const embeddings: readonly (readonly number[])[] = [
  [0, 0, 0, 0, 0, 0xffff],
  [0x64, 0xff9b, 0, 0, 0, 0],
];

/** The eight groups of an address as the URL standard writes it. */
function groupsOf(canonical: string): readonly number[] {
  const [before = [], after = []] = canonical
    .split("::")
    .map((part) => part.split(":").filter((group) => group !== ""))
    .map((part) => part.map((group) => Number.parseInt(group, 16)));
  const zeros = new Array<number>(8 - before.length - after.length).fill(0);
  return [...before, ...zeros, ...after];
}

/** A block of addresses. */
export class Network {
  /** How many leading bits its addresses have in common. */
  readonly prefixLength: number;
  readonly #family: Address["family"];
  readonly #addresses = new BlockList();

  private constructor({ text, family }: Address, prefixLength: number) {
    this.prefixLength = prefixLength;
    this.#family = family;
    this.#addresses.addSubnet(text, prefixLength, family);
  }

  /**
   * Reads `10.0.0.0/8`, `fd00::/8`, or an address, which is a network of its own.
   * @returns undefined when the text is none; one within those IPv6 addresses that stand for IPv4 ones is none either
   */
  static parse(text: string): Network | undefined {
    const [, base = "", length] = /^([\d.]+|[\da-f:.]+)(?:\/(\d{1,3}))?$/i.exec(text) ?? [];
    const address = parseAddress(base);
    if (address === undefined || (address.family === "ipv4") !== isIPv4(base)) return undefined;
    const bits = address.family === "ipv4" ? 32 : 128;
    const prefixLength = length === undefined ? bits : Number(length);
    return prefixLength <= bits ? new Network(address, prefixLength) : undefined;
  }

  contains({ text, family }: Address): boolean {
    // Node.js takes an IPv4 address for a mapped one, which every large IPv6 network would hold.
    return family === this.#family && this.#addresses.check(text, family);
  }
}

/**
 * Blocks that are no part of the public Internet: IANA's registries of special-purpose addresses, multicast, and in IPv6
 * everything outside of 2000::/3, the only block of global unicast addresses.
 */
const specialBlocks = [
  "0.0.0.0/8", // "this network" (RFC 791); 0.0.0.0 is the host itself on many systems
  "10.0.0.0/8", // private (RFC 1918)
  "100.64.0.0/10", // shared by carriers (RFC 6598)
  "127.0.0.0/8", // loopback (RFC 1122)
  "168.63.129.16/32", // what Azure's hosts answer their machines at, credentials included
  "169.254.0.0/16", // link-local (RFC 3927), where clouds keep their metadata
  "172.16.0.0/12", // private (RFC 1918)
  "192.0.0.0/24", // protocol assignments (RFC 6890)
  "192.0.2.0/24", // documentation (RFC 5737)
  "192.88.99.0/24", // 6to4 relays (RFC 7526)
  "192.168.0.0/16", // private (RFC 1918)
  "198.18.0.0/15", // benchmarks (RFC 2544)
  "198.51.100.0/24", // documentation (RFC 5737)
  "203.0.113.0/24", // documentation (RFC 5737)
  "224.0.0.0/4", // multicast (RFC 5771)
  "240.0.0.0/4", // reserved (RFC 1112), broadcast included
  "::/3",
  "::/96", // unspecified, loopback and "IPv4-compatible" (RFC 4291)
  "64:ff9b:1::/48", // translation within a network (RFC 8215)
  "4000::/2",
  "8000::/1",
  "fc00::/7", // private (RFC 4193)
  "fe80::/10", // link-local (RFC 4291)
  "fec0::/10", // site-local (RFC 3879)
  "ff00::/8", // multicast (RFC 4291)
  "2001::/23", // protocol assignments (RFC 2928), Teredo included
  "2001:db8::/32", // documentation (RFC 3849)
  "2002::/16", // 6to4, which holds an IPv4 address (RFC 3056)
  "3fff::/20", // documentation (RFC 9637)
];

let readNetworks: readonly Network[] | undefined;

/** The same, read when an address is first judged: reading them takes a fiftieth of the time until a server answers. */
function specialNetworks(): readonly Network[] {
  readNetworks ??= specialBlocks.map((text) => {
    const network = Network.parse(text);
    if (network === undefined) throw new Error(`${text} is no network`);
    return network;
  });
  return readNetworks;
}

/**
 * How long the prefix of the smallest special-purpose block is that an address belongs to. One of this host itself, where
 * services may listen that trust it, is a block of its own.
 * @param isOwn whether a public address is one of this host
 * @returns 0 for a public address of another host
 */
export function specialPrefixLength(address: Address, isOwn: (address: Address) => boolean = isOfThisHost): number {
  const lengths = specialNetworks()
    .filter((network) => network.contains(address))
    .map((network) => network.prefixLength);
  if (lengths.length > 0) return Math.max(...lengths);
  if (!isOwn(address)) return 0;
  return address.family === "ipv4" ? 32 : 128;
}

/** Asked anew each time: addresses come and go. */
function isOfThisHost({ text }: Address): boolean {
  const addresses = Object.values(networkInterfaces()).flatMap((found) => found ?? []);
  return addresses.some(({ address }) => parseAddress(address)?.text === text);
}
