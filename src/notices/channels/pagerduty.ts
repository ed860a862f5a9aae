import { z } from "zod";
import { headerSecret, partsOfAddress, webAddress } from "../channel-fields.ts";
import { httpChannel, jsonRequest } from "../http-channel.ts";
import { isClosing, type Notice } from "../notice.ts";
import { shortened } from "../wording/shorten.ts";
import { factsOf, problemOf, titleOf } from "../wording/words.ts";

/** Of the Events API v2. */
const limits = { summary: 1024, source: 255 };

/** A service of PagerDuty, by its Events API v2: a failure triggers an alert, a recovery resolves it. */
export const pagerduty = httpChannel({
  type: "pagerduty",
  summary: "A service of PagerDuty: a failure triggers an alert, and a recovery resolves it.",
  fields: {
    routingKey: headerSecret()
      .refine(
        (value) => /^\w{32}$/.test(value.reveal()),
        "must be an integration key of the Events API v2: 32 letters and digits",
      )
      .describe("The integration key of the service (Events API v2)."),
    url: webAddress()
      .prefault("https://events.pagerduty.com/v2/enqueue")
      .describe("Where events are sent; `https://events.eu.pagerduty.com/v2/enqueue` in the European region."),
    severities: z
      .strictObject({
        unhealthy: severity("critical"),
        degraded: severity("warning"),
        unknown: severity("error"),
      })
      .prefault({})
      .describe("How severe an alert is, by the state: `critical`, `error`, `warning` or `info`."),
  },
  maxNotices: 1,
  closes: true,
  secrets: ({ routingKey, url }) => [routingKey, ...partsOfAddress(url)],
  request: ({ routingKey, url, severities }, { notices, service }) => {
    const notice = notices[0] as Notice; // A message has at least one.
    const common = { routing_key: routingKey.reveal(), dedup_key: notice.key };
    if (isClosing(notice)) return jsonRequest(url.reveal(), { ...common, event_action: "resolve" });
    const { page, trace, state, check, group, type, since } = notice;
    const problem = problemOf(notice);
    return jsonRequest(url.reveal(), {
      ...common,
      event_action: "trigger",
      client: "Healthspan",
      ...(page !== undefined && { client_url: page }),
      links: [
        ...(page === undefined ? [] : [{ href: page, text: "Page" }]),
        ...(trace === undefined ? [] : [{ href: trace, text: "Trace" }]),
      ],
      payload: {
        summary: shortened(`${titleOf(notice)}${problem === "" ? "" : `: ${problem}`}`, limits.summary),
        source: shortened(service, limits.source),
        severity: notice.cause === "test" ? "info" : severityOf(state, severities),
        timestamp: new Date(since).toISOString(),
        component: check,
        ...(group.length > 0 && { group: group.join(" / ") }),
        ...(type !== undefined && { class: type }),
        custom_details: {
          ...Object.fromEntries(factsOf(notice).map(({ name, value }) => [name.toLowerCase(), value])),
          labels: notice.labels,
        },
      },
    });
  },
});

function severity(fallback: "critical" | "error" | "warning" | "info") {
  return z.enum(["critical", "error", "warning", "info"]).default(fallback);
}

function severityOf(
  state: Notice["state"],
  severities: Readonly<Record<"unhealthy" | "degraded" | "unknown", string>>,
) {
  return state === "unhealthy" || state === "degraded" ? severities[state] : severities.unknown;
}
