import { Resolver } from "node:dns/promises";
import { isIP, isIPv6 } from "node:net";
import type { Attributes } from "@opentelemetry/api";
import { z } from "zod";
import { dnsFailure } from "../clients/dns/dns-failure.ts";
import { queryRecords, recordTypes, sameRecord } from "../clients/dns/dns-records.ts";
import { nameServer, parseNameServer } from "../clients/dns/name-server.ts";
import { HealthCheckError, ServiceReturnedUnexpectedResult, ServiceUnavailable } from "../health/errors.ts";
import { oneOrMore } from "../health/fields.ts";
import { healthCheck } from "../health/health-check.ts";
import type { ConnectionGate, ProbeTerms } from "../health/probe-terms.ts";
import type { Target } from "../health/target.ts";
import { fileShortage } from "../host/file-shortage.ts";
import { abortedPhase } from "../net/phase.ts";
import { PhaseClock } from "../net/phase-clock.ts";
import { InvalidTargetError, parseHostAndPort, probeOptions } from "../net/probing/retarget.ts";
import { factNames, maxToldAnswers, peerFacts, tellSpan } from "../net/spans/span-facts.ts";

/**
 * Looks up a name in the DNS, by the system's name servers or by given ones. The hosts file is not used.
 *
 * ```yaml
 * checks:
 *   shop: { type: dns, hostname: shop.example }
 *   mail: { type: dns, hostname: shop.example, recordType: MX, servers: 192.0.2.53, expected: 10 mail.shop.example }
 * ```
 */
export class Dns extends healthCheck({
  labels: {
    hostname: z
      .string()
      .regex(/^\S{1,255}$/, "must be a name to look up, such as example.com")
      .describe("The name to look up; for PTR records, an address works too."),
    recordType: z.enum(recordTypes).default("A").describe("The kind of records to ask for."),
    servers: oneOrMore(nameServer())
      .optional()
      .describe(
        "The addresses of the name servers to ask, the next one if one does not answer. Default: the system's.",
      ),
  },
  settings: {
    expected: oneOrMore(z.string().min(1))
      .optional()
      .describe(
        "Records that the answer must contain, as a zone file has them: 192.0.2.1, or 10 mail.example.com for MX.",
      ),
    probeTarget: z
      .enum(["hostname", "server"])
      .default("hostname")
      .describe(
        "What the target of a /probe is: the name to look up, or the name server to ask for the check's own hostname.",
      ),
  },
}) {
  static readonly module = import.meta.url;
  #probe: Partial<ProbeTerms> = {};
  /** The server to ask in a probe, when it is the target. */
  #probedServer: ProbedServer | undefined;

  async run(signal: AbortSignal): Promise<void> {
    const clock = new PhaseClock(this.#probe.observe);
    const probed = this.#probedServer && (await this.#findServer(this.#probedServer, clock, signal));
    const servers = probed ?? this.servers;
    // A new one each time, which reads the system's configuration again. Its two tries take four fifths of the time-out.
    const resolver = new Resolver({ timeout: Math.ceil(this.timeout.milliseconds / 5), tries: 2 });
    if (servers !== undefined) resolver.setServers(servers);
    const [server, ...others] = servers ?? [];
    const peer = others.length === 0 ? parseNameServer(server ?? "") : undefined; // Of several it is not known which answers.
    tellSpan(peerFacts(peer?.address, peer?.port));
    const cancel = (): void => resolver.cancel();
    signal.addEventListener("abort", cancel);
    clock.begin(probed === undefined ? "dns" : "first byte");
    try {
      const answers = await queryRecords(resolver, this.hostname, this.recordType);
      tellSpan(this.#answerFacts(answers));
      clock.end();
      this.#compare(answers);
    } catch (error) {
      const { hostname, recordType } = this;
      const failure = fileShortage() ?? dnsFailure(error, { hostname, recordType, servers });
      clock.end(failure ?? abortedPhase(signal.reason));
      throw failure ?? error;
    } finally {
      signal.removeEventListener("abort", cancel);
    }
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
    const servers = isIP(host) === 0 ? undefined : addressAndPort(host, port);
    return new Same({ ...options, hostname: this.hostname, servers }).#probedBy(terms, { host, port });
  }

  /** The name server that is asked first, if one is given. */
  override get target(): Target {
    const { host, port } = this.#probedServer ?? {};
    const server = host === undefined ? parseNameServer(this.servers?.[0] ?? "") : { address: host, port };
    return { ...server, question: this.hostname };
  }

  #probedBy(terms: ProbeTerms, server?: ProbedServer): this {
    this.#probe = terms;
    this.#probedServer = server;
    return this;
  }

  /** The address of the name server that is the target. */
  async #findServer({ host, port }: ProbedServer, clock: PhaseClock, signal: AbortSignal): Promise<readonly string[]> {
    const { gate } = this.#probe;
    clock.tell({ kind: "protocol", protocol: "dns" });
    let address = host;
    if (isIP(host) === 0 && gate !== undefined) {
      clock.begin("dns");
      address = await clock.during(signal, () => addressOf(host, gate));
      clock.tell({ kind: "addresses", addresses: [address] });
      signal.throwIfAborted(); // A lookup cannot be ended.
    }
    clock.tell({ kind: "attempt", address, port });
    return [addressAndPort(address, port)];
  }

  /** The attribute is for addresses alone. */
  #answerFacts(answers: readonly string[]): Attributes {
    const areAddresses = this.recordType === "A" || this.recordType === "AAAA";
    return areAddresses ? { [factNames.dnsAnswers]: answers.slice(0, maxToldAnswers) } : {};
  }

  #compare(answers: readonly string[]): void {
    const { recordType, hostname, expected = [] } = this;
    const missing = expected.filter((text) => !answers.some((answer) => sameRecord(recordType, answer, text)));
    if (missing.length === 0) return;
    const message = `${recordType} of ${hostname} is ${answers.join(", ")}, without the expected ${missing.join(", ")}`;
    throw new ServiceReturnedUnexpectedResult(message, { reason: "assertion" });
  }
}

const serverHint =
  "The target must be a name server with or without a port, such as ns1.shop.example, 192.0.2.53 or [2001:db8::53]:5353.";

interface ProbedServer {
  /** A name or an address. */
  readonly host: string;
  readonly port: number;
}

function addressOf(host: string, { lookup }: ConnectionGate): Promise<string> {
  return new Promise((resolve, reject) => {
    lookup(host, { all: false }, (error, address) => {
      if (error === null && typeof address === "string") resolve(address);
      else if (error instanceof HealthCheckError) reject(error);
      else {
        const message = `the address of the name server ${host} was not found`;
        reject(new ServiceUnavailable(message, { reason: "dns", cause: error }));
      }
    });
  });
}

function addressAndPort(address: string, port: number): string {
  return `${isIPv6(address) ? `[${address}]` : address}:${port}`;
}
