import { z } from "zod";
import { smtp, visitSmtp } from "../clients/mail/smtp.ts";
import { healthCheck } from "../health/health-check.ts";
import type { ProbeTerms } from "../health/probe-terms.ts";
import type { Target } from "../health/target.ts";
import { hostField, networkFields, portField } from "../net/network-fields.ts";
import { ServerVisits, visitProbeOptions } from "../net/starttls/server-visits.ts";
import { lineLoginFields, lineLoginIssue, startTlsFields } from "../net/starttls/start-tls-fields.ts";
import { certificateMeasures } from "../net/tls-options.ts";

/**
 * Asks a mail server what it can do, turns to TLS, and logs in if told as whom. No mail is sent.
 *
 * The user needs no right but to log in.
 *
 * ```yaml
 * checks:
 *   incoming: { type: smtp, host: mx.shop.example, tls: starttls, minCertificateDays: 14 }
 *   outgoing: { type: smtp, host: mail.shop.example, port: 587, username: shop, password: "${SMTP_PASSWORD}" }
 * ```
 */
export class Smtp extends healthCheck({
  group: "mail",
  labels: {
    host: hostField,
    port: portField
      .optional()
      .describe("The port to connect to: 587 is where users log in. Default: 25, with tls: true 465."),
  },
  settings: {
    ...lineLoginFields,
    ...startTlsFields,
    clientName: z
      .string()
      .regex(/^[\w.:[\]-]+$/, "must be a host name, or an address in brackets")
      .default("[127.0.0.1]")
      .describe("What the check calls itself: the full name of its host, or an address in brackets."),
    ...networkFields,
  },
  measures: certificateMeasures,
  validate: lineLoginIssue,
}) {
  static readonly module = import.meta.url;
  readonly #visits = new ServerVisits(this, smtp);

  async run(signal: AbortSignal): Promise<void> {
    await this.#visits.visit(signal, (conversation, protection) => visitSmtp(conversation, protection, this));
  }

  /** A target is `host:port`, or `host` with the port of the check itself. */
  override retarget(target: string, terms: ProbeTerms): Smtp {
    const Same = this.constructor as typeof Smtp; // Or a class that extends it.
    const check = new Same(visitProbeOptions(this, target, terms, "mail.shop.example:25"));
    check.#visits.probe = terms;
    return check;
  }

  override get target(): Target {
    return this.#visits.target;
  }
}
