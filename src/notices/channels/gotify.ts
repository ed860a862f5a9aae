import { z } from "zod";
import { addressBelow, headerSecret, partsOfAddress, serverAddress } from "../channel-fields.ts";
import { httpChannel, jsonRequest } from "../http-channel.ts";
import { isClosing } from "../notice.ts";
import { fitting, leftText } from "../wording/fitting.ts";
import { headlineOf, plainText } from "../wording/words.ts";

/** It has no limit of its own; a telephone shows no more. */
const maxCharacters = 8000;

/** An application of a Gotify server. */
export const gotify = httpChannel({
  type: "gotify",
  summary: "An application of a Gotify server.",
  fields: {
    url: serverAddress().describe("The address of the server."),
    token: headerSecret().describe("The token of the application."),
    priority: z.int().min(0).max(10).optional().describe("From 0 to 10. Default: 8 for failures, 4 for recoveries."),
  },
  secrets: ({ url, token }) => [token, ...partsOfAddress(url)],
  request: ({ url, token, priority }, message) => {
    const { parts, left } = fitting(message.notices, {
      write: plainText,
      size: (part) => part.length + 2,
      maxSize: maxCharacters,
    });
    const page = message.notices[0]?.page;
    return jsonRequest(
      addressBelow(url, "/message"),
      {
        title: headlineOf(message),
        message: [...parts, leftText(left)].filter((part) => part !== "").join("\n\n"),
        priority: priority ?? (message.notices.every(isClosing) ? 4 : 8),
        extras: {
          "client::display": { contentType: "text/plain" },
          ...(page !== undefined && { "client::notification": { click: { url: page } } }),
        },
      },
      { "X-Gotify-Key": token.reveal() },
    );
  },
});
