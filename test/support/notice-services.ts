import { expect } from "vitest";
import type { NoticeRequest } from "../../src/notices/channel-type.ts";

type Json = Readonly<Record<string, unknown>>;

/** What a service refuses, as its documentation says it. Throws what is wrong with a request. */
export type ServiceRules = (request: NoticeRequest, body: Json) => void;

const isShort = (text: unknown, most: number, what: string): void => {
  expect(typeof text, what).toBe("string");
  expect(String(text).length, what).toBeLessThanOrEqual(most);
};

/** That an object has no other properties than those that the document lists. */
const hasOnly = (object: unknown, ...names: readonly string[]): void => {
  expect(names).toEqual(expect.arrayContaining(Object.keys(object as Json)));
};

const isAddress = (value: unknown): void => {
  expect(String(value)).toMatch(/^https?:\/\/[^\s/]+/);
};

const isMoment = (value: unknown): void => {
  expect(String(value)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/); // RFC 3339, section 5.6.
};

const bytesOf = ({ body }: NoticeRequest): number => Buffer.byteLength(body);
const list = (value: unknown): readonly Json[] => {
  expect(Array.isArray(value)).toBe(true);
  return value as readonly Json[];
};

/** By the type of the channel. */
export const serviceRules: Readonly<Record<string, ServiceRules>> = {
  // https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/cloudevents.json, and of its spec.md "Attribute naming
  // convention"; of https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md "Webhook headers".
  webhook: ({ headers }, body) => {
    expect(headers["Content-Type"]).toMatch(/^application\/cloudevents\+json/);
    expect(body.specversion).toBe("1.0");
    for (const name of ["id", "source", "type"]) expect(body[name]).toEqual(expect.stringMatching(/./));
    isMoment(body.time);
    hasOnly(body, "specversion", "id", "source", "type", "time", "subject", "datacontenttype", "dataschema", "data");
    if (body.subject !== undefined) expect(body.subject).toEqual(expect.stringMatching(/./));
    expect(String(body.source)).toMatch(/^[\w/%.~!'()*-]+$/); // A reference of RFC 3986.
    expect(headers["webhook-id"]).toMatch(/^[^.]+$/); // What is signed has a full stop after it.
    expect(headers["webhook-timestamp"]).toMatch(/^\d+$/);
    expect(Object.keys(body).filter((name) => !/^[a-z0-9]{1,20}$/.test(name))).toEqual([]);
  },
  // https://api.slack.com/reference/messaging/attachments, "Field reference" and "Legacy fields"; of
  // https://api.slack.com/reference/block-kit/composition-objects the text object; https://api.slack.com/reference/surfaces/formatting,
  // "Escaping text".
  slack: (_, body) => {
    isShort(body.text, 3000, "text");
    hasOnly(body, "text", "channel", "mrkdwn", "unfurl_links", "unfurl_media", "attachments");
    const attachments = list(body.attachments);
    expect(attachments.length).toBeLessThanOrEqual(20);
    for (const attachment of attachments) {
      const { text, title, fields, color, fallback, ts, mrkdwn_in: formatted } = attachment;
      const texts = ["title", "text", "pretext", "fallback", "title_link"];
      hasOnly(attachment, ...texts, "color", "fields", "mrkdwn_in", "ts", "footer");
      expect(color).toMatch(/^#[\da-f]{6}$/i);
      expect(fallback).toEqual(expect.stringMatching(/./));
      expect(Number.isInteger(ts)).toBe(true);
      for (const name of formatted as readonly string[]) expect(["pretext", "text", "fields"]).toContain(name);
      if (attachment.title_link !== undefined) isAddress(attachment.title_link);
      isShort(text, 3000, "text of an attachment");
      isShort(title, 3000, "title");
      for (const field of list(fields)) {
        hasOnly(field, "title", "value", "short");
        isShort(field.value, 2000, "field");
      }
    }
    expect(withoutLinks(JSON.stringify(body))).not.toMatch(/<[!@#]|<http/);
  },
  // https://discord.com/developers/docs/resources/webhook, "Execute Webhook" and "Create Webhook" (names);
  // https://discord.com/developers/docs/resources/message, "Embed Object" and "Embed Limits", "Allowed Mentions Object".
  discord: (_, body) => {
    isShort(body.content, 2000, "content");
    hasOnly(body, "content", "username", "avatar_url", "embeds", "allowed_mentions", "thread_name", "flags");
    isShort(body.username, 80, "username");
    expect(String(body.username)).not.toMatch(/clyde|discord/i);
    expect(body.allowed_mentions).toEqual({ parse: [] });
    const embeds = list(body.embeds);
    expect(embeds.length).toBeLessThanOrEqual(10);
    let all = 0;
    for (const embed of embeds) {
      const { title, description, fields, color, timestamp } = embed;
      hasOnly(embed, "title", "description", "url", "timestamp", "color", "footer", "fields");
      expect(Number.isInteger(color) && Number(color) >= 0 && Number(color) <= 0xff_ff_ff).toBe(true);
      isMoment(timestamp);
      if (embed.url !== undefined) isAddress(embed.url);
      isShort(title, 256, "title");
      isShort(description, 4096, "description");
      all += String(title).length + String(description).length;
      expect(list(fields).length).toBeLessThanOrEqual(25);
      for (const field of list(fields)) {
        const { name, value } = field;
        hasOnly(field, "name", "value", "inline");
        isShort(name, 256, "name of a field");
        isShort(value, 1024, "value of a field");
        expect(value).not.toBe("");
        all += String(name).length + String(value).length;
      }
    }
    expect(all).toBeLessThanOrEqual(6000);
  },
  // https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using, "Send Adaptive Cards";
  // of https://adaptivecards.io/explorer the elements of version 1.4 that are used here.
  teams: (request, body) => {
    expect(bytesOf(request)).toBeLessThanOrEqual(28 * 1024);
    expect(body.type).toBe("message");
    hasOnly(body, "type", "attachments");
    const [attachment = {}] = list(body.attachments);
    hasOnly(attachment, "contentType", "contentUrl", "content");
    expect(attachment.contentUrl).toBeNull();
    expect(attachment.contentType).toBe("application/vnd.microsoft.card.adaptive");
    const card = attachment.content as Json;
    expect(card).toMatchObject({ type: "AdaptiveCard", version: expect.stringMatching(/^1\.[0-5]$/) });
    hasOnly(card, "$schema", "type", "version", "fallbackText", "msteams", "body");
    for (const element of list(card.body)) isElement(element);
  },
  // https://core.telegram.org/bots/api, "sendMessage", "LinkPreviewOptions" and "HTML style".
  telegram: ({ url }, body) => {
    expect(url).toMatch(/\/bot[^/]+\/sendMessage$/);
    expect(body.parse_mode).toBe("HTML");
    hasOnly(body, "chat_id", "message_thread_id", "text", "parse_mode", "link_preview_options");
    hasOnly(body.link_preview_options, "is_disabled");
    expect(body.text).not.toBe("");
    isShort(body.text, 4096, "text");
    const text = String(body.text);
    expect(text.replaceAll(/<\/?b>|<a href="[^"<>]*">|<\/a>/g, "")).not.toMatch(/[<>]/);
    expect(text.match(/<b>/g)?.length).toBe(text.match(/<\/b>/g)?.length);
    expect(text.replaceAll(/&(?:amp|lt|gt|quot);/g, "")).not.toContain("&");
    expect(["number", "string"]).toContain(typeof body.chat_id);
  },
  // https://spec.matrix.org/v1.11/client-server-api/, "PUT /_matrix/client/v3/rooms/{roomId}/send/{eventType}/{txnId}", "m.room.message msgtypes", "Size
  // limits".
  matrix: (request, body) => {
    expect(request.method).toBe("PUT");
    expect(request.url).toMatch(/\/_matrix\/client\/v3\/rooms\/!?[^/]+\/send\/m\.room\.message\/[^/]+$/);
    expect(request.headers.Authorization).toMatch(/^Bearer \S+$/);
    expect(bytesOf(request)).toBeLessThan(60_000);
    expect(body).toMatchObject({ msgtype: "m.text", format: "org.matrix.custom.html", body: expect.any(String) });
    hasOnly(body, "msgtype", "body", "format", "formatted_body", "m.mentions");
    const tags = String(body.formatted_body).matchAll(/<\/?([a-z]+)/g);
    for (const [, tag] of tags) expect(["p", "strong", "br", "a"]).toContain(tag);
  },
  // https://docs.ntfy.sh/publish/, "Publish as JSON", "Action buttons" and "Limitations".
  ntfy: (request, body) => {
    expect(new URL(request.url).pathname).toBe("/");
    expect(String(body.topic)).toMatch(/^[-_A-Za-z0-9]{1,64}$/);
    expect(Buffer.byteLength(String(body.message))).toBeLessThanOrEqual(4096);
    expect(body.message).not.toBe("");
    hasOnly(body, "topic", "message", "title", "tags", "priority", "actions", "click", "markdown");
    expect([1, 2, 3, 4, 5]).toContain(body.priority);
    expect(list(body.actions).length).toBeLessThanOrEqual(3);
    for (const action of list(body.actions)) {
      hasOnly(action, "action", "label", "url", "clear");
      expect(action).toMatchObject({ action: "view", label: expect.stringMatching(/./) });
      isAddress(action.url);
    }
    for (const value of Object.values(request.headers)) expect(Buffer.byteLength(value)).toBeLessThan(4096);
  },
  // https://gotify.net/api-docs, "createMessage"; https://gotify.net/docs/msgextras.
  gotify: ({ url, headers }, body) => {
    expect(url).toMatch(/\/message$/);
    expect(headers["X-Gotify-Key"]).toMatch(/./);
    expect(body.message).toEqual(expect.stringMatching(/./));
    hasOnly(body, "title", "message", "priority", "extras");
    expect(Number.isInteger(body.priority)).toBe(true);
    hasOnly(body.extras, "client::display", "client::notification");
    expect((body.extras as Json)["client::display"]).toEqual({ contentType: "text/plain" });
  },
  // https://developer.pagerduty.com/docs/events-api-v2/trigger-events/, "Payload" and "Size limits"; there too, "Links".
  pagerduty: (request, body) => {
    expect(bytesOf(request)).toBeLessThan(512 * 1024);
    expect(body.routing_key).toMatch(/^\w{32}$/);
    isShort(body.dedup_key, 255, "dedup_key");
    expect(["trigger", "resolve"]).toContain(body.event_action);
    if (body.event_action === "resolve") {
      hasOnly(body, "routing_key", "dedup_key", "event_action");
      return;
    }
    hasOnly(body, "routing_key", "dedup_key", "event_action", "payload", "images", "links", "client", "client_url");
    const payload = body.payload as Json;
    const texts = ["summary", "source", "severity", "timestamp", "component", "group", "class"];
    hasOnly(payload, ...texts, "custom_details");
    for (const name of texts)
      if (payload[name] !== undefined) expect(payload[name]).toEqual(expect.stringMatching(/./));
    isMoment(payload.timestamp);
    isShort(payload.summary, 1024, "summary");
    expect(payload.source).toMatch(/./);
    expect(["critical", "error", "warning", "info"]).toContain(payload.severity);
    for (const link of list(body.links)) {
      hasOnly(link, "href", "text");
      isAddress(link.href);
    }
  },
  // https://docs.opsgenie.com/docs/alert-api, "Create Alert" and "Close Alert", with the limits of their tables.
  opsgenie: ({ url, headers }, body) => {
    expect(headers.Authorization).toMatch(/^GenieKey \S+$/);
    if (url.includes("/close?")) {
      expect(url).toMatch(/\/v2\/alerts\/[^/?]+\/close\?identifierType=alias$/);
      isShort(body.note, 25_000, "note");
      isShort(body.source, 100, "source");
      hasOnly(body, "user", "source", "note");
      return;
    }
    expect(url).toMatch(/\/v2\/alerts$/);
    const texts = ["message", "alias", "description", "entity", "source", "priority", "user", "note"];
    hasOnly(body, ...texts, "responders", "visibleTo", "actions", "tags", "details");
    isShort(body.message, 130, "message");
    expect(body.message).not.toBe("");
    isShort(body.alias, 512, "alias");
    isShort(body.description, 15_000, "description");
    isShort(body.entity, 512, "entity");
    isShort(body.source, 100, "source");
    expect(body.priority).toMatch(/^P[1-5]$/);
    expect((body.tags as readonly string[]).length).toBeLessThanOrEqual(20);
    for (const tag of body.tags as readonly string[]) isShort(tag, 50, "tag");
    expect(JSON.stringify(body.details).length).toBeLessThanOrEqual(8000);
    for (const value of Object.values(body.details as Json)) expect(typeof value).toBe("string");
  },
  // https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml, `postableAlerts`; of Prometheus' data model the names of
  // labels, of which Alertmanager refuses those that are empty.
  alertmanager: ({ url }, body) => {
    expect(url).toMatch(/\/api\/v2\/alerts$/);
    for (const alert of list(body)) {
      const { labels, annotations, startsAt, endsAt } = alert;
      hasOnly(alert, "labels", "annotations", "startsAt", "endsAt", "generatorURL");
      for (const value of Object.values(annotations as Json)) expect(typeof value).toBe("string");
      isMoment(startsAt);
      isMoment(endsAt);
      if (alert.generatorURL !== undefined) isAddress(alert.generatorURL);
      expect((labels as Json).alertname).toMatch(/./);
      for (const [name, value] of Object.entries(labels as Json)) {
        expect(name).toMatch(/^[a-zA-Z_][a-zA-Z0-9_]*$/);
        expect(value).toEqual(expect.stringMatching(/./));
      }
      expect(Date.parse(String(endsAt))).toBeGreaterThanOrEqual(Date.parse(String(startsAt)));
    }
  },
};

/** By the type of an element of an adaptive card, the properties of it that are used here, all of version 1.2 or older. */
const cardElements: Readonly<Record<string, readonly string[]>> = {
  Container: ["separator", "items"],
  RichTextBlock: ["inlines"],
  TextRun: ["text", "weight", "size", "color"],
  ActionSet: ["actions"],
  "Action.OpenUrl": ["title", "url"],
};

function isElement(element: Json): void {
  const names = cardElements[String(element.type)];
  expect(names, String(element.type)).toBeDefined();
  hasOnly(element, "type", ...(names ?? []));
  if (element.type === "Action.OpenUrl") isAddress(element.url);
  if (element.type === "TextRun") expect(typeof element.text).toBe("string");
  for (const name of ["items", "inlines", "actions"]) for (const inner of list(element[name] ?? [])) isElement(inner);
}

/** The links that a channel itself puts into its message. */
function withoutLinks(text: string): string {
  return text.replaceAll(/<https:\/\/traces\.shop\.example\/[^|>]*\|Trace>/g, "");
}
