import { isIPv6 } from "node:net";
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

const form = /^(?:\[([\da-fA-F:.]+)\]|([^\s:/\\@?#[\]%,]+))(?::(\d{1,5}))?$/;

/** A server as `HOST` or `HOST:PORT`. {@link parseServers} reads it. */
export const serverAddress = () =>
  z
    .string()
    .regex(form, { error: "must be HOST or HOST:PORT", abort: true })
    .refine((text) => parseServers([text], 1).length > 0, `must be HOST or HOST:PORT, with ${portHint}`)
    .meta({ title: "host and port" });

/** A list of servers. {@link parseServers} reads it. */
export const serverList = () => z.array(serverAddress()).min(1);

/** Reads `host`, `host:port` and `[address]:port`, and leaves out what is something else. */
export function parseServers(servers: readonly string[], defaultPort: number): readonly ServerAddress[] {
  return servers.flatMap((text) => {
    const [, address, name = "", digits] = form.exec(text) ?? [];
    const host = address ?? name;
    const port = digits === undefined ? defaultPort : Number(digits);
    return host !== "" && isPort(port) && (address === undefined || isIPv6(address)) ? { host, port } : [];
  });
}
