import { isIPv4, isIPv6 } from "node:net";
import type { MessageReader } from "./message-reader.ts";
import type { RecordType } from "./record-types.ts";

/**
 * Reads the data of a record, and gives it as a zone file has it (RFC 1035, section 5.1), without quotation marks and final
 * dots: `10 mail.example.com` for an MX record.
 * @throws MalformedMessageError when it is not what a record of that type has
 */
export function recordText(type: RecordType, data: MessageReader): string {
  switch (type) {
    case "A":
      return data.bytes(4).join(".");
    case "AAAA":
      return addressText(data.bytes(16));
    case "CAA":
      return `${data.uint8()} ${data.characterString()} ${data.bytes().toString()}`;
    case "CNAME":
    case "NS":
    case "PTR":
      return data.name();
    case "MX":
      return `${data.uint16()} ${data.name()}`;
    case "NAPTR":
      return `${data.uint16()} ${data.uint16()} ${data.characterString()} ${data.characterString()} ${data.characterString()} ${data.name()}`;
    case "SOA":
      return `${data.name()} ${data.name()} ${data.uint32()} ${data.uint32()} ${data.uint32()} ${data.uint32()} ${data.uint32()}`;
    case "SRV":
      return `${data.uint16()} ${data.uint16()} ${data.uint16()} ${data.name()}`;
    case "TLSA":
      return `${data.uint8()} ${data.uint8()} ${data.uint8()} ${data.bytes().toString("hex")}`;
    case "TXT": {
      const parts: string[] = [];
      while (!data.isAtEnd) parts.push(data.characterString());
      return parts.join("");
    }
  }
}

/** The serial number of a zone, in the text of its SOA record. */
export function serialOf(soa: string): number {
  return Number(soa.split(" ")[2]);
}

/** Whether a serial number is older than another, which may have begun anew meanwhile (RFC 1982, section 3.2). */
export function isOlderSerial(serial: number, other: number): boolean {
  return serial !== other && (other - serial) >>> 0 < 2 ** 31;
}

/** As the URL standard writes it (RFC 5952). */
function addressText(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(2 * index).toString(16));
  return new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1);
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
