import { z } from "zod";
import { addressBelow, headerSecret, partsOfAddress, serverAddress } from "../channel-fields.ts";
import { httpChannel, jsonRequest } from "../http-channel.ts";
import { isClosing, type Notice } from "../notice.ts";
import { shortened } from "../wording/shorten.ts";
import { factsOf, plainText, problemOf, titleOf } from "../wording/words.ts";

/** Of the Alert API. */
const limits = {
  message: 130,
  description: 15_000,
  note: 25_000,
  source: 100,
  entity: 512,
  tags: 20,
  tag: 50,
  detail: 500,
  details: 8000,
};

const priorities = ["P1", "P2", "P3", "P4", "P5"] as const;

/** Opsgenie's Alert API, and what speaks it: a failure creates an alert, a recovery closes it. */
export const opsgenie = httpChannel({
  type: "opsgenie",
  summary: "Opsgenie, or Jira Service Management: a failure creates an alert, and a recovery closes it.",
  fields: {
    apiKey: headerSecret().describe("The key of an API integration."),
    url: serverAddress()
      .prefault("https://api.opsgenie.com")
      .describe(
        "Where the API is; `https://api.eu.opsgenie.com` in the European region, `https://api.atlassian.com/jsm/ops/integration` for Jira Service Management.",
      ),
    priority: z
      .enum(priorities)
      .optional()
      .describe("`P1` to `P5`. Default: `P2` for unhealthy, `P3` for unknown, `P4` for degraded."),
  },
  maxNotices: 1,
  closes: true,
  secrets: ({ apiKey, url }) => [apiKey, ...partsOfAddress(url)],
  request: ({ apiKey, url, priority }, { notices, service }) => {
    const notice = notices[0] as Notice; // A message has at least one.
    const headers = { Authorization: `GenieKey ${apiKey.reveal()}` };
    const source = shortened(`Healthspan ${service}`, limits.source);
    if (isClosing(notice)) {
      const path = `/v2/alerts/${encodeURIComponent(notice.key)}/close?identifierType=alias`;
      const note = shortened(plainText(notice), limits.note);
      return jsonRequest(addressBelow(url, path), { source, note }, headers);
    }
    const problem = problemOf(notice);
    const details = [
      ...factsOf(notice).map(({ name, value }) => [name.toLowerCase(), value] as const),
      ...Object.entries(notice.labels),
    ];
    const alert = {
      message: shortened(`${titleOf(notice)}${problem === "" ? "" : `: ${problem}`}`, limits.message),
      alias: notice.key,
      description: shortened(plainText(notice), limits.description),
      entity: shortened(notice.check, limits.entity),
      source,
      tags: notice.tags.slice(0, limits.tags).map((tag) => shortened(tag, limits.tag)),
      details: fittingDetails(details),
      priority: priority ?? priorityOf(notice),
    };
    return jsonRequest(addressBelow(url, "/v2/alerts"), alert, headers);
  },
});

/** As many as there is room for, in their order. How they are counted is not said: here as the JSON that is sent. */
function fittingDetails(
  details: readonly (readonly [name: string, value: string])[],
): Readonly<Record<string, string>> {
  const taken: Record<string, string> = {};
  for (const [name, value] of details) {
    const more = { ...taken, [name]: shortened(value, limits.detail) };
    if (JSON.stringify(more).length <= limits.details) Object.assign(taken, more);
  }
  return taken;
}

function priorityOf({ cause, state }: Notice): (typeof priorities)[number] {
  if (cause === "test") return "P5";
  if (state === "unhealthy") return "P2";
  return state === "degraded" ? "P4" : "P3";
}
