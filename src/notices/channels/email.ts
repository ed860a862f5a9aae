import { z } from "zod";
import { connectionUrl, oneOrMore } from "../../health/fields.ts";
import { requirePackage } from "../../health/optional-import.ts";
import { channelTlsFields, checkTls, commonChannelFields } from "../channel-fields.ts";
import type { ChannelType } from "../channel-type.ts";
import { maxNotices } from "../http-channel.ts";
import type { EmailOptions, Mail } from "../mail.ts";
import { isClosing, type Message, type Notice } from "../notice.ts";
import { colourOf, markOf } from "../wording/colours.ts";
import { escapeHtml } from "../wording/escape.ts";
import { fitting, leftText } from "../wording/fitting.ts";
import { shortened } from "../wording/shorten.ts";
import { factsOf, headlineOf, plainText, problemOf, titleOf } from "../wording/words.ts";

const address = z
  .string()
  .regex(
    /^(?:[^<>\p{C}]+\s<[^\s@<>,;]+@[^\s@<>,;]+>|[^\s@<>,;]+@[^\s@<>,;]+)$/u,
    "must be an address such as ops@shop.example, or with a name: Operations <ops@shop.example>",
  );

const fields = {
  url: connectionUrl("smtp", "smtps").describe(
    "The mail server: `smtp://USER:PASSWORD@HOST:587`, or `smtps://` for TLS from the first byte. A user name and a password in it are never shown.",
  ),
  from: address.describe("Whom the mail is from."),
  to: oneOrMore(address).describe("Whom it is sent to: an address, or a list."),
  startTls: z
    .enum(["required", "optional"])
    .default("required")
    .describe("Whether `smtp://` may go on without TLS when the server does not offer it."),
  ...commonChannelFields,
  ...channelTlsFields,
};

/** A mail server, by nodemailer. */
export const email: ChannelType<EmailOptions> & {
  readonly schema: z.ZodType<EmailOptions, z.input<z.ZodObject<typeof fields>>>;
} = {
  type: "email",
  summary: "A mail server, by SMTP. It needs the package `nodemailer`.",
  schema: z.strictObject(fields).superRefine(checkTls),
  maxNotices,
  closes: false,
  secrets: () => [],
  prepare: () => requirePackage("The channel type email", "nodemailer"),
  send: async (options, message, _attempt, signal) => {
    const { sendMail } = await import("../delivery/send-mail.ts");
    return sendMail(mailOf(options, message), options, signal);
  },
};

const limits = { subject: 200, characters: 100_000 };

/** A message as a mail, in plain text and HTML. */
export function mailOf({ from, to }: Pick<EmailOptions, "from" | "to">, message: Message): Mail {
  const { parts, left } = fitting(message.notices, {
    write: (notice) => ({ text: plainText(notice), html: htmlOf(notice) }),
    size: (part) => part.text.length + part.html.length,
    maxSize: limits.characters,
  });
  const headline = headlineOf(message);
  const rest = leftText(left);
  const [first, ...others] = message.notices;
  const mark = first !== undefined && others.length === 0 ? `${markOf(first)} ` : "";
  const domain = /@([\w.-]+)>?$/.exec(from)?.[1] ?? "healthspan.invalid";
  const thread = first !== undefined && others.length === 0 ? [`<${threadOf(first)}@${domain}>`] : [];
  const text = [headline, ...parts.map((part) => part.text), rest].filter((part) => part !== "").join("\n\n");
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(headline)}</title></head>
<body style="font-family:system-ui,sans-serif;line-height:1.5">
<p><strong>${escapeHtml(headline)}</strong></p>
${parts.map((part) => part.html).join("\n")}
${rest === "" ? "" : `<p>${rest}</p>`}
</body></html>
`;
  return {
    from,
    to,
    subject: shortened(`${mark}${headline}`, limits.subject),
    text: `${text}\n`,
    html,
    messageId: `<${message.id}@${domain}>`,
    references: thread,
    headers: {
      // RFC 3834, section 5: nobody's holiday notice answers it.
      "Auto-Submitted": "auto-generated",
      ...(message.notices.some((notice) => !isClosing(notice) && notice.state === "unhealthy") && {
        Importance: "high",
      }),
    },
  };
}

/** The same for all mails on one outage. */
function threadOf({ key, since }: Notice): string {
  return `${Buffer.from(key).toString("hex").slice(-64)}.${Math.round(since)}`;
}

function htmlOf(notice: Notice): string {
  const { page, trace } = notice;
  const problem = problemOf(notice);
  const links = [
    ...(page === undefined ? [] : [`<a href="${escapeHtml(page)}">Page</a>`]),
    ...(trace === undefined ? [] : [`<a href="${escapeHtml(trace)}">Trace</a>`]),
  ];
  return `<div style="border-left:4px solid ${colourOf(notice)};padding:0 0 0 12px;margin:0 0 16px">
<p><strong>${escapeHtml(`${markOf(notice)} ${titleOf(notice)}`)}</strong>${problem === "" ? "" : `<br>${escapeHtml(problem)}`}</p>
<p>${factsOf(notice)
    .map(({ name, value }) => `${name}: ${escapeHtml(value)}`)
    .join("<br>")}</p>
${links.length === 0 ? "" : `<p>${links.join(" · ")}</p>\n`}</div>`;
}
