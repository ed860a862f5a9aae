import { isIP } from "node:net";
import { type ConnectionOptions, createSecureContext, type SecureContext } from "node:tls";
import { z } from "zod";
import { ServiceReturnedUnexpectedResult, ServiceWarning } from "../health/errors.ts";
import { duration, secret } from "../health/fields.ts";
import { healthCheck } from "../health/health-check.ts";
import type { ConnectionGate, ProbeTerms } from "../health/probe-terms.ts";
import type { Target } from "../health/target.ts";
import { matchesWithin } from "../net/matches-within.ts";
import { serverNameOf } from "../net/open-socket.ts";
import { PhaseClock } from "../net/phase-clock.ts";
import { InvalidTargetError, parseHostAndPort, probeOptions } from "../net/probing/retarget.ts";
import { regularExpression } from "../net/regular-expression.ts";
import { exchangeTcp } from "../net/tcp-exchange.ts";
import { earliestExpiry, tlsFields, tlsMistake, tlsOptions, warnOfExpiry } from "../net/tls-options.ts";

/** A search for a regular expression that takes longer is given up. */
const longestMatchMilliseconds = 100;

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
  labels: {
    host: z.string().min(1).describe("The name or address to connect to."),
    port: z.number().int().min(1).max(65_535).describe("The port to connect to."),
  },
  settings: {
    tls: z
      .union([z.boolean(), serverName], tlsHint)
      .default(false)
      .describe("Whether to speak TLS; a name is the one that the server's certificate must have, instead of host."),
    ...tlsFields,
    send: secret().optional().describe("A text to send once connected, such as PING\\r\\n."),
    answerContains: z.string().min(1).optional().describe("A text that the server must send."),
    answerMatches: regularExpression()
      .optional()
      .describe(
        "A regular expression, in JavaScript's notation with the flag u, that must match what the server sends.",
      ),
    maxResponseTime: duration().optional().describe("Warns when it all takes longer."),
    family: z
      .literal([4, 6])
      .optional()
      .describe("4: only over IPv4. 6: only over IPv6. Default: over the one that connects first."),
  },
  validate: (values) => {
    const needy = (["ca", "clientCertificate", "clientKey", "minCertificateDays"] as const).find(
      (name) => values[name] !== undefined,
    );
    if (needy !== undefined && values.tls === false) return `${needy} needs tls: true`;
    return tlsMistake(values);
  },
}) {
  static readonly module = import.meta.url;
  #secureContext: SecureContext | undefined;
  #gate: ConnectionGate | undefined;

  async run(signal: AbortSignal): Promise<void> {
    const { host, port, family, maxResponseTime } = this;
    const startedAt = performance.now();
    const { answer, ended, certificate } = await exchangeTcp({
      address: { host, port },
      family,
      gate: this.#gate,
      tls: this.#tlsOptions(),
      send: this.send?.reveal(),
      isComplete: this.#expectsAnswer ? (text) => this.#mistake(text) === undefined : undefined,
      // A little before the time-out, so that it can be told that there was an answer, if not the right one.
      patience: 0.9 * this.timeout.milliseconds,
      clock: new PhaseClock(),
      signal,
    });
    const milliseconds = performance.now() - startedAt;
    this.certificateExpiresAt = earliestExpiry([certificate]) ?? this.certificateExpiresAt;

    const mistake = this.#expectsAnswer ? this.#mistake(answer) : undefined;
    if (mistake !== undefined) {
      const message = ended ? `the connection was closed, and ${mistake}` : mistake;
      throw new ServiceReturnedUnexpectedResult(message, { reason: "assertion" });
    }
    warnOfExpiry(certificate, this);
    if (maxResponseTime !== undefined && milliseconds > maxResponseTime.milliseconds) {
      throw new ServiceWarning(`took ${milliseconds.toFixed(0)} ms, expected at most ${maxResponseTime}`);
    }
  }

  /** A target is a host and perhaps a port; without one, it is that of the check. */
  override retarget(target: string, terms: ProbeTerms): Tcp {
    const place = parseHostAndPort(target);
    if (place === undefined) throw new InvalidTargetError("The target must be a host and a port, such as mail:25.");
    terms.gate.enter(place.host);
    const options = probeOptions(this, terms);
    const { clientCertificate: _certificate, clientKey: _key, ...harmless } = options;
    if (!terms.withCredentials && this.send !== undefined) throw new InvalidTargetError(sendsSecret);
    const { host, port = this.port } = place;
    const Same = this.constructor as typeof Tcp; // Or a class that extends it.
    const check = new Same({ ...(terms.withCredentials ? options : harmless), host, port });
    check.#gate = terms.gate;
    return check;
  }

  override get target(): Target {
    return { address: this.host, port: this.port };
  }

  get #expectsAnswer(): boolean {
    return this.answerContains !== undefined || this.answerMatches !== undefined;
  }

  /** What is wrong with an answer. Nothing of it is repeated, it may be anything. */
  #mistake(answer: string): string | undefined {
    const { answerContains, answerMatches } = this;
    const what = `the answer (${answer.length} characters)`;
    if (answerContains !== undefined && !answer.includes(answerContains)) {
      return `${what} does not contain ${JSON.stringify(answerContains)}`;
    }
    if (answerMatches === undefined) return undefined;
    const matches = matchesWithin(longestMatchMilliseconds, answerMatches, answer);
    if (matches === undefined) return `the search for ${answerMatches} took longer than allowed`;
    return matches ? undefined : `${what} does not match ${answerMatches}`;
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
