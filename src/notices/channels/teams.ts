import { partsOfAddress, webAddress } from "../channel-fields.ts";
import { httpChannel, jsonRequest } from "../http-channel.ts";
import type { Notice } from "../notice.ts";
import { isClosing } from "../notice.ts";
import { markOf } from "../wording/colours.ts";
import { fitting, leftText } from "../wording/fitting.ts";
import { factsOf, headlineOf, problemOf, titleOf } from "../wording/words.ts";

/** Teams takes messages of 28 KB; a workflow adds something of its own. */
const maxBytes = 24_000;

/** A workflow of Microsoft Teams ("Send webhook alerts to a channel"), which posts an adaptive card. */
export const teams = httpChannel({
  type: "teams",
  summary: "A workflow of Microsoft Teams that posts what it is sent by a webhook.",
  fields: { url: webAddress().describe("The address of the workflow. It is a secret.") },
  secrets: ({ url }) => partsOfAddress(url),
  request: ({ url }, message) => {
    const { parts, left } = fitting(message.notices, {
      write: itemOf,
      size: (part) => Buffer.byteLength(JSON.stringify(part)),
      maxSize: maxBytes,
    });
    const rest = leftText(left);
    const body = [
      richText([{ text: headlineOf(message), weight: "Bolder", size: "Medium" }]),
      ...parts,
      ...(rest === "" ? [] : [richText([{ text: rest }])]),
    ];
    const content = {
      $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
      type: "AdaptiveCard",
      version: "1.4",
      fallbackText: headlineOf(message),
      msteams: { width: "Full" },
      body,
    };
    const contentType = "application/vnd.microsoft.card.adaptive";
    return jsonRequest(url.reveal(), {
      type: "message",
      attachments: [{ contentType, contentUrl: null, content }],
    });
  },
});

interface Run {
  readonly text: string;
  readonly weight?: "Bolder";
  readonly size?: "Medium";
  readonly color?: "Attention" | "Warning" | "Good" | "Default";
}

/** A `TextBlock` would read Markdown in what a server has answered; a text run shows it as it is. */
function richText(runs: readonly Run[]) {
  return { type: "RichTextBlock", inlines: runs.map((run) => ({ type: "TextRun", ...run })) };
}

function itemOf(notice: Notice) {
  const { page, trace } = notice;
  const problem = problemOf(notice);
  const links = [
    ...(page === undefined ? [] : [{ type: "Action.OpenUrl", title: "Page", url: page }]),
    ...(trace === undefined ? [] : [{ type: "Action.OpenUrl", title: "Trace", url: trace }]),
  ];
  return {
    type: "Container",
    separator: true,
    items: [
      richText([{ text: `${markOf(notice)} ${titleOf(notice)}`, weight: "Bolder", color: colour(notice) }]),
      ...(problem === "" ? [] : [richText([{ text: problem }])]),
      ...factsOf(notice).map(({ name, value }) => richText([{ text: `${name}: `, weight: "Bolder" }, { text: value }])),
      ...(links.length === 0 ? [] : [{ type: "ActionSet", actions: links }]),
    ],
  };
}

function colour(notice: Notice): NonNullable<Run["color"]> {
  if (notice.cause === "recovered") return "Good";
  if (isClosing(notice) || notice.cause === "test") return "Default";
  return notice.state === "unhealthy" ? "Attention" : "Warning";
}
