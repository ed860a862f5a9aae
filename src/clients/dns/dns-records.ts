import type { CaaRecord } from "node:dns";
import type { Resolver } from "node:dns/promises";
import { isIPv4, isIPv6 } from "node:net";

/** The kinds of records that can be asked for. */
export const recordTypes = [
  "A",
  "AAAA",
  "CAA",
  "CNAME",
  "MX",
  "NAPTR",
  "NS",
  "PTR",
  "SOA",
  "SRV",
  "TLSA",
  "TXT",
] as const;

/** One of {@link recordTypes}. */
export type RecordType = (typeof recordTypes)[number];

/**
 * Asks for the records of a name, and gives each as a zone file has it (RFC 1035, section 5.1), without quotation marks and
 * final dots: `10 mail.example.com` for an MX record.
 * @throws what the resolver throws; its `code` is c-ares' name of what is wrong
 */
export async function queryRecords(resolver: Resolver, name: string, type: RecordType): Promise<readonly string[]> {
  switch (type) {
    case "A":
      return resolver.resolve4(name);
    case "AAAA":
      return resolver.resolve6(name);
    case "CAA":
      return (await resolver.resolveCaa(name)).map(caaText);
    case "CNAME":
      return resolver.resolveCname(name);
    case "MX":
      return (await resolver.resolveMx(name)).map(({ priority, exchange }) => `${priority} ${exchange}`);
    case "NAPTR":
      return (await resolver.resolveNaptr(name)).map(
        ({ order, preference, flags, service, regexp, replacement }) =>
          `${order} ${preference} ${flags} ${service} ${regexp} ${replacement}`,
      );
    case "NS":
      return resolver.resolveNs(name);
    case "PTR":
      return resolver.resolvePtr(reverseName(name));
    case "SOA": {
      const { nsname, hostmaster, serial, refresh, retry, expire, minttl } = await resolver.resolveSoa(name);
      return [`${nsname} ${hostmaster} ${serial} ${refresh} ${retry} ${expire} ${minttl}`];
    }
    case "SRV":
      return (await resolver.resolveSrv(name)).map(
        ({ priority, weight, port, name: target }) => `${priority} ${weight} ${port} ${target}`,
      );
    case "TLSA":
      return (await resolver.resolveTlsa(name)).map(
        ({ certUsage, selector, match, data }) =>
          `${certUsage} ${selector} ${match} ${Buffer.from(data).toString("hex")}`,
      );
    case "TXT":
      return (await resolver.resolveTxt(name)).map((parts) => parts.join(""));
  }
}

/** c-ares gives the value under the name of the property. */
function caaText({ critical, ...property }: CaaRecord): string {
  const [tag = "", value = ""] = Object.entries(property).find(([name]) => name !== "type") ?? [];
  return `${critical} ${tag} ${value}`;
}

/** Whether two records say the same, however they are written: names and addresses in any case, with or without final dots. */
export function sameRecord(type: RecordType, one: string, other: string): boolean {
  return canonical(type, one) === canonical(type, other);
}

function canonical(type: RecordType, text: string): string {
  if (type === "TXT" || type === "CAA" || type === "NAPTR") return text.replaceAll('"', "");
  if (type === "AAAA" && isIPv6(text)) return new URL(`http://[${text}]/`).hostname;
  return text.toLowerCase().replaceAll(/\.(?=\s|$)/g, "");
}

/** The name under which an address's own name is kept (RFC 1035, section 3.5; RFC 3596, section 2.5); any other name as it is. */
export function reverseName(name: string): string {
  if (isIPv4(name)) return `${name.split(".").reverse().join(".")}.in-addr.arpa`;
  if (!isIPv6(name)) return name;
  // The URL standard writes an embedded IPv4 address in hexadecimal, and removes leading zeros.
  const [head = "", tail] = new URL(`http://[${name}]/`).hostname.slice(1, -1).split("::");
  const groups = (part: string | undefined): readonly string[] =>
    part?.split(":").filter((group) => group !== "") ?? [];
  const [before, after] = [groups(head), groups(tail)];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => "0");
  const digits = [...before, ...zeros, ...after].map((group) => group.padStart(4, "0")).join("");
  return `${[...digits].reverse().join(".")}.ip6.arpa`;
}
