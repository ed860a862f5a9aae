import { Resolver } from "node:dns";
import { isIP, isIPv6 } from "node:net";
import { z } from "zod";

/** Where a name server is. */
export interface NameServer {
  readonly address: string;
  readonly port: number;
}

const pattern = /^(?:\[(?<bracketed>[^\]]+)\]|(?<plain>[^[\]]*?))(?::(?<port>\d{1,5}))?$/;

/**
 * Reads the address of a name server, with its port if that is not 53: `192.0.2.53`, `127.0.0.1:5353`, `2001:db8::53`,
 * `[::1]:5353`.
 * @returns undefined when the text is none
 */
export function parseNameServer(text: string): NameServer | undefined {
  if (isIP(text) !== 0) return { address: text, port: 53 };
  const { bracketed, plain, port = "53" } = pattern.exec(text)?.groups ?? {};
  const address = bracketed ?? plain ?? "";
  const valid = isIP(address) === (bracketed === undefined ? 4 : 6) && Number(port) > 0 && Number(port) < 65_536;
  return valid ? { address, port: Number(port) } : undefined;
}

/** Its address, with the port if that is not 53: what {@link parseNameServer} reads. */
export function nameServerText({ address, port }: NameServer): string {
  if (port === 53) return address;
  return `${isIPv6(address) ? `[${address}]` : address}:${port}`;
}

/** The name servers that the system is configured to ask, as they are now. */
export function systemNameServers(): readonly NameServer[] {
  return new Resolver().getServers().flatMap((text) => parseNameServer(text) ?? []);
}

/** The address of a name server. A field of it yields the text. */
export function nameServer() {
  return z
    .string()
    .refine(
      (text) => parseNameServer(text) !== undefined,
      "must be an address, with its port if that is not 53: 192.0.2.53, 127.0.0.1:5353, [::1]:5353",
    );
}
