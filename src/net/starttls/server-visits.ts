import type { X509Certificate } from "node:crypto";
import { type ConnectionOptions, createSecureContext, type SecureContext } from "node:tls";
import type { HealthCheck } from "../../health/health-check.ts";
import type { ProbeTerms } from "../../health/probe-terms.ts";
import type { Target } from "../../health/target.ts";
import type { Duration } from "../../health/time/duration.ts";
import { within } from "../../health/time/within.ts";
import { converse, type LineConversation } from "../line-conversation.ts";
import { warnOfSlowness } from "../network-fields.ts";
import { serverNameOf } from "../open-socket.ts";
import { hostAndPortOptions, InvalidTargetError } from "../probing/retarget.ts";
import { type certificateMeasures, daysUntil, earliestEnd, tlsOptions, warnOfExpiry } from "../tls-options.ts";
import { Protection } from "./protection.ts";
import type { StartTlsFields } from "./start-tls-fields.ts";

/** A protocol of lines that can turn to TLS in the middle. */
export interface VisitedProtocol {
  /** As people call it: `SMTP`. */
  readonly name: string;
  readonly port: number;
  /** Where TLS is spoken from the first byte. */
  readonly tlsPort: number;
  /** What a client says when it leaves. */
  readonly farewell: string;
}

/** What is needed of a check that visits a server. */
export interface VisitingCheck extends StartTlsFields {
  readonly host: string;
  readonly port?: number | undefined;
  readonly family?: 4 | 6 | undefined;
  readonly maxResponseTime?: Duration | undefined;
  certificateExpiresAt: number | undefined;
  measure(name: keyof typeof certificateMeasures, value: number): void;
}

/** How long a server may take to say goodbye, in milliseconds. What is to be known of it is known by then. */
const farewellMilliseconds = 200;

const sendsPassword =
  "The check logs in, and probe.sendCredentials does not let it send its user name and password to other targets.";

/** The conversations of a check with a server of such a protocol: one a run. */
export class ServerVisits {
  readonly #check: VisitingCheck;
  readonly #protocol: VisitedProtocol;
  #secureContext: SecureContext | undefined;
  /** The terms of `/probe`, for a check that was made for it. */
  probe: Partial<ProbeTerms> = {};

  constructor(check: VisitingCheck, protocol: VisitedProtocol) {
    this.#check = check;
    this.#protocol = protocol;
  }

  get target(): Target & { readonly port: number } {
    const { host, tls, port = tls === true ? this.#protocol.tlsPort : this.#protocol.port } = this.#check;
    return { address: host, port };
  }

  /**
   * Connects, talks, and says goodbye. Afterwards it warns of a certificate that expires soon, and of slowness.
   * @throws what the connection failed with, and whatever `talk` throws
   */
  async visit(
    signal: AbortSignal,
    talk: (conversation: LineConversation, protection: Protection) => Promise<void>,
  ): Promise<void> {
    const { host, family, tls: demand } = this.#check;
    const { name, farewell } = this.#protocol;
    const { gate, observe } = this.probe;
    const startedAt = performance.now();
    observe?.({ kind: "protocol", protocol: "tcp" });
    const address = { host, port: this.target.port };
    const tls = demand === false ? {} : this.#tlsOptions();
    const options = { address, family, gate, observe, protocol: name, tls: demand === true ? tls : undefined };
    let certificate: X509Certificate | undefined;
    await converse(options, signal, async (conversation) => {
      try {
        await talk(conversation, new Protection(demand, { ...tls, host }));
      } finally {
        certificate = conversation.certificate;
        this.#remember(certificate);
      }
      await takeLeave(conversation, farewell);
    });
    warnOfExpiry(earliestEnd([certificate], this.#check), this.#check);
    warnOfSlowness(performance.now() - startedAt, this.#check);
  }

  #remember(certificate: X509Certificate | undefined): void {
    const end = earliestEnd([certificate], this.#check);
    if (end === undefined) return;
    this.#check.certificateExpiresAt = end.at;
    this.#check.measure("certificateDays", daysUntil(end.at));
  }

  #tlsOptions(): ConnectionOptions {
    const { rejectUnauthorized, ...context } = tlsOptions(this.#check);
    this.#secureContext ??= createSecureContext(context);
    const servername = serverNameOf(this.#check.host);
    return { rejectUnauthorized, secureContext: this.#secureContext, ...(servername !== undefined && { servername }) };
  }
}

/** A server that loses its clients without a word may write that to its log. How it takes it says nothing of its health. */
async function takeLeave(conversation: LineConversation, farewell: string): Promise<void> {
  conversation.sendLine(farewell);
  const answered = conversation.readLine().then(
    () => {},
    () => {},
  );
  await within(farewellMilliseconds, answered, () => {});
}

/**
 * The options of a check of such a protocol for another target of `/probe`.
 * @param example of a target, for a person who named something else
 * @throws InvalidTargetError when the target is none, or the check would send it a password that it may not have
 */
export function visitProbeOptions(
  check: HealthCheck & VisitingCheck,
  target: string,
  terms: ProbeTerms,
  example: string,
): ReturnType<typeof hostAndPortOptions> {
  const { port = check.port, ...options } = hostAndPortOptions(check, target, terms, example);
  if (!terms.withCredentials && check.password !== undefined) throw new InvalidTargetError(sendsPassword);
  return { ...options, port };
}
