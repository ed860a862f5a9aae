import { z } from "zod";
import { partsOfAddress, webAddress } from "../channel-fields.ts";
import { httpChannel, jsonRequest } from "../http-channel.ts";
import type { Notice } from "../notice.ts";
import { colourOf } from "../wording/colours.ts";
import { escapeMarkdown } from "../wording/escape.ts";
import { fitting, leftText } from "../wording/fitting.ts";
import { shortened } from "../wording/shorten.ts";
import { factsOf, headlineOf, problemOf, titleOf } from "../wording/words.ts";

/** Of Discord's documentation ("Embed limits", "Execute webhook"). */
const limits = { content: 2000, embeds: 10, title: 256, description: 4096, field: 1024, all: 6000 };

/** A webhook of a Discord channel. */
export const discord = httpChannel({
  type: "discord",
  summary: "A webhook of a channel of Discord.",
  fields: {
    url: webAddress().describe("The address of the webhook. It is a secret."),
    username: z
      .string()
      .min(1)
      .max(80)
      .refine((name) => !/clyde|discord/i.test(name), "must not have clyde or discord in it: Discord refuses that")
      .default("Healthspan")
      .describe("Whom the message is from."),
  },
  secrets: ({ url }) => partsOfAddress(url),
  request: ({ url, username }, message) => {
    const { parts, left } = fitting(message.notices, {
      write: embedOf,
      size: sizeOf,
      maxSize: limits.all,
      maxPartSize: limits.description,
      maxParts: limits.embeds,
    });
    const content = [headlineOf(message), leftText(left)].filter((line) => line !== "").join(" ");
    const address = new URL(url.reveal());
    address.searchParams.set("wait", "true"); // Only then does Discord say whether it has taken the message.
    return jsonRequest(address.href, {
      username,
      content: shortened(escapeMarkdown(content), limits.content),
      embeds: parts,
      allowed_mentions: { parse: [] },
    });
  },
});

function embedOf(notice: Notice) {
  const { page, trace } = notice;
  return {
    title: shortened(escapeMarkdown(titleOf(notice)), limits.title),
    ...(page !== undefined && { url: page }),
    description: escapeMarkdown(problemOf(notice)),
    color: Number.parseInt(colourOf(notice).slice(1), 16),
    fields: [
      ...factsOf(notice).map(({ name, value }) => ({
        name,
        value: shortened(escapeMarkdown(value), limits.field),
        inline: true,
      })),
      ...(trace === undefined || trace.length > limits.field / 2
        ? []
        : [{ name: "Trace", value: `[Open](${trace})`, inline: true }]),
    ],
    timestamp: new Date(notice.at).toISOString(),
  };
}

/** What Discord counts: all texts that are shown. */
function sizeOf({ title, description, fields }: ReturnType<typeof embedOf>): number {
  return fields.reduce((sum, { name, value }) => sum + name.length + value.length, title.length + description.length);
}
