import { Resolver } from "node:dns/promises";
import { z } from "zod";
import { dnsFailure } from "../clients/dns/dns-failure.ts";
import { queryRecords, recordTypes, sameRecord } from "../clients/dns/dns-records.ts";
import { nameServer, parseNameServer } from "../clients/dns/name-server.ts";
import { ServiceReturnedUnexpectedResult } from "../health/errors.ts";
import { healthCheck } from "../health/health-check.ts";
import type { ProbeTerms } from "../health/probe-terms.ts";
import type { Target } from "../health/target.ts";
import { fileShortage } from "../host/file-shortage.ts";
import { PhaseClock } from "../net/phase-clock.ts";
import { probeOptions } from "../net/probing/retarget.ts";

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
  },
}) {
  static readonly module = import.meta.url;
  async run(signal: AbortSignal): Promise<void> {
    // A new one each time, which reads the system's configuration again. Its two tries take four fifths of the time-out.
    const resolver = new Resolver({ timeout: Math.ceil(this.timeout.milliseconds / 5), tries: 2 });
    if (this.servers !== undefined) resolver.setServers(this.servers);
    const cancel = (): void => resolver.cancel();
    signal.addEventListener("abort", cancel);
    const clock = new PhaseClock();
    clock.begin("dns");
    try {
      const answers = await queryRecords(resolver, this.hostname, this.recordType);
      clock.end();
      this.#compare(answers);
    } catch (error) {
      const failure = fileShortage() ?? dnsFailure(error, this);
      clock.end(failure?.message ?? "aborted");
      throw failure ?? error;
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  }

  /** A target is a name to look up. Nothing is connected to but the check's own name servers. */
  override retarget(target: string, terms: ProbeTerms): Dns {
    terms.gate.enter(target);
    const Same = this.constructor as typeof Dns; // Or a class that extends it.
    return new Same({ ...probeOptions(this, terms), hostname: target });
  }

  /** The name server that is asked first, if one is given. */
  override get target(): Target {
    return parseNameServer(this.servers?.[0] ?? "") ?? {};
  }

  #compare(answers: readonly string[]): void {
    const { recordType, hostname, expected = [] } = this;
    const missing = expected.filter((text) => !answers.some((answer) => sameRecord(recordType, answer, text)));
    if (missing.length === 0) return;
    const message = `${recordType} of ${hostname} is ${answers.join(", ")}, without the expected ${missing.join(", ")}`;
    throw new ServiceReturnedUnexpectedResult(message, { reason: "assertion" });
  }
}

function oneOrMore(text: z.ZodType<string, string>) {
  return z.union([text, z.array(text).min(1)]).transform((value) => (typeof value === "string" ? [value] : value));
}
