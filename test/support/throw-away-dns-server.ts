import { startDatagramServer, type ThrowAwayDatagramServer } from "./throw-away-datagram-server.ts";
import { startTcpServer } from "./throw-away-server.ts";

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

/** A record: its owner, its kind, and its data as RFC 1035, section 3.3, lays it out. */
export type DnsRecord = readonly [name: string, type: DnsType, data: Buffer];

/** An answer in all its parts. */
export interface DnsReplyMessage {
  /** The response code. Default: 0, no error. */
  readonly code?: number;
  readonly answers?: readonly DnsRecord[];
  readonly authority?: readonly DnsRecord[];
  /** The flag AD. */
  readonly authenticated?: boolean;
  /** The flag TC: the records are left out. */
  readonly truncated?: boolean;
  /** The number of an extended DNS error (RFC 8914). */
  readonly extendedError?: number;
}

/** What is answered to a question: records of the name and type that were asked for, or whatever else. */
export type DnsReply = readonly Buffer[] | DnsReplyMessage;

/** How a question came. */
export interface AskedBy {
  readonly transport: "udp" | "tcp";
  /** The question as it was received. */
  readonly message: Buffer;
}

/** What a server answers; undefined for nothing at all. */
export type DnsAnswerer = (name: string, type: DnsType, by: AskedBy) => DnsReply | undefined;

/**
 * Starts a name server on loopback, by UDP alone.
 * @param port default: a free one
 */
export function startDnsServer(answer: DnsAnswerer, port?: number): Promise<ThrowAwayDatagramServer> {
  return startDatagramServer((message, sender, socket) => {
    const reply = replyTo(message, "udp", answer);
    if (reply !== undefined) socket.send(reply, sender.port, sender.address);
  }, port);
}

/** Starts a name server on loopback, by UDP and by TCP on the same port. */
export async function startDnsServerWithTcp(answer: DnsAnswerer): Promise<ThrowAwayDatagramServer> {
  const tcp = await startTcpServer((socket) => {
    let received = Buffer.alloc(0);
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      const reply = replyTo(received.subarray(2), "tcp", answer);
      if (reply === undefined) return;
      // In two pieces, as a network may deliver it.
      socket.write(uint16(reply.length));
      setImmediate(() => socket.write(reply));
    });
  });
  const udp = await startDnsServer(answer, tcp.port);
  return {
    ...udp,
    [Symbol.asyncDispose]: async () => {
      await udp[Symbol.asyncDispose]();
      await tcp[Symbol.asyncDispose]();
    },
  };
}

function replyTo(message: Buffer, transport: AskedBy["transport"], answer: DnsAnswerer): Buffer | undefined {
  const { name, type, end } = readQuestion(message);
  const reply = answer(name, type, { transport, message });
  if (reply === undefined) return undefined;
  if ("length" in reply)
    return writeReply(message.subarray(0, end), { answers: reply.map((data) => [name, type, data]) });
  return writeReply(message.subarray(0, end), reply);
}

function writeReply(question: Buffer, reply: DnsReplyMessage): Buffer {
  const { code = 0, answers = [], authority = [], authenticated = false, truncated = false, extendedError } = reply;
  const header = Buffer.from(question.subarray(0, 12));
  header.writeUInt16BE(0x8180 | (truncated ? 0x200 : 0) | (authenticated ? 0x20 : 0) | (code & 0xf), 2);
  header.writeUInt16BE(answers.length, 6);
  header.writeUInt16BE(authority.length, 8);
  header.writeUInt16BE(extendedError === undefined && code < 16 ? 0 : 1, 10);
  const opt = [Buffer.from([0]), uint16(41, 1232, (code >> 4) << 8, 0)];
  const option = extendedError === undefined ? Buffer.alloc(0) : uint16(15, 2, extendedError);
  return Buffer.concat([
    header,
    question.subarray(12),
    ...(truncated ? [] : [...answers, ...authority].map(writeRecord)),
    ...(header.readUInt16BE(10) === 0 || truncated ? [] : [...opt, uint16(option.length), option]),
  ]);
}

function writeRecord([name, type, data]: DnsRecord): Buffer {
  return Buffer.concat([dnsName(name), uint16(typeNumbers[type], 1, 0, 60, data.length), data]);
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
