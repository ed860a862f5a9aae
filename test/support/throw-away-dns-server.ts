import { startDatagramServer, type ThrowAwayDatagramServer } from "./throw-away-datagram-server.ts";

const typeNumbers = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  NAPTR: 35,
  TLSA: 52,
  CAA: 257,
} as const;

/** The kinds of records that the server knows. */
export type DnsType = keyof typeof typeNumbers;

/** What is answered to a question: records (the data of each, as RFC 1035, section 3.3, lays it out), or a response code. */
export type DnsReply = readonly Buffer[] | { readonly code: 1 | 2 | 3 | 4 | 5 };

/**
 * Starts a name server on loopback. It answers what it is told to, or nothing at all for undefined.
 * @param port default: a free one
 */
export function startDnsServer(
  answer: (name: string, type: DnsType) => DnsReply | undefined,
  port?: number,
): Promise<ThrowAwayDatagramServer> {
  return startDatagramServer((message, sender, socket) => {
    const { name, type, end } = readQuestion(message);
    const reply = answer(name, type);
    if (reply === undefined) return;
    const records = "code" in reply ? [] : reply;
    const header = Buffer.from(message.subarray(0, 12));
    header.writeUInt16BE(0x8180 | ("code" in reply ? reply.code : 0), 2);
    header.writeUInt16BE(records.length, 6);
    header.writeUInt32BE(0, 8); // No authority, nothing additional.
    const answers = records.flatMap((data) => [
      Buffer.from([0xc0, 12]), // The name of the question.
      uint16(typeNumbers[type], 1, 0, 60, data.length),
      data,
    ]);
    socket.send(Buffer.concat([header, message.subarray(12, end), ...answers]), sender.port, sender.address);
  }, port);
}

function readQuestion(message: Buffer): { readonly name: string; readonly type: DnsType; readonly end: number } {
  const labels: string[] = [];
  let position = 12;
  for (let length = message.readUInt8(position); length > 0; length = message.readUInt8(position)) {
    labels.push(message.toString("latin1", position + 1, position + 1 + length));
    position += 1 + length;
  }
  const number = message.readUInt16BE(position + 1);
  const type = Object.entries(typeNumbers).find(([, value]) => value === number)?.[0];
  return { name: labels.join("."), type: (type ?? "A") as DnsType, end: position + 5 }; // It is one of the keys.
}

/** A name as it stands in data, without compression. */
export function dnsName(name: string): Buffer {
  return Buffer.concat([...name.split(".").map(dnsText), Buffer.from([0])]);
}

/** A text with its length before it. */
export function dnsText(text: string): Buffer {
  return Buffer.concat([Buffer.from([text.length]), Buffer.from(text, "latin1")]);
}

/** Numbers of 16 bits each. */
export function uint16(...numbers: readonly number[]): Buffer {
  return Buffer.concat(numbers.map((number) => Buffer.from([number >> 8, number & 255])));
}
