import { z } from "zod";
import { transporterFailure } from "../clients/mail/transporter-failure.ts";
import { ServiceUnavailable } from "../health/errors.ts";
import { healthCheck } from "../health/health-check.ts";
import type { Target } from "../health/target.ts";
import { unlessAborted } from "../health/time/unless-aborted.ts";

/** What is used of a transporter of nodemailer. */
export interface MailTransporter {
  /** Connects and logs in, and rejects when it cannot. */
  verify(): Promise<unknown>;
  readonly options?: unknown;
}

/**
 * Lets a transporter of nodemailer connect and log in, as the program does that sends mail with it. No mail is sent.
 *
 * It is for a configuration in code. nodemailer waits two minutes for a connection unless the transporter has a
 * `connectionTimeout` and a `greetingTimeout`; while it still waits for one, the next run waits with it and opens no other.
 *
 * ```ts
 * const transporter = createTransport({ host: "mail.shop.example", port: 587, connectionTimeout: 4000, greetingTimeout: 4000 });
 * export default defineConfig({ checks: { mail: new Mail({ transporter }) } });
 * ```
 */
export class Mail extends healthCheck({
  group: "code",
  settings: {
    transporter: z
      .custom<MailTransporter>(isTransporter, "must be a transporter of nodemailer, in a configuration in code")
      .meta({ title: "transporter" })
      .describe("What the program sends mail with, by nodemailer's createTransport()."),
  },
}) {
  static readonly module = import.meta.url;
  static readonly mainThreadOnly = "that is where the program has its transporter";
  #verification: Promise<unknown> | undefined;

  async run(signal: AbortSignal): Promise<void> {
    // It cannot be told to stop: another one beside it would be another connection.
    this.#verification ??= this.#verify();
    const verified = await unlessAborted(signal, this.#verification);
    if (verified === false) throw new ServiceUnavailable("the transporter cannot send mail");
  }

  override get target(): Target {
    const { host, port } = (this.transporter.options ?? {}) as { readonly host?: unknown; readonly port?: unknown };
    return {
      ...(typeof host === "string" && { address: host }),
      ...(typeof port === "number" && { port }),
    };
  }

  async #verify(): Promise<unknown> {
    try {
      return await this.transporter.verify();
    } catch (error) {
      throw transporterFailure(error);
    } finally {
      this.#verification = undefined;
    }
  }
}

function isTransporter(value: unknown): boolean {
  return typeof value === "object" && value !== null && "verify" in value && typeof value.verify === "function";
}
