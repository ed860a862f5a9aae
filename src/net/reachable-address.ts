import { ADDRCONFIG } from "node:dns";
import type { LookupFunction } from "node:net";
import { nameLookups } from "./name-lookups.ts";
import { openSocket } from "./open-socket.ts";

/**
 * A lookup for client libraries that open sockets themselves: it shares the lookups of all checks, and of several addresses it
 * gives the one to which {@link openSocket} connects first. Given several, Node.js would give up each but the last after a
 * quarter of a second. A name with one address is not connected to.
 * @param signal ends it
 */
export function lookupReachable(port: number, signal: AbortSignal): LookupFunction {
  return (host, _options, callback) => {
    nameLookups.resolve(
      host,
      { family: 0, hints: process.platform === "win32" ? 0 : ADDRCONFIG, all: true },
      (error, found) => {
        const [first] = found;
        if (error !== null) callback(error, "");
        else if (first !== undefined && found.length === 1) callback(null, first.address, first.family);
        else
          reachable(host, port, signal).then(
            ({ address, family }) => callback(null, address, family),
            (failure) => callback(failure, ""),
          );
      },
    );
  };
}

async function reachable(
  host: string,
  port: number,
  signal: AbortSignal,
): Promise<{ address: string; family: number }> {
  const socket = await openSocket({ address: { host, port } }, signal);
  const { remoteAddress: address = "", remoteFamily } = socket;
  socket.destroy();
  return { address, family: remoteFamily === "IPv6" ? 6 : 4 };
}
