import { isIP } from "node:net";
import type { Attributes } from "@opentelemetry/api";
import { z } from "zod";
import { expectedKinds, judgeAnswer } from "../clients/dns/answer-judgement.ts";
import { askNameServers } from "../clients/dns/ask-name-servers.ts";
import { asciiName } from "../clients/dns/dns-message.ts";
import { reverseName, serialOf } from "../clients/dns/dns-records.ts";
import {
  type NameServer,
  nameServer,
  nameServerText,
  parseNameServer,
  systemNameServers,
} from "../clients/dns/name-server.ts";
import { findProbedServer, type ProbedServer } from "../clients/dns/probed-server.ts";
import { recordTypes } from "../clients/dns/record-types.ts";
import { oneOrMore } from "../health/fields.ts";
import { healthCheck } from "../health/health-check.ts";
import type { ProbeTerms } from "../health/probe-terms.ts";
import type { Target } from "../health/target.ts";
import { PhaseClock } from "../net/phase-clock.ts";
import { InvalidTargetError, parseHostAndPort, probeOptions } from "../net/probing/retarget.ts";
import { factNames, maxToldAnswers, peerFacts, tellSpan } from "../net/spans/span-facts.ts";

/**
 * Looks up a name in the DNS, by the system's name servers or by given ones. The hosts file is not used. An answer that is too
 * long for a datagram is asked for again over TCP.
 *
 * ```yaml
 * checks:
 *   shop: { type: dns, hostname: shop.example }
 *   mail: { type: dns, hostname: shop.example, recordType: MX, servers: 192.0.2.53, expected: 10 mail.shop.example }
 *   cdn: { type: dns, hostname: www.shop.example, expectedCname: shop.cdn.example }
 *   not listed: { type: dns, hostname: 25.2.0.192.zen.spamhaus.org, answer: nxdomain }
 *   signed: { type: dns, hostname: shop.example, authenticated: true, servers: "127.0.0.1:5353" }
 * ```
 *
 * Where the name is an alias (CNAME), `expected` is compared with the records to which it leads in the end, and
 * `expectedCname` with the names on the way there. With `recordType: CNAME` nothing is followed: the answer is the first of
 * those names, and belongs into `expected`.
 *
 * `authenticated` asks the name server whether it has validated the answer by DNSSEC (the flag AD). That is worth as much as
 * the server and the way to it: ask a validating resolver on this machine, or in a network that you trust.
 */
export class Dns extends healthCheck({
  group: "network",
  labels: {
    hostname: z
      .string()
      .regex(/^\S{1,255}$/, "must be a name to look up, such as example.com")
      .describe("The name to look up; for PTR records, an address works too."),
    recordType: z.enum(recordTypes).default("A").describe("The kind of records to ask for."),
    servers: oneOrMore(nameServer())
      .optional()
      .describe(
        "The addresses of the name servers to ask, the next one if one fails or is silent. Default: the system's.",
      ),
  },
  settings: {
    answer: z
      .enum(expectedKinds)
      .default("records")
      .describe(
        "What must be answered: records; nodata, for a name that exists without such a record; or nxdomain, for a name that does not exist, as that of a mail server which no block list has.",
      ),
    expected: oneOrMore(z.string().min(1))
      .optional()
      .describe(
        "Records that the answer must contain, in any order, as a zone file has them: 192.0.2.1, or 10 mail.example.com for MX.",
      ),
    exact: z.boolean().default(false).describe("Whether there must be no other records than the expected ones."),
    expectedCname: oneOrMore(z.string().min(1))
      .optional()
      .describe("Names to which the name must lead by CNAME records, at once or in the end, such as that of a CDN."),
    authenticated: z
      .boolean()
      .default(false)
      .describe("Whether the name server must say that it has validated the answer by DNSSEC."),
    minSerial: z
      .int()
      .min(0)
      .max(2 ** 32 - 1)
      .optional()
      .describe("The serial number of an SOA record below which the check warns, that it begins anew considered."),
    probeTarget: z
      .enum(["hostname", "server"])
      .default("hostname")
      .describe(
        "What the target of a /probe is: the name to look up, or the name server to ask for the check's own hostname.",
      ),
  },
  measures: {
    records: { unit: "{records}", description: "The records of this kind in the answer." },
    serial: { unit: "{serial}", description: "The serial number in the SOA record, if that was asked for." },
  },
  validate: ({ answer, expected, exact, expectedCname, minSerial, recordType }) => {
    if (exact && expected === undefined) return "exact needs expected: the records that there may be";
    if (minSerial !== undefined && recordType !== "SOA") return "minSerial needs recordType: SOA";
    if (expectedCname !== undefined && recordType === "CNAME")
      return "with recordType: CNAME, the name belongs into expected";
    if (answer === "records" || (expected ?? expectedCname ?? minSerial) === undefined) return undefined;
    return `answer: ${answer} leaves nothing for expected, expectedCname and minSerial`;
  },
}) {
  static readonly module = import.meta.url;
  #probe: Partial<ProbeTerms> = {};
  /** The server to ask in a probe, when it is the target. */
  #probedServer: ProbedServer | undefined;

  async run(signal: AbortSignal): Promise<void> {
    const { gate, observe } = this.#probe;
    const clock = new PhaseClock(observe);
    const probed = this.#probedServer && (await findProbedServer(this.#probedServer, gate, clock, signal));
    const given = probed === undefined ? this.#givenServers : [probed];
    tellSpan(given?.length === 1 ? peerFacts(given[0]?.address, given[0]?.port) : {});
    clock.begin(probed === undefined ? "dns" : "first byte");
    await clock.during(signal, () => this.#ask(given, signal));
  }

  /**
   * A target is a name to look up: nothing is connected to but the check's own name servers. With `probeTarget: server` it is a
   * name server, `host:port` or `host`, that is asked for the check's own hostname.
   */
  override retarget(target: string, terms: ProbeTerms): Dns {
    const Same = this.constructor as typeof Dns; // Or a class that extends it.
    const options = probeOptions(this, terms);
    if (this.probeTarget === "hostname") {
      terms.gate.enter(target);
      return new Same({ ...options, hostname: target }).#probedBy(terms);
    }
    const place = parseHostAndPort(target);
    if (place === undefined) throw new InvalidTargetError(serverHint);
    const { host, port = 53 } = place;
    terms.gate.enter(host);
    const servers = isIP(host) === 0 ? undefined : nameServerText({ address: host, port });
    return new Same({ ...options, hostname: this.hostname, servers }).#probedBy(terms, { host, port });
  }

  /** The name server that is asked first, if one is given. */
  override get target(): Target {
    const { host, port } = this.#probedServer ?? {};
    const server = host === undefined ? this.#givenServers?.[0] : { address: host, port };
    return { ...server, question: this.hostname };
  }

  get #givenServers(): readonly NameServer[] | undefined {
    return this.servers?.flatMap((text) => parseNameServer(text) ?? []);
  }

  #probedBy(terms: ProbeTerms, server?: ProbedServer): this {
    this.#probe = terms;
    this.#probedServer = server;
    return this;
  }

  async #ask(given: readonly NameServer[] | undefined, signal: AbortSignal): Promise<void> {
    const { hostname, recordType: type, authenticated: dnssec } = this;
    const describe = (servers: readonly NameServer[]): string =>
      given === undefined ? "the system's name server" : `the name server ${servers.map(nameServerText).join(", ")}`;
    const { server, answer } = await askNameServers(
      { name: asciiName(reverseName(hostname)), type, dnssec },
      { servers: given ?? systemNameServers(), describe, milliseconds: 0.8 * this.timeout.milliseconds, signal },
    );
    const { records } = answer;
    if (given !== undefined) tellSpan(peerFacts(server.address, server.port));
    tellSpan({ ...this.#answerFacts(records), [factNames.networkTransport]: answer.transport });
    this.measure("records", records.length);
    if (type === "SOA" && records[0] !== undefined) this.measure("serial", serialOf(records[0]));
    const failure = judgeAnswer(answer, this, describe([server]));
    if (failure !== undefined) throw failure;
  }

  /** The attribute is for addresses alone. */
  #answerFacts(answers: readonly string[]): Attributes {
    const areAddresses = answers.length > 0 && (this.recordType === "A" || this.recordType === "AAAA");
    return areAddresses ? { [factNames.dnsAnswers]: answers.slice(0, maxToldAnswers) } : {};
  }
}

const serverHint =
  "The target must be a name server with or without a port, such as ns1.shop.example, 192.0.2.53 or [2001:db8::53]:5353.";
