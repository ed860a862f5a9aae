import { isIP } from "node:net";
import { z } from "zod";

/** Where a server listens. */
export interface ServerAddress {
  /** A name or address, an IPv6 one without brackets. */
  readonly host: string;
  readonly port: number;
}

/** What a message says of a wrong port. */
export const portHint = "a port from 1 to 65535";

/** Whether a port can be connected to. */
export function isPort(number: number): boolean {
  return number >= 1 && number <= 65_535;
}

/** A list of servers, each as `HOST` or `HOST:PORT`. {@link parseServers} reads it. */
export const serverList = () =>
  z
    .array(
      z
        .string()
        .refine((text) => parseServers([text], 1).length > 0, `must be HOST or HOST:PORT, with ${portHint}`)
        .meta({ title: "host and port" }),
    )
    .min(1);

const form = /^(?:\[(?<address>[\da-f:.]+)\]|(?<name>[^\s:/\\@?#[\]%,]+))(?::(?<digits>\d{1,5}))?$/i;

/** Reads `host`, `host:port` and `[address]:port`, and leaves out what is something else. */
export function parseServers(servers: readonly string[], defaultPort: number): readonly ServerAddress[] {
  return servers.flatMap((text) => {
    const { address, name = "", digits } = form.exec(text)?.groups ?? {};
    const host = address ?? name;
    const port = digits === undefined ? defaultPort : Number(digits);
    return host !== "" && isPort(port) && (address === undefined || isIP(address) === 6) ? { host, port } : [];
  });
}
