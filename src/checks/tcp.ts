import { isIP } from "node:net";
import { type ConnectionOptions, createSecureContext, type SecureContext } from "node:tls";
import { z } from "zod";
import { ServiceReturnedUnexpectedResult } from "../health/errors.ts";
import { secret } from "../health/fields.ts";
import { healthCheck } from "../health/health-check.ts";
import type { ProbeTerms } from "../health/probe-terms.ts";
import type { Target } from "../health/target.ts";
import { answerFields, expectsAnswer, GrowingAnswer } from "../net/answer-expectations.ts";
import { hostField, networkFields, portField, warnOfSlowness } from "../net/network-fields.ts";
import { serverNameOf } from "../net/open-socket.ts";
import { PhaseClock } from "../net/phase-clock.ts";
import { hostProbeOptions, InvalidTargetError } from "../net/probing/retarget.ts";
import { exchangeTcp } from "../net/tcp-exchange.ts";
import {
  certificateMeasures,
  daysUntil,
  earliestEnd,
  tlsFields,
  tlsIssue,
  tlsOptions,
  warnOfExpiry,
} from "../net/tls-options.ts";

const sendsSecret =
  "The check sends a text, which may be a credential, and probe.sendCredentials does not let it go to other targets.";

const tlsHint = "must be true, false or a host name";
const serverName = z.string().refine((name) => /^[^\s:/]+$/.test(name) && isIP(name) === 0, tlsHint);

/**
 * Opens a TCP connection, with or without TLS, and may send something and look at the answer.
 *
 * ```yaml
 * checks:
 *   smtp: { type: tcp, host: mail.shop.example, port: 25, answerContains: "220 " }
 *   ldaps: { type: tcp, host: ldap.shop.example, port: 636, tls: true, minCertificateDays: 14 }
 * ```
 */
export class Tcp extends healthCheck({
  group: "network",
  labels: {
    host: hostField,
    port: portField,
  },
  settings: {
    tls: z
      .union([z.boolean(), serverName], tlsHint)
      .default(false)
      .describe("Whether to speak TLS; a name is the one that the server's certificate must have, instead of host."),
    ...tlsFields,
    send: secret().optional().describe("A text to send once connected, such as PING\\r\\n."),
    ...answerFields,
    ...networkFields,
  },
  measures: certificateMeasures,
  validate: (values) => {
    const needy = (["ca", "clientCertificate", "clientKey", "minCertificateDays"] as const).find(
      (name) => values[name] !== undefined,
    );
    if (needy !== undefined && values.tls === false) return `${needy} needs tls: true`;
    return tlsIssue(values);
  },
}) {
  static readonly module = import.meta.url;
  #secureContext: SecureContext | undefined;
  #probe: Partial<ProbeTerms> = {};

  async run(signal: AbortSignal): Promise<void> {
    const { host, port, family } = this;
    const startedAt = performance.now();
    const { gate, observe } = this.#probe;
    observe?.({ kind: "protocol", protocol: "tcp" });
    const expected = new GrowingAnswer(this);
    const { answer, ended, certificate } = await exchangeTcp({
      address: { host, port },
      family,
      gate,
      tls: this.#tlsOptions(),
      send: this.send?.reveal(),
      isComplete: expectsAnswer(this) ? (text) => expected.isDecided(text) : undefined,
      // A little before the time-out, so that the result can say that there was an answer, if not the right one.
      patience: 0.9 * this.timeout.milliseconds,
      clock: new PhaseClock(observe),
      signal,
    });
    const milliseconds = performance.now() - startedAt;
    const end = earliestEnd([certificate], this);
    this.certificateExpiresAt = end?.at ?? this.certificateExpiresAt;
    if (end !== undefined) this.measure("certificateDays", daysUntil(end.at));

    const issue = expected.issue(answer);
    if (issue !== undefined) {
      const message = ended ? `the connection was closed, and ${issue}` : issue;
      throw new ServiceReturnedUnexpectedResult(message, { reason: "assertion" });
    }
    warnOfExpiry(end, this);
    warnOfSlowness(milliseconds, this);
  }

  /** A target is `host:port`, or `host` with the port of the check itself. */
  override retarget(target: string, terms: ProbeTerms): Tcp {
    const options = hostProbeOptions(this, target, terms, "mail:25");
    if (!terms.withCredentials && this.send !== undefined) throw new InvalidTargetError(sendsSecret);
    const Same = this.constructor as typeof Tcp; // Or a class that extends it.
    const check = new Same(options);
    check.#probe = terms;
    return check;
  }

  override get target(): Target {
    return { address: this.host, port: this.port };
  }

  #tlsOptions(): ConnectionOptions | undefined {
    if (this.tls === false) return undefined;
    const { rejectUnauthorized, ...context } = tlsOptions(this);
    this.#secureContext ??= createSecureContext(context);
    const servername = serverNameOf(this.tls === true ? this.host : this.tls);
    return {
      rejectUnauthorized,
      secureContext: this.#secureContext,
      ...(servername !== undefined && { servername }),
    };
  }
}
