import { expect } from "vitest";
import type { NoticeRequest } from "../../src/notices/channel-type.ts";

type Json = Readonly<Record<string, unknown>>;

/** What a service refuses, as its documentation says it. Throws what is wrong with a request. */
export type ServiceRules = (request: NoticeRequest, body: Json) => void;

const isShort = (text: unknown, most: number, what: string): void => {
  expect(typeof text, what).toBe("string");
  expect(String(text).length, what).toBeLessThanOrEqual(most);
};

const bytesOf = ({ body }: NoticeRequest): number => Buffer.byteLength(body);
const list = (value: unknown): readonly Json[] => {
  expect(Array.isArray(value)).toBe(true);
  return value as readonly Json[];
};

/** By the type of the channel. */
export const serviceRules: Readonly<Record<string, ServiceRules>> = {
  // cloudevents.io, "CloudEvents - Version 1.0", "REQUIRED Attributes".
  webhook: ({ headers }, body) => {
    expect(headers["Content-Type"]).toMatch(/^application\/cloudevents\+json/);
    expect(body.specversion).toBe("1.0");
    for (const name of ["id", "source", "type"]) expect(body[name]).toEqual(expect.stringMatching(/./));
    expect(String(body.time)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(Object.keys(body).filter((name) => !/^[a-z0-9]{1,20}$/.test(name))).toEqual([]);
  },
  // api.slack.com, "Secondary message attachments", "Text object".
  slack: (_, body) => {
    isShort(body.text, 3000, "text");
    const attachments = list(body.attachments);
    expect(attachments.length).toBeLessThanOrEqual(20);
    for (const { text, title, fields } of attachments) {
      isShort(text, 3000, "text of an attachment");
      isShort(title, 3000, "title");
      for (const field of list(fields)) isShort(field.value, 2000, "field");
    }
    expect(withoutLinks(JSON.stringify(body))).not.toMatch(/<[!@#]|<http/);
  },
  // discord.com/developers, "Execute Webhook", "Embed Limits".
  discord: (_, body) => {
    isShort(body.content, 2000, "content");
    isShort(body.username, 80, "username");
    expect(String(body.username)).not.toMatch(/clyde|discord/i);
    expect(body.allowed_mentions).toEqual({ parse: [] });
    const embeds = list(body.embeds);
    expect(embeds.length).toBeLessThanOrEqual(10);
    let all = 0;
    for (const { title, description, fields } of embeds) {
      isShort(title, 256, "title");
      isShort(description, 4096, "description");
      all += String(title).length + String(description).length;
      expect(list(fields).length).toBeLessThanOrEqual(25);
      for (const { name, value } of list(fields)) {
        isShort(name, 256, "name of a field");
        isShort(value, 1024, "value of a field");
        expect(value).not.toBe("");
        all += String(name).length + String(value).length;
      }
    }
    expect(all).toBeLessThanOrEqual(6000);
  },
  // learn.microsoft.com, "Create incoming webhooks with Workflows"; adaptivecards.io, 1.4.
  teams: (request, body) => {
    expect(bytesOf(request)).toBeLessThanOrEqual(28 * 1024);
    expect(body.type).toBe("message");
    const [attachment = {}] = list(body.attachments);
    expect(attachment.contentType).toBe("application/vnd.microsoft.card.adaptive");
    const card = attachment.content as Json;
    expect(card).toMatchObject({ type: "AdaptiveCard", version: expect.stringMatching(/^1\.[0-5]$/) });
    const known = ["Container", "RichTextBlock", "TextRun", "ActionSet", "Action.OpenUrl"];
    for (const [, type] of JSON.stringify(card.body).matchAll(/"type":"([^"]+)"/g)) expect(known).toContain(type);
  },
  // core.telegram.org/bots/api, "sendMessage", "HTML style".
  telegram: ({ url }, body) => {
    expect(url).toMatch(/\/bot[^/]+\/sendMessage$/);
    expect(body.parse_mode).toBe("HTML");
    isShort(body.text, 4096, "text");
    const text = String(body.text);
    expect(text.replaceAll(/<\/?b>|<a href="[^"<>]*">|<\/a>/g, "")).not.toMatch(/[<>]/);
    expect(text.match(/<b>/g)?.length).toBe(text.match(/<\/b>/g)?.length);
    expect(text.replaceAll(/&(?:amp|lt|gt|quot);/g, "")).not.toContain("&");
    expect(["number", "string"]).toContain(typeof body.chat_id);
  },
  // spec.matrix.org, "PUT /_matrix/client/v3/rooms/{roomId}/send/{eventType}/{txnId}", "Size limits".
  matrix: (request, body) => {
    expect(request.method).toBe("PUT");
    expect(request.url).toMatch(/\/_matrix\/client\/v3\/rooms\/!?[^/]+\/send\/m\.room\.message\/[^/]+$/);
    expect(request.headers.Authorization).toMatch(/^Bearer \S+$/);
    expect(bytesOf(request)).toBeLessThan(60_000);
    expect(body).toMatchObject({ msgtype: "m.text", format: "org.matrix.custom.html", body: expect.any(String) });
    const tags = String(body.formatted_body).matchAll(/<\/?([a-z]+)/g);
    for (const [, tag] of tags) expect(["p", "strong", "br", "a"]).toContain(tag);
  },
  // docs.ntfy.sh/publish, "Publish as JSON", "Limitations".
  ntfy: (request, body) => {
    expect(new URL(request.url).pathname).toBe("/");
    expect(String(body.topic)).toMatch(/^[-_A-Za-z0-9]{1,64}$/);
    expect(Buffer.byteLength(String(body.message))).toBeLessThanOrEqual(4096);
    expect(body.message).not.toBe("");
    expect(body.priority).toEqual(expect.any(Number));
    expect(list(body.actions).length).toBeLessThanOrEqual(3);
    for (const value of Object.values(request.headers)) expect(Buffer.byteLength(value)).toBeLessThan(4096);
  },
  // gotify.net/api-docs, "createMessage".
  gotify: ({ url, headers }, body) => {
    expect(url).toMatch(/\/message$/);
    expect(headers["X-Gotify-Key"]).toMatch(/./);
    expect(body.message).toEqual(expect.stringMatching(/./));
    expect(body.priority).toEqual(expect.any(Number));
  },
  // developer.pagerduty.com, "Send an alert event".
  pagerduty: (request, body) => {
    expect(bytesOf(request)).toBeLessThan(512 * 1024);
    expect(body.routing_key).toMatch(/^\w{32}$/);
    isShort(body.dedup_key, 255, "dedup_key");
    expect(["trigger", "resolve"]).toContain(body.event_action);
    if (body.event_action === "resolve") return;
    const payload = body.payload as Json;
    isShort(payload.summary, 1024, "summary");
    expect(payload.source).toMatch(/./);
    expect(["critical", "error", "warning", "info"]).toContain(payload.severity);
    for (const link of list(body.links)) expect(link.href).toMatch(/^https?:/);
  },
  // docs.opsgenie.com, "Alert API": create and close.
  opsgenie: ({ url, headers }, body) => {
    expect(headers.Authorization).toMatch(/^GenieKey \S+$/);
    if (url.includes("/close?")) {
      expect(url).toMatch(/\/v2\/alerts\/[^/?]+\/close\?identifierType=alias$/);
      isShort(body.note, 25_000, "note");
      return;
    }
    expect(url).toMatch(/\/v2\/alerts$/);
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
  // Its api/v2/openapi.yaml: postableAlerts.
  alertmanager: ({ url }, body) => {
    expect(url).toMatch(/\/api\/v2\/alerts$/);
    for (const { labels, startsAt, endsAt } of list(body)) {
      expect((labels as Json).alertname).toMatch(/./);
      for (const [name, value] of Object.entries(labels as Json)) {
        expect(name).toMatch(/^[a-zA-Z_][a-zA-Z0-9_]*$/);
        expect(value).toEqual(expect.stringMatching(/./));
      }
      expect(Date.parse(String(endsAt))).toBeGreaterThanOrEqual(Date.parse(String(startsAt)));
    }
  },
};

/** The links that a channel itself puts into its message. */
function withoutLinks(text: string): string {
  return text.replaceAll(/<https:\/\/traces\.shop\.example\/[^|>]*\|Trace>/g, "");
}
