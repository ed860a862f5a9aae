import { z } from "zod";
import { anonymous, ftp, visitFtp } from "../clients/ftp/ftp.ts";
import { healthCheck } from "../health/health-check.ts";
import type { ProbeTerms } from "../health/probe-terms.ts";
import type { Target } from "../health/target.ts";
import { hostField, networkFields, portField } from "../net/network-fields.ts";
import { ServerVisits, visitProbeOptions } from "../net/starttls/server-visits.ts";
import { lineLoginFields, startTlsFields, startTlsIssue } from "../net/starttls/start-tls-fields.ts";
import { certificateMeasures } from "../net/tls-options.ts";

/**
 * Logs in to an FTP server, and enters a folder. No file is listed, read or written.
 *
 * The user needs no right but to log in, and to enter the folder.
 *
 * ```yaml
 * checks:
 *   mirror: { type: ftp, host: ftp.shop.example, folder: /pub }
 *   orders: { type: ftp, host: ftp.shop.example, tls: starttls, username: shop, password: "${FTP_PASSWORD}" }
 * ```
 */
export class Ftp extends healthCheck({
  group: "storage",
  labels: {
    host: hostField,
    port: portField.optional().describe("The port to connect to. Default: 21, with tls: true 990."),
    folder: z
      .string()
      .regex(/^[^\r\n\0]+$/, "must be a path in one line")
      .optional()
      .describe("The folder that is entered after the login. Default: that in which the user arrives."),
  },
  settings: {
    username: lineLoginFields.username.default(anonymous),
    password: lineLoginFields.password.describe("The password to log in with. The user anonymous needs none."),
    ...startTlsFields,
    ...networkFields,
  },
  measures: certificateMeasures,
  validate: startTlsIssue,
}) {
  static readonly module = import.meta.url;
  readonly #visits = new ServerVisits(this, ftp);

  async run(signal: AbortSignal): Promise<void> {
    await this.#visits.visit(signal, (conversation, protection) => visitFtp(conversation, protection, this));
  }

  /** A target is `host:port`, or `host` with the port of the check itself. */
  override retarget(target: string, terms: ProbeTerms): Ftp {
    const Same = this.constructor as typeof Ftp; // Or a class that extends it.
    const check = new Same(visitProbeOptions(this, target, terms, "ftp.shop.example:21"));
    check.#visits.probe = terms;
    return check;
  }

  override get target(): Target {
    return this.#visits.target;
  }
}
