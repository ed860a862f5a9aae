import type { Socket } from "node:net";
import fc, { type Arbitrary } from "fast-check";
import { Dns } from "../../../src/checks/dns.ts";
import { runCheck } from "../../../test/support/run-check.ts";
import { startDatagramServer } from "../../../test/support/throw-away-datagram-server.ts";
import { dnsName, dnsText, uint16 } from "../../../test/support/throw-away-dns-server.ts";
import { startTcpServer } from "../../../test/support/throw-away-server.ts";
import { latin1, place } from "./bytes.ts";
import { CaseClock } from "./case-clock.ts";
import type { FuzzSubject } from "./subject.ts";

/** A change to a message behind its identifier, at a share of its length. */
interface Mutation {
  readonly at: number;
  /** How many bytes are left out there, and what comes instead, as characters of one byte each. */
  readonly removed: number;
  readonly inserted: string;
}

/** What a name server sends. */
interface NameServerCase {
  readonly check: number;
  /** Which of the messages it sends, and with how many records in it. */
  readonly copies: number;
  readonly mutations: readonly Mutation[];
  /** Whether it answers over TCP: the datagram only says that its answer is truncated. */
  readonly overTcp: boolean;
  /** Which length it announces over TCP, if not the true one. */
  readonly length: number | undefined;
  /** After which share of it the rest comes in a packet of its own over TCP. */
  readonly cut: number;
}

const timeoutMilliseconds = 150;
/** What a run may take longer than its check's time-out on a busy machine. */
const allowanceMilliseconds = 1000;
const name = "shop.test";

/** Records as each type of the checks has them, each with its number. */
const records: readonly (readonly [type: number, data: Buffer])[] = [
  [1, Buffer.from([192, 0, 2, 1])],
  [28, uint16(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)],
  [257, Buffer.concat([Buffer.from([0]), dnsText("issue"), Buffer.from("ca.test")])],
  [5, dnsName("edge.cdn.test")],
  [15, Buffer.concat([uint16(10), dnsName("mail.test")])],
  [35, Buffer.concat([uint16(1, 2), dnsText("S"), dnsText("SIP"), dnsText(""), dnsName("sip.test")])],
  [6, Buffer.concat([dnsName("ns.test"), dnsName("root.test"), uint16(0, 7, 0, 1, 0, 1, 0, 1, 0, 1)])],
  [33, Buffer.concat([uint16(1, 2, 5060), dnsName("sip.test")])],
  [52, Buffer.from([3, 1, 1, 0xab, 0xcd])],
  [16, Buffer.concat([dnsText("v=spf1 "), dnsText("-all")])],
];
const types = ["A", "AAAA", "CAA", "CNAME", "MX", "NAPTR", "SOA", "SRV", "TLSA", "TXT"] as const;

const mutation: Arbitrary<Mutation> = fc.oneof(
  { arbitrary: fc.record({ at: place, removed: fc.nat(3), inserted: latin1(3) }), weight: 4 },
  // Pointers of names, and lengths.
  {
    arbitrary: fc.record({
      at: place,
      removed: fc.constantFrom(0, 2),
      inserted: fc.constantFrom("\xc0\x0c", "\xc0\x00", "\xff\xff", "\xc0\x20", "\x00\x00", "\x40", "\x3f", "\x80\x00"),
    }),
    weight: 3,
  },
  { arbitrary: fc.record({ at: place, removed: fc.nat(200), inserted: fc.constant("") }), weight: 1 },
  // Pointers that lead to pointers.
  {
    arbitrary: fc.record({ at: place, removed: fc.constant(0), inserted: fc.constant("\xc0\x0c".repeat(500)) }),
    weight: 1,
  },
);

/** What name servers may answer to the dns check, by datagrams and over TCP. */
export async function nameServerSubject(): Promise<FuzzSubject<NameServerCase>> {
  let sent: NameServerCase | undefined;
  const tcp = await startTcpServer((socket) => {
    socket.once("data", (question: Buffer) => sent !== undefined && answerOverTcp(socket, question.subarray(2), sent));
  });
  const udp = await startDatagramServer((question, sender, socket) => {
    if (sent === undefined) return;
    const answer = sent.overTcp ? truncated(question) : messageOf(question, sent);
    socket.send(answer, sender.port, sender.address);
  }, tcp.port);
  const servers = `127.0.0.1:${tcp.port}`;
  const checks = types.map((recordType) => {
    const expected = recordType === "A" ? "192.0.2.1" : undefined;
    return new Dns({ hostname: name, recordType, servers, expected, timeout: `${timeoutMilliseconds}ms` });
  });
  return {
    name: "answers of name servers",
    cases: fc.record({
      check: fc.nat(checks.length - 1),
      copies: fc.constantFrom(1, 2, 20, 1000),
      mutations: fc.array(mutation, { maxLength: 3 }),
      overTcp: fc.boolean(),
      length: fc.oneof(
        { arbitrary: fc.constant(undefined), weight: 4 },
        { arbitrary: fc.constantFrom(0, 1, 11, 12, 65_535), weight: 1 },
      ),
      cut: place,
    }),
    handle: async (one) => {
      const check = checks[one.check];
      if (check === undefined) throw new Error("there is no such check");
      sent = one;
      const clock = new CaseClock();
      const { state, failure } = await runCheck(check, { keepOpen: true });
      if (failure?.expected === false) throw new Error("the check threw an unexpected error");
      clock.expectWithin(timeoutMilliseconds, allowanceMilliseconds);
      return failure?.reason ?? state;
    },
    [Symbol.asyncDispose]: async () => {
      await udp[Symbol.asyncDispose]();
      await tcp[Symbol.asyncDispose]();
    },
  };
}

/** The longest datagram that is sent on loopback. */
const maxDatagramBytes = 60_000;

function messageOf(question: Buffer, { check, copies, mutations }: NameServerCase): Buffer {
  const [type, data] = records[check] ?? [1, Buffer.alloc(4)];
  const record = Buffer.concat([Buffer.from([0xc0, 12]), uint16(type, 1, 0, 60, data.length), data]);
  const asked = question.subarray(12, 12 + dnsName(name).length + 4);
  const rest = Buffer.concat([uint16(0x8180, 1, copies, 0, 0), asked, ...Array.from({ length: copies }, () => record)]);
  const changed = mutations.reduce((text, { at, removed, inserted }) => {
    const index = Math.floor(at * text.length);
    return text.slice(0, index) + inserted + text.slice(index + removed);
  }, rest.toString("latin1"));
  return Buffer.concat([question.subarray(0, 2), Buffer.from(changed, "latin1")]).subarray(0, maxDatagramBytes);
}

function truncated(question: Buffer): Buffer {
  const answer = Buffer.from(question.subarray(0, 12 + dnsName(name).length + 4));
  answer.writeUInt16BE(0x8380, 2);
  answer.writeUInt16BE(0, 10);
  return answer;
}

function answerOverTcp(socket: Socket, question: Buffer, one: NameServerCase): void {
  const message = messageOf(question, one);
  const bytes = Buffer.concat([uint16(one.length ?? message.length), message]);
  const cut = Math.floor(one.cut * bytes.length);
  socket.write(bytes.subarray(0, cut));
  setImmediate(() => socket.end(bytes.subarray(cut)));
}
