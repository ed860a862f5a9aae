import { ADDRCONFIG } from "node:dns";
import type { LookupFunction } from "node:net";
import { nameLookups } from "./name-lookups.ts";
import { openSocket } from "./open-socket.ts";
import type { ServerAddress } from "./server-list.ts";

/**
 * A lookup for client libraries that open sockets themselves: it shares the lookups of all checks, and of several addresses it
 * gives the one to which {@link openSocket} connects first. Given several, Node.js would give up each but the last after a
 * quarter of a second. A name with one address is not connected to.
 * @param signal ends it
 * @param family which of the addresses may be used; both kinds when undefined
 */
export function lookupReachable(port: number, signal: AbortSignal, family?: 4 | 6): LookupFunction {
  return (host, _options, callback) => {
    nameLookups.resolve(
      host,
      { family: family ?? 0, hints: family !== undefined || process.platform === "win32" ? 0 : ADDRCONFIG, all: true },
      (error, found) => {
        const [first] = found;
        if (error !== null) callback(error, "");
        else if (first !== undefined && found.length === 1) callback(null, first.address, first.family);
        else
          reachable({ host, port }, family, signal).then(
            (found) => callback(null, found.address, found.family),
            (failure) => callback(failure, ""),
          );
      },
    );
  };
}

async function reachable(
  server: ServerAddress,
  family: 4 | 6 | undefined,
  signal: AbortSignal,
): Promise<{ address: string; family: number }> {
  const socket = await openSocket({ address: server, family }, signal);
  const { remoteAddress: address = "", remoteFamily } = socket;
  socket.destroy();
  return { address, family: remoteFamily === "IPv6" ? 6 : 4 };
}
