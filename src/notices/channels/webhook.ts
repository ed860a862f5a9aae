import { createHmac } from "node:crypto";
import { z } from "zod";
import { secret } from "../../health/fields.ts";
import type { Secret } from "../../health/secret.ts";
import { headerFields, headerSecret, partsOfAddress, webAddress } from "../channel-fields.ts";
import { httpChannel, maxNotices } from "../http-channel.ts";
import type { Message, Notice } from "../notice.ts";
import { eventOf } from "../wording/event.ts";
import { fillTemplate, templateIssue } from "../wording/template.ts";

const cloudEvents = "application/cloudevents+json";

/** Headers that say what the body is and who sends it. */
const ownHeaders: ReadonlySet<string> = new Set([
  "content-type",
  "content-length",
  "transfer-encoding",
  "connection",
  "webhook-id",
  "webhook-timestamp",
  "webhook-signature",
]);

/** Any server that takes an HTTP request: by default a CloudEvent in JSON, signed as the Standard Webhooks specification says. */
export const webhook = httpChannel({
  type: "webhook",
  summary: "Any server that takes a request by HTTP: a CloudEvent in JSON, or a body of one's own.",
  fields: {
    url: webAddress().describe("Where the request is sent. It is a secret."),
    method: z.enum(["POST", "PUT"]).default("POST").describe("The method of the request."),
    headers: headerFields,
    bearer: headerSecret().optional().describe("A token that is sent as bearer authentication."),
    secret: secret(z.string())
      .refine(
        (value) => keyOf(value).length >= 16,
        "must be a text of at least 16 bytes, or whsec_ and a key of at least 16 bytes in base64",
      )
      .optional()
      .describe(
        "Signs the body with HMAC-SHA256 in the header `webhook-signature`, as Standard Webhooks has it: `whsec_` and a key in base64, or any text.",
      ),
    body: z
      .string()
      .min(1)
      .max(65_536)
      .superRefine((text, context) => {
        const issue = templateIssue(text);
        if (issue !== undefined) context.addIssue({ code: "custom", message: issue, path: [], input: text });
      })
      .optional()
      .describe("A body instead of the CloudEvent, with variables such as `{{check}}`: one request for each change."),
    contentType: z
      .string()
      .regex(/^[\w.+-]+\/[\w.+-]+(?:\s*;\s*[\w-]+=[\w-]+)*$/, "must be a media type, such as application/json")
      .default("application/json")
      .describe("The media type of `body`, which also says how values are escaped in it."),
  },
  maxNotices: ({ body }) => (body === undefined ? maxNotices : 1),
  secrets: ({ url, headers, bearer, secret: key }) => [
    ...partsOfAddress(url),
    ...Object.values(headers),
    ...[bearer, key].filter((one) => one !== undefined),
  ],
  issue: ({ headers, bearer }) => {
    const names = Object.keys(headers).map((name) => name.toLowerCase());
    const own = names.find((name) => ownHeaders.has(name));
    if (own !== undefined) return `headers must not have ${own}, which the channel itself sets`;
    return bearer !== undefined && names.includes("authorization")
      ? "give either bearer or a header Authorization"
      : undefined;
  },
  request: (options, message, { at }) => {
    const { url, method, headers, bearer, secret: key, body: template, contentType } = options;
    const body =
      template === undefined
        ? JSON.stringify(eventOf(message))
        : fillTemplate(template, message, message.notices[0] as Notice, contentType); // A message has at least one.
    return {
      method,
      url: url.reveal(),
      headers: {
        "Content-Type": template === undefined ? `${cloudEvents}; charset=utf-8` : contentType,
        ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.reveal()])),
        ...(bearer !== undefined && { Authorization: `Bearer ${bearer.reveal()}` }),
        ...signed(message, body, key, Math.floor(at / 1000)),
      },
      body,
    };
  },
});

/**
 * The headers of the Standard Webhooks specification ("Webhook Metadata", "Signature scheme"). The id stays the same when a message is
 * sent again: by it a receiver leaves out what it has had.
 */
function signed({ id }: Message, body: string, key: Secret | undefined, seconds: number): Record<string, string> {
  const headers = { "webhook-id": id, "webhook-timestamp": String(seconds) };
  if (key === undefined) return headers;
  const signature = createHmac("sha256", keyOf(key)).update(`${id}.${seconds}.${body}`).digest("base64");
  return { ...headers, "webhook-signature": `v1,${signature}` };
}

function keyOf(key: Secret): Buffer {
  const text = key.reveal();
  return text.startsWith("whsec_") ? Buffer.from(text.slice("whsec_".length), "base64") : Buffer.from(text);
}
