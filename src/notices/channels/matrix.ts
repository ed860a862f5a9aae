import { z } from "zod";
import { addressBelow, headerSecret, partsOfAddress, serverAddress } from "../channel-fields.ts";
import { httpChannel, jsonRequest } from "../http-channel.ts";
import type { Notice } from "../notice.ts";
import { markOf } from "../wording/colours.ts";
import { escapeHtml } from "../wording/escape.ts";
import { fitting, leftText } from "../wording/fitting.ts";
import { factsOf, headlineOf, plainText, problemOf, titleOf } from "../wording/words.ts";

/** An event has at most 65,536 bytes, of which the server needs some itself. */
const maxBytes = 40_000;

/** A room of Matrix. The id of the message is that of the transaction: sent twice, it is shown once. */
export const matrix = httpChannel({
  type: "matrix",
  summary: "A room of Matrix.",
  fields: {
    url: serverAddress().describe("The address of the homeserver, such as `https://matrix.example`."),
    token: headerSecret().describe("The access token of the user who writes into the room."),
    room: z
      .string()
      .regex(/^![^\s\p{C}]{1,254}$/u, "must be the id of a room, which begins with !, not an alias")
      .describe("The id of the room, such as `!abc:matrix.example`; the user must have joined it."),
  },
  secrets: ({ url, token }) => [token, ...partsOfAddress(url)],
  request: ({ url, token, room }, message) => {
    const { parts, left } = fitting(message.notices, {
      write: (notice) => ({ text: plainText(notice), html: htmlOf(notice) }),
      size: (part) => Buffer.byteLength(part.text) + Buffer.byteLength(part.html),
      maxSize: maxBytes,
    });
    const headline = message.notices.length === 1 ? "" : headlineOf(message);
    const rest = leftText(left);
    const blocks = (texts: readonly string[]): readonly string[] => texts.filter((text) => text !== "");
    const content = {
      msgtype: "m.text",
      body: blocks([headline, ...parts.map(({ text }) => text), rest]).join("\n\n"),
      format: "org.matrix.custom.html",
      formatted_body: blocks([
        headline === "" ? "" : `<p><strong>${escapeHtml(headline)}</strong></p>`,
        ...parts.map(({ html }) => html),
        rest === "" ? "" : `<p>${rest}</p>`,
      ]).join(""),
      "m.mentions": {},
    };
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/send/m.room.message/${encodeURIComponent(message.id)}`;
    return jsonRequest(addressBelow(url, path), content, { Authorization: `Bearer ${token.reveal()}` }, "PUT");
  },
});

function htmlOf(notice: Notice): string {
  const { page, trace } = notice;
  const problem = problemOf(notice);
  const lines = [
    `${markOf(notice)} <strong>${escapeHtml(titleOf(notice))}</strong>`,
    ...(problem === "" ? [] : [escapeHtml(problem)]),
    ...factsOf(notice).map(({ name, value }) => `${name}: ${escapeHtml(value)}`),
    ...(page === undefined ? [] : [`<a href="${escapeHtml(page)}">Page</a>`]),
    ...(trace === undefined ? [] : [`<a href="${escapeHtml(trace)}">Trace</a>`]),
  ];
  return `<p>${lines.join("<br>")}</p>`;
}
