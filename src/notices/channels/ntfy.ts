import { z } from "zod";
import { secret } from "../../health/fields.ts";
import { headerSecret, partsOfAddress, serverAddress } from "../channel-fields.ts";
import { httpChannel, jsonRequest } from "../http-channel.ts";
import { isClosing, type Message, type Notice } from "../notice.ts";
import { fitting, leftText } from "../wording/fitting.ts";
import { shortened } from "../wording/shorten.ts";
import { headlineOf, plainText } from "../wording/words.ts";

/** A longer message becomes an attachment. Everything is in the body, so that the limit for headers does not matter. */
const maxBytes = 4096;
const maxTitleCharacters = 250;

/** A topic of ntfy. */
export const ntfy = httpChannel({
  type: "ntfy",
  summary: "A topic of ntfy, at ntfy.sh or a server of one's own.",
  fields: {
    url: serverAddress().prefault("https://ntfy.sh").describe("The address of the server, without the topic."),
    topic: secret(z.string().regex(/^[-\w]{1,64}$/, "must be 1 to 64 letters, digits and - _")).describe(
      "The topic. It is a secret: who knows it can read it.",
    ),
    token: headerSecret().optional().describe("An access token, where the topic is protected."),
    priority: z.int().min(1).max(5).optional().describe("From 1 to 5. Default: 4 for unhealthy, otherwise 3."),
  },
  secrets: ({ url, topic, token }) => [topic, ...(token === undefined ? [] : [token]), ...partsOfAddress(url)],
  request: ({ url, topic, token, priority }, message) => {
    const { parts, left } = fitting(message.notices, {
      write: plainText,
      size: (part) => Buffer.byteLength(part) + 2,
      maxSize: maxBytes - 50,
    });
    const [first] = message.notices;
    const body = {
      topic: topic.reveal(),
      title: shortened(headlineOf(message), maxTitleCharacters),
      message: [...parts, leftText(left)].filter((part) => part !== "").join("\n\n"),
      priority: priority ?? (message.notices.some(isUrgent) ? 4 : 3),
      tags: tagsOf(message),
      ...(first?.page !== undefined && { click: first.page }),
      actions: actionsOf(first),
    };
    return jsonRequest(
      `${url.reveal().replace(/\/+$/, "")}/`,
      body,
      token === undefined ? {} : { Authorization: `Bearer ${token.reveal()}` },
    );
  },
});

function isUrgent(notice: Notice): boolean {
  return !isClosing(notice) && notice.cause !== "test" && notice.state === "unhealthy";
}

/** ntfy shows some of them as a picture. */
function tagsOf({ notices }: Message): readonly string[] {
  if (notices.some(isUrgent)) return ["rotating_light"];
  return notices.every(isClosing) ? ["white_check_mark"] : ["warning"];
}

function actionsOf(notice: Notice | undefined): readonly object[] {
  return [
    ...(notice?.page === undefined ? [] : [{ action: "view", label: "Page", url: notice.page }]),
    ...(notice?.trace === undefined ? [] : [{ action: "view", label: "Trace", url: notice.trace }]),
  ];
}
