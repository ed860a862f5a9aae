import { pop3, visitPop3 } from "../clients/mail/pop3.ts";
import { healthCheck } from "../health/health-check.ts";
import type { ProbeTerms } from "../health/probe-terms.ts";
import type { Target } from "../health/target.ts";
import { hostField, networkFields, portField } from "../net/network-fields.ts";
import { ServerVisits, visitProbeOptions } from "../net/starttls/server-visits.ts";
import { lineLoginFields, lineLoginIssue, startTlsFields } from "../net/starttls/start-tls-fields.ts";
import { certificateMeasures } from "../net/tls-options.ts";

/**
 * Asks a POP3 server what it can do, turns to TLS, and logs in if told as whom. No message is read or deleted.
 *
 * While the check is logged in, many servers let nobody else open the mailbox: give it one of its own.
 *
 * ```yaml
 * checks:
 *   mailboxes: { type: pop3, host: mail.shop.example, tls: true, minCertificateDays: 14 }
 *   orders: { type: pop3, host: mail.shop.example, username: probe, password: "${POP3_PASSWORD}" }
 * ```
 */
export class Pop3 extends healthCheck({
  group: "mail",
  labels: {
    host: hostField,
    port: portField.optional().describe("The port to connect to. Default: 110, with tls: true 995."),
  },
  settings: { ...lineLoginFields, ...startTlsFields, ...networkFields },
  measures: {
    ...certificateMeasures,
    messages: { unit: "{messages}", description: "The messages in the mailbox, when the check logs in." },
  },
  validate: lineLoginIssue,
}) {
  static readonly module = import.meta.url;
  readonly #visits = new ServerVisits(this, pop3);

  async run(signal: AbortSignal): Promise<void> {
    await this.#visits.visit(signal, async (conversation, protection) => {
      const messages = await visitPop3(conversation, protection, this);
      if (messages !== undefined) this.measure("messages", messages);
    });
  }

  /** A target is `host:port`, or `host` with the port of the check itself. */
  override retarget(target: string, terms: ProbeTerms): Pop3 {
    const Same = this.constructor as typeof Pop3; // Or a class that extends it.
    const check = new Same(visitProbeOptions(this, target, terms, "mail.shop.example:110"));
    check.#visits.probe = terms;
    return check;
  }

  override get target(): Target {
    return this.#visits.target;
  }
}
