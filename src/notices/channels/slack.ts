import { z } from "zod";
import { partsOfAddress, webAddress } from "../channel-fields.ts";
import { httpChannel, jsonRequest } from "../http-channel.ts";
import type { Notice } from "../notice.ts";
import { colourOf } from "../wording/colours.ts";
import { escapeMarkdown, escapeSlack } from "../wording/escape.ts";
import { fitting, leftText } from "../wording/fitting.ts";
import { shortened } from "../wording/shorten.ts";
import { factsOf, headlineOf, problemOf, titleOf } from "../wording/words.ts";

/** Slack advises against more attachments than 20; a text of a section has at most 3,000 characters. */
const limits = { attachments: 20, text: 3000, message: 30_000 };

/** An incoming webhook of Slack, Mattermost or Rocket.Chat: the parts of a message that all three know. */
export const slack = httpChannel({
  type: "slack",
  summary: "An incoming webhook of Slack, Mattermost or Rocket.Chat.",
  fields: {
    url: webAddress().describe("The address of the incoming webhook. It is a secret."),
    dialect: z
      .enum(["slack", "markdown"])
      .default("slack")
      .describe("How texts are escaped: `markdown` for Mattermost and Rocket.Chat."),
    channel: z
      .string()
      .min(1)
      .max(80)
      .optional()
      .describe("A channel other than that of the webhook, where the server allows it."),
  },
  secrets: ({ url }) => partsOfAddress(url),
  request: ({ url, dialect, channel }, message) => {
    const escaped = dialect === "slack" ? escapeSlack : escapeMarkdown;
    const { parts, left } = fitting(message.notices, {
      write: (notice) => attachmentOf(notice, escaped, dialect),
      size: (part) => JSON.stringify(part).length,
      maxPartSize: limits.text,
      maxSize: limits.message,
      maxParts: limits.attachments,
    });
    const text = [headlineOf(message), leftText(left)].filter((line) => line !== "").join(" ");
    return jsonRequest(url.reveal(), {
      text: escaped(shortened(text, limits.text / 6)),
      ...(channel !== undefined && { channel }),
      mrkdwn: false,
      unfurl_links: false,
      unfurl_media: false,
      attachments: parts,
    });
  },
});

function attachmentOf(notice: Notice, escaped: (text: string) => string, dialect: "slack" | "markdown") {
  const { page, trace } = notice;
  const title = escaped(titleOf(notice));
  const traceLink = dialect === "slack" ? `<${trace}|Trace>` : `[Trace](${trace})`;
  return {
    color: colourOf(notice),
    fallback: title,
    title,
    ...(page !== undefined && { title_link: page }),
    text: escaped(problemOf(notice)),
    fields: [
      ...factsOf(notice).map(({ name, value }) => ({ title: name, value: escaped(value), short: true })),
      ...(trace === undefined ? [] : [{ title: "Trace", value: traceLink, short: true }]),
    ],
    // Nothing in it is formatted: a message of a server may have * or _ in it.
    mrkdwn_in: [],
    ts: Math.floor(notice.at / 1000),
  };
}
