import { createTransport } from "nodemailer";
import { transporterFailure } from "../../clients/mail/transporter-failure.ts";
import { describe, failureOf } from "../../health/failure.ts";
import { tlsOptions } from "../../net/tls-options.ts";
import { urlCredentials } from "../../net/url-credentials.ts";
import type { Delivery } from "../channel-type.ts";
import type { EmailOptions, Mail } from "../mail.ts";

/** What is read of an error of nodemailer. */
interface MailError {
  readonly code?: unknown;
  readonly responseCode?: unknown;
  readonly response?: unknown;
  readonly command?: unknown;
}

/** Sends a mail over a connection of its own. Never throws; the words may repeat what the server answered. */
export async function sendMail(mail: Mail, options: EmailOptions, signal: AbortSignal): Promise<Delivery> {
  const { url, timeout, startTls } = options;
  const { username, password } = urlCredentials(url);
  const secure = url.protocol === "smtps:";
  const { milliseconds } = timeout;
  const transport = createTransport({
    host: url.hostname,
    port: url.port ?? (secure ? 465 : 587),
    secure,
    requireTLS: !secure && startTls === "required",
    ...(username !== undefined && { auth: { user: username, pass: password?.reveal() ?? "" } }),
    tls: tlsOptions(options),
    connectionTimeout: milliseconds,
    greetingTimeout: milliseconds,
    socketTimeout: milliseconds,
    dnsTimeout: milliseconds,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const { promise: aborted, resolve } = Promise.withResolvers<Delivery>();
  const abort = (): void => resolve({ outcome: "again", words: "it was not waited for the answer" });
  signal.addEventListener("abort", abort, { once: true });
  const sending = transport
    .sendMail({ ...mail, to: [...mail.to], references: [...mail.references] })
    .then(
      ({ response }: { readonly response?: unknown }): Delivery => ({ outcome: "sent", words: textOf(response) }),
      deliveryOf,
    );
  try {
    return await Promise.race([sending, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
    transport.close();
  }
}

/** With these a server says that this mail is wrong (RFC 5321, section 4.2.3): no such address, too big, a syntax error. */
const refusals: ReadonlySet<number> = new Set([550, 551, 552, 553, 501, 555]);

function deliveryOf(error: unknown): Delivery {
  const { code, responseCode, response } = error as MailError; // Each field is looked at.
  if (typeof responseCode === "number" && responseCode > 0) {
    const words = textOf(response) || `code ${responseCode}`;
    const isRefused = code !== "EAUTH" && refusals.has(responseCode);
    return { outcome: isRefused ? "refused" : "again", words };
  }
  // In words for what nodemailer has a code for.
  const failure = failureOf(transporterFailure(error), (text) => text);
  if (failure.expected) return { outcome: "again", words: describe(failure) };
  return { outcome: "again", words: error instanceof Error ? error.message : "it failed" };
}

function textOf(response: unknown): string {
  return typeof response === "string" ? response : "";
}
