import { z } from "zod";
import { addressBelow, headerSecret, partsOfAddress, serverAddress } from "../channel-fields.ts";
import { httpChannel, jsonRequest } from "../http-channel.ts";
import type { Notice } from "../notice.ts";
import { markOf } from "../wording/colours.ts";
import { escapeHtml } from "../wording/escape.ts";
import { fitting, leftText } from "../wording/fitting.ts";
import { factsOf, headlineOf, problemOf, titleOf } from "../wording/words.ts";

/** For the text of a message; counted here with the mark-up, which Telegram does not count. */
const maxCharacters = 4096;

/** What is left of it beside the headline and the end. */
const room = maxCharacters - 600;

/** A bot of Telegram. */
export const telegram = httpChannel({
  type: "telegram",
  summary: "A chat, group or channel of Telegram, by a bot.",
  fields: {
    token: headerSecret()
      .refine((value) => /^\d+:[\w-]+$/.test(value.reveal()), "must be the token of a bot: digits, a colon and letters")
      .describe("The token that @BotFather gave."),
    chatId: z
      .union([
        z.int(),
        z.string().regex(/^(?:-?\d+|@\w{3,})$/, "must be the number of a chat, or @ and the name of a channel"),
      ])
      .describe("The chat: its number, or `@` and the name of a public channel."),
    threadId: z.int().min(1).optional().describe("The topic of a group with topics."),
    url: serverAddress().prefault("https://api.telegram.org").describe("The address of the Bot API's server."),
  },
  secrets: ({ token, url }) => [token, ...partsOfAddress(url)],
  request: ({ token, chatId, threadId, url }, message) => {
    const { parts, left } = fitting(message.notices, {
      write: textOf,
      size: (part) => part.length + 2,
      maxSize: room,
    });
    const headline = message.notices.length === 1 ? [] : [`<b>${escapeHtml(headlineOf(message))}</b>`];
    const text = [...headline, ...parts, leftText(left)].filter((part) => part !== "").join("\n\n");
    return jsonRequest(addressBelow(url, `/bot${token.reveal()}/sendMessage`), {
      chat_id: chatId,
      ...(threadId !== undefined && { message_thread_id: threadId }),
      text,
      parse_mode: "HTML",
      link_preview_options: { is_disabled: true },
    });
  },
});

function textOf(notice: Notice): string {
  const { page, trace } = notice;
  const problem = problemOf(notice);
  const links = [link("Page", page), link("Trace", trace)].filter((one) => one !== "");
  return [
    `${markOf(notice)} <b>${escapeHtml(titleOf(notice))}</b>`,
    ...(problem === "" ? [] : [escapeHtml(problem)]),
    ...factsOf(notice).map(({ name, value }) => `${name}: ${escapeHtml(value)}`),
    ...(links.length === 0 ? [] : [links.join(" · ")]),
  ].join("\n");
}

function link(name: string, address: string | undefined): string {
  return address === undefined ? "" : `<a href="${escapeHtml(address)}">${name}</a>`;
}
