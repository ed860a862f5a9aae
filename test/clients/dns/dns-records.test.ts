import { describe, expect, it } from "vitest";
import { isOlderSerial, recordText, reverseName, sameRecord, serialOf } from "../../../src/clients/dns/dns-records.ts";
import { MalformedMessageError, MessageReader } from "../../../src/clients/dns/message-reader.ts";
import { recordTypes } from "../../../src/clients/dns/record-types.ts";
import { type DnsType, dnsName, dnsText, uint16 } from "../../support/throw-away-dns-server.ts";

const records: Readonly<Record<DnsType, readonly [data: Buffer, text: string]>> = {
  A: [Buffer.from([192, 0, 2, 1]), "192.0.2.1"],
  AAAA: [uint16(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1), "2001:db8::1"],
  CAA: [Buffer.concat([Buffer.from([0]), dnsText("issue"), Buffer.from("letsencrypt.org")]), "0 issue letsencrypt.org"],
  CNAME: [dnsName("other.test"), "other.test"],
  MX: [Buffer.concat([uint16(10), dnsName("mail.test")]), "10 mail.test"],
  NAPTR: [
    Buffer.concat([uint16(100, 10), dnsText("S"), dnsText("SIP+D2U"), dnsText(""), dnsName("sip.test")]),
    "100 10 S SIP+D2U  sip.test",
  ],
  NS: [dnsName("ns.test"), "ns.test"],
  PTR: [dnsName("one.test"), "one.test"],
  SOA: [
    Buffer.concat([dnsName("ns.test"), dnsName("root.test"), uint16(0, 2026, 0, 3600, 0, 900, 1, 2, 0, 300)]),
    "ns.test root.test 2026 3600 900 65538 300",
  ],
  SRV: [Buffer.concat([uint16(1, 2, 5060), dnsName("sip.test")]), "1 2 5060 sip.test"],
  TLSA: [Buffer.from([3, 1, 1, 0xab, 0xcd]), "3 1 1 abcd"],
  TXT: [Buffer.concat([dnsText("v=spf1 "), dnsText("-all")]), "v=spf1 -all"],
};

describe("recordText", () => {
  it.each(recordTypes)("gives %s as a zone file has it", (type) => {
    const [data, text] = records[type];
    expect(recordText(type, new MessageReader(data))).toBe(text);
  });

  it.each(recordTypes)("refuses %s that ends too early", (type) => {
    const [data] = records[type];
    // Of the last parts of these, any number of bytes may be there.
    const isOpen = ["CAA", "TLSA"].includes(type);
    const cut = new MessageReader(data.subarray(0, isOpen ? 1 : data.length - 1));
    expect(() => recordText(type, cut)).toThrow(MalformedMessageError);
  });
});

describe("a serial number", () => {
  it("stands in the SOA record", () => {
    expect(serialOf(records.SOA[1])).toBe(2026);
  });

  it.each([
    [1, 2, true],
    [2, 1, false],
    [7, 7, false],
    [4_294_967_295, 0, true],
    [0, 4_294_967_295, false],
  ])("%d is older than %d: %s", (serial, other, older) => {
    expect(isOlderSerial(serial, other)).toBe(older);
  });
});

describe("sameRecord", () => {
  it.each([
    ["A", "192.0.2.1", "192.0.2.1", true],
    ["A", "192.0.2.1", "192.0.2.10", false],
    ["AAAA", "2001:db8::1", "2001:0DB8:0:0:0:0:0:1", true],
    ["AAAA", "2001:db8::1", "2001:db8::2", false],
    ["MX", "10 mail.test", "10 MAIL.test.", true],
    ["MX", "10 mail.test", "20 mail.test", false],
    ["SOA", "ns.test root.test 1 2 3 4 5", "ns.test. root.test. 1 2 3 4 5", true],
    ["TXT", "v=spf1 -all", '"v=spf1 -all"', true],
    ["TXT", "Token", "token", false],
    ["CAA", "0 issue letsencrypt.org", '0 issue "letsencrypt.org"', true],
  ] as const)("compares %s %j with %j", (type, one, other, same) => {
    expect(sameRecord(type, one, other)).toBe(same);
  });
});

describe("reverseName", () => {
  it.each([
    ["192.0.2.1", "1.2.0.192.in-addr.arpa"],
    ["2001:db8::567:89ab", "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"],
    ["::1", `1.${"0.".repeat(31)}ip6.arpa`],
    ["::", `${"0.".repeat(32)}ip6.arpa`],
    ["::ffff:192.0.2.1", `1.0.2.0.0.0.0.c.f.f.f.f.${"0.".repeat(20)}ip6.arpa`],
    ["1:2:3:4:5:6:7:8", "8.0.0.0.7.0.0.0.6.0.0.0.5.0.0.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.ip6.arpa"],
    ["1.2.0.192.in-addr.arpa", "1.2.0.192.in-addr.arpa"],
  ])("of %s is %s", (address, name) => {
    expect(reverseName(address)).toBe(name);
  });
});
