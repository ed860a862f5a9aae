import { serverNameOf } from "../../net/open-socket.ts";

/** Where a request is sent. */
export interface Destination {
  /** A name or an address, an IPv6 one without its brackets. */
  readonly host: string;
  readonly port: number;
  /** Whether by TLS. */
  readonly secure: boolean;
  /** The name that the server's certificate must have, when it is not the address to which is connected. */
  readonly servername: string | undefined;
  /** The path of a Unix socket to connect to, in place of the host. */
  readonly socketPath?: string | undefined;
}

/** @param headers of the request: by the name in `Host` goes the server too */
export function destinationOf(url: URL, headers: Readonly<Record<string, string>>): Destination {
  const secure = url.protocol === "https:";
  const host = withoutBrackets(url.hostname);
  const header = Object.entries(headers).find(([name]) => name.toLowerCase() === "host")?.[1] ?? url.host;
  const named = header === url.host ? host : (nameIn(header) ?? host);
  return { host, port: Number(url.port) || (secure ? 443 : 80), secure, servername: serverNameOf(named) };
}

/** @returns undefined when it is no name with or without a port */
function nameIn(header: string): string | undefined {
  const url = URL.parse(`https://${header}`);
  return url === null ? undefined : withoutBrackets(url.hostname);
}

function withoutBrackets(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, "");
}
