import { domainToASCII } from "node:url";
import { ServiceUnavailable } from "../../health/errors.ts";
import { MalformedMessageError, MessageReader, maxNameBytes } from "./message-reader.ts";
import { type RecordType, typeNumbers } from "./record-types.ts";

/** What is asked. */
export interface DnsQuestion {
  readonly name: string;
  readonly type: RecordType;
  /** Whether the server is to say if it has validated the answer (RFC 6840, section 5.7). */
  readonly dnssec: boolean;
}

/** A record, whose data is not read yet. */
export interface ResourceRecord {
  readonly name: string;
  readonly type: number;
  readonly ttlSeconds: number;
  /** Makes a reader of the data. */
  readonly data: () => MessageReader;
}

/** An answer. */
export interface DnsMessage {
  readonly id: number;
  /** Whether something was left out because the message would have been too long. */
  readonly isTruncated: boolean;
  /** The flag AD: the server has validated the answer by DNSSEC, and believes it. */
  readonly isAuthenticated: boolean;
  /** The response code, with its further bits in EDNS. */
  readonly code: number;
  /** The number of an extended DNS error (RFC 8914). */
  readonly extendedError: number | undefined;
  readonly answers: readonly ResourceRecord[];
  readonly authority: readonly ResourceRecord[];
}

const flags = { response: 0x8000, truncated: 0x0200, recursionDesired: 0x0100, authenticData: 0x0020 } as const;
const internet = 1;
/** The pseudo-record of EDNS (RFC 6891, section 6.1), and its option with an extended DNS error. */
const opt = 41;
const extendedErrorOption = 15;
const dnssecOk = 0x8000;
/** How long an answer by UDP may be so that it is not sent in pieces, as the servers' own software has it since 2020. */
const maxUdpBytes = 1232;

/**
 * Writes a question (RFC 1035, section 4.1).
 * @param edns whether it offers EDNS, which the servers of before 1999 refuse
 * @throws ServiceUnavailable when the name is none
 */
export function writeQuestion(id: number, { name, type, dnssec }: DnsQuestion, edns: boolean): Buffer {
  const wanted = flags.recursionDesired | (dnssec ? flags.authenticData : 0);
  return Buffer.concat([
    uint16(id, wanted, 1, 0, 0, edns ? 1 : 0),
    writeName(name),
    uint16(typeNumbers[type], internet),
    ...(edns ? [Buffer.from([0]), uint16(opt, maxUdpBytes, 0, dnssec ? dnssecOk : 0, 0)] : []),
  ]);
}

/**
 * Reads an answer to a question.
 * @returns undefined for an answer to another one, or what is no answer at all
 * @throws MalformedMessageError when its answer to this question cannot be read
 */
export function readAnswer(message: Buffer, question: Buffer): DnsMessage | undefined {
  if (message.length < headerBytes || message.readUInt16BE(0) !== question.readUInt16BE(0)) return undefined;
  const reader = new MessageReader(message);
  const [id, bits, questions] = [reader.uint16(), reader.uint16(), reader.uint16()];
  const [answerCount, authorityCount, additionalCount] = [reader.uint16(), reader.uint16(), reader.uint16()];
  if ((bits & flags.response) === 0) return undefined;
  const code = bits & 0xf;
  const isTruncated = (bits & flags.truncated) !== 0;
  const isAuthenticated = (bits & flags.authenticData) !== 0;
  const facts = { id, isTruncated, isAuthenticated, code, extendedError: undefined, answers: [], authority: [] };
  // A server that does not understand a question need not repeat it.
  if (questions === 0 && code !== 0) return facts;
  if (questions !== 1) throw new MalformedMessageError("the answer has not one question");
  if (!sameQuestion(reader, question)) return undefined;
  if (isTruncated) return facts; // The rest may end anywhere.
  const answers = readRecords(reader, answerCount);
  const authority = readRecords(reader, authorityCount);
  const extension = readRecords(reader, additionalCount).find(({ type }) => type === opt);
  const extendedCode = extension === undefined ? code : (extension.ttlSeconds >>> 24) * 16 + code;
  return { ...facts, code: extendedCode, extendedError: extension && extendedErrorOf(extension), answers, authority };
}

const headerBytes = 12;

/** Names are compared in any case, which a server may change. */
function sameQuestion(reader: MessageReader, question: Buffer): boolean {
  const asked = new MessageReader(question, headerBytes);
  const isSame = reader.name().toLowerCase() === asked.name().toLowerCase();
  return isSame && reader.uint16() === asked.uint16() && reader.uint16() === asked.uint16();
}

function readRecords(reader: MessageReader, count: number): readonly ResourceRecord[] {
  return Array.from({ length: count }, () => {
    const name = reader.name();
    const type = reader.uint16();
    reader.uint16(); // The class; that of OPT is a length.
    const ttlSeconds = reader.uint32();
    const data = reader.part(reader.uint16());
    return { name, type, ttlSeconds, data: () => data.again() };
  });
}

function extendedErrorOf(extension: ResourceRecord): number | undefined {
  const options = extension.data();
  while (!options.isAtEnd) {
    const [code, value] = [options.uint16(), options.part(options.uint16())];
    if (code === extendedErrorOption) return value.uint16();
  }
  return undefined;
}

/** As it is asked for: in ASCII, without a final dot. What cannot be written so is left as it is. */
export function asciiName(name: string): string {
  const ascii = /[^\0-\x7f]/.test(name) ? domainToASCII(name) : name;
  return (ascii || name).replace(/(?<=.)\.$/, "");
}

function writeName(name: string): Buffer {
  const labels = name === "." ? [] : asciiName(name).split(".");
  const written = Buffer.concat([
    ...labels.flatMap((label) => [Buffer.from([label.length]), Buffer.from(label, "latin1")]),
    Buffer.from([0]),
  ]);
  const areLabels = labels.every((label) => /^[!-[\]-~]{1,63}$/.test(label)); // Without backslashes, which would escape.
  if (areLabels && written.length <= maxNameBytes) return written;
  throw new ServiceUnavailable(`${name} is not a valid name`, { reason: "dns" });
}

function uint16(...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(2 * numbers.length);
  numbers.forEach((number, index) => {
    bytes.writeUInt16BE(number, 2 * index);
  });
  return bytes;
}
