import type { IncomingMessage } from "node:http";

/** Who may be one client: an IPv4 address, or the network of an IPv6 one, which has more addresses than can be remembered. */
export function clientAddress({ socket: { remoteAddress = "" } }: Pick<IncomingMessage, "socket">): string {
  const mapped = /^::ffff:([\d.]+)$/i.exec(remoteAddress)?.[1];
  if (mapped !== undefined || !remoteAddress.includes(":")) return mapped ?? remoteAddress;
  const [before = "", after = ""] = remoteAddress.split("::", 2);
  const groups = before.split(":");
  const zeros = remoteAddress.includes("::") ? Math.max(0, 8 - groups.length - after.split(":").length) : 0;
  return [...groups, ...new Array<string>(zeros).fill("0"), ...after.split(":")].slice(0, 4).join(":");
}
