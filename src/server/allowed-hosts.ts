import type { IncomingMessage, RequestListener } from "node:http";
import { AllowList, isHostPattern } from "../net/probing/allow-list.ts";
import { Network, parseAddress } from "../net/probing/network.ts";
import { type Answer, refusal } from "./answer.ts";
import { sendAnswer } from "./send-answer.ts";

/** The names of this machine that no other can have, and its loopback addresses. */
const ownHosts = ["localhost", "*.localhost", "127.0.0.0/8", "::1"];

/** Verdicts that are remembered: clients use the same few hosts all the time. */
const maxRemembered = 100;

/** Whether a text can be one of the hosts of {@link AllowedHosts}. */
export function isAllowedHost(text: string): boolean {
  return isHostPattern(text) || Network.parse(text) !== undefined;
}

/**
 * Refuses requests for other hosts before anything looks at them.
 * @param hosts is asked for each request: a reload may change them
 */
export function withAllowedHosts(
  listening: string,
  hosts: () => readonly string[] | undefined,
  listener: RequestListener,
): RequestListener {
  let given = hosts();
  let allowed = new AllowedHosts(listening, given);
  return (request, response) => {
    const now = hosts();
    if (now !== given) {
      given = now;
      allowed = new AllowedHosts(listening, given);
    }
    const refused = allowed.refusalOf(request);
    if (refused === undefined) listener(request, response);
    else sendAnswer(response, refused);
  };
}

/**
 * Under which names the server may be asked. A page in a browser can point a name of its own to this machine and then read what
 * the server says (DNS rebinding): its requests have that name in `Host`.
 */
export class AllowedHosts {
  /** Undefined: all. */
  readonly #list: AllowList | undefined;
  readonly #remembered = new Map<string, boolean>();

  /**
   * @param listening what the server listens on
   * @param hosts names, in which `*` stands for any characters, addresses and networks. Default: all, or those of this machine
   * when the server listens on its loopback, where only a browser of this machine gets to
   */
  constructor(listening: string, hosts: readonly string[] | undefined) {
    const allowed = hosts ?? (isLoopback(listening) ? [] : ["*"]);
    if (!allowed.includes("*")) this.#list = listOf([...ownHosts, ...allowed]);
  }

  /** What a request for another host is answered; undefined when its host is allowed. */
  refusalOf({ headers: { host }, socket }: IncomingMessage): Answer | undefined {
    // Browsers always name one.
    if (this.#list === undefined || host === undefined) return undefined;
    const allowed = this.#remembered.get(host) ?? this.#decide(host, this.#list);
    if (allowed) return undefined;
    const name = nameOf(host);
    // No name leads to an address that is written as one: a probe that asks a container by its address is let in.
    const address = parseAddress(name)?.text;
    if (address !== undefined && address === parseAddress(socket.localAddress ?? "")?.text) return undefined;
    const quoted = JSON.stringify(name.slice(0, 100));
    return refusal(
      421,
      `This server is not asked as ${quoted}. To allow it, add it to server.hosts in the configuration.`,
    );
  }

  #decide(host: string, list: AllowList): boolean {
    const allowed = list.admitsHost(nameOf(host));
    if (this.#remembered.size >= maxRemembered) this.#remembered.clear();
    this.#remembered.set(host, allowed);
    return allowed;
  }
}

function listOf(hosts: readonly string[]): AllowList {
  const networks = hosts.flatMap((host) => Network.parse(host) ?? []);
  return new AllowList({ hosts: hosts.filter(isHostPattern), networks });
}

function isLoopback(listening: string): boolean {
  return listOf(ownHosts).admitsHost(nameOf(listening));
}

/** A host without its port and, if it is an IPv6 address, without brackets. */
function nameOf(host: string): string {
  if (parseAddress(host) !== undefined) return host;
  return host.replace(/:\d*$/, "").replace(/^\[(.*)\]$/, "$1");
}
