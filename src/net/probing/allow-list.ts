import { isIP } from "node:net";
import { type Network, parseAddress, specialPrefixLength } from "./network.ts";

/** A host name, in which `*` stands for any characters. */
const patternForm = /^[\w*-]+(?:\.[\w*-]+)*$/;
const nameForm = /^(?=.{1,253}$)[\w-]{1,63}(?:\.[\w-]{1,63})*$/;

/** Whether a text can be one of the patterns of an {@link AllowList}: no address, and nothing that a name never has. */
export function isHostPattern(text: string): boolean {
  return patternForm.test(text) && text.length <= 253 && !/^[\d.]+$/.test(text);
}

/** Which targets may be probed: names by patterns, addresses by networks. */
export class AllowList {
  readonly #patterns: readonly RegExp[];
  readonly #networks: readonly Network[];

  /** @param hosts names, in which `*` stands for any characters: `*.shop.example` */
  constructor({ hosts, networks }: { readonly hosts: readonly string[]; readonly networks: readonly Network[] }) {
    this.#patterns = hosts.map((pattern) => {
      const parts = pattern.split(/\*+/).map((part) => part.replaceAll(/[.-]/g, "\\$&"));
      return new RegExp(`^${parts.join("[\\w.-]*")}$`, "i");
    });
    this.#networks = networks;
  }

  /** Whether a host may be probed as it is written: an address in a listed network, or a name that a pattern matches. */
  admitsHost(host: string): boolean {
    if (isIP(host) !== 0) return this.#isListed(host);
    const name = host.endsWith(".") ? host.slice(0, -1) : host;
    return nameForm.test(name) && this.#patterns.some((pattern) => pattern.test(name));
  }

  /** Whether an address may be connected to that an admitted name has: a public one, or one in a listed network. */
  admitsAddressOfName(text: string): boolean {
    const address = parseAddress(text);
    if (address === undefined) return false;
    return specialPrefixLength(address) === 0 || this.#isListed(text);
  }

  /**
   * A network admits what it contains, except for the blocks that are not public and smaller than itself: `0.0.0.0/0`
   * means the Internet, and not the host's own loopback.
   */
  #isListed(text: string): boolean {
    const address = parseAddress(text);
    if (address === undefined) return false;
    const least = specialPrefixLength(address);
    return this.#networks.some((network) => network.prefixLength >= least && network.contains(address));
  }
}
