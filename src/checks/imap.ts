import { z } from "zod";
import { imap, visitImap } from "../clients/mail/imap.ts";
import { healthCheck } from "../health/health-check.ts";
import type { ProbeTerms } from "../health/probe-terms.ts";
import type { Target } from "../health/target.ts";
import { hostField, networkFields, portField } from "../net/network-fields.ts";
import { ServerVisits, visitProbeOptions } from "../net/starttls/server-visits.ts";
import { lineLoginFields, lineLoginIssue, startTlsFields } from "../net/starttls/start-tls-fields.ts";
import { certificateMeasures } from "../net/tls-options.ts";

/**
 * Asks an IMAP server what it can do, turns to TLS, logs in if told as whom, and opens a folder.
 *
 * The folder is opened to be read alone (`EXAMINE`): no message is read, and none loses a mark. The user needs a mailbox, and
 * on a folder of someone else the rights `l` and `r`.
 *
 * ```yaml
 * checks:
 *   mailboxes: { type: imap, host: mail.shop.example, tls: true, minCertificateDays: 14 }
 *   orders: { type: imap, host: mail.shop.example, username: orders, password: "${IMAP_PASSWORD}", folder: INBOX }
 * ```
 */
export class Imap extends healthCheck({
  group: "mail",
  labels: {
    host: hostField,
    port: portField.optional().describe("The port to connect to. Default: 143, with tls: true 993."),
    folder: z
      .string()
      .regex(/^[\x20-\x7e]+$/, "must be a name in ASCII, as the server writes it (modified UTF-7)")
      .default("INBOX")
      .describe("The folder that is opened after the login."),
  },
  settings: { ...lineLoginFields, ...startTlsFields, ...networkFields },
  measures: {
    ...certificateMeasures,
    messages: { unit: "{messages}", description: "The messages in the folder, when the check logs in." },
  },
  validate: (values) => {
    if (values.folder !== "INBOX" && values.username === undefined) return "folder needs username and password";
    return lineLoginIssue(values);
  },
}) {
  static readonly module = import.meta.url;
  readonly #visits = new ServerVisits(this, imap);

  async run(signal: AbortSignal): Promise<void> {
    await this.#visits.visit(signal, async (conversation, protection) => {
      const messages = await visitImap(conversation, protection, this);
      if (messages !== undefined) this.measure("messages", messages);
    });
  }

  /** A target is `host:port`, or `host` with the port of the check itself. */
  override retarget(target: string, terms: ProbeTerms): Imap {
    const Same = this.constructor as typeof Imap; // Or a class that extends it.
    const check = new Same(visitProbeOptions(this, target, terms, "mail.shop.example:143"));
    check.#visits.probe = terms;
    return check;
  }

  override get target(): Target {
    return this.#visits.target;
  }
}
