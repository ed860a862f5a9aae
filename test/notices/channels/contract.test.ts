import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { channelTypes } from "../../../src/notices/catalogue.ts";
import type { Channel } from "../../../src/notices/channel.ts";
import type { ChannelOptions } from "../../../src/notices/channel-fields.ts";
import type { NoticeRequest } from "../../../src/notices/channel-type.ts";
import type { HttpChannelType } from "../../../src/notices/http-channel.ts";
import type { Notice } from "../../../src/notices/notice.ts";
import { openChannel } from "../../../src/notices/open-channel.ts";
import { certificates } from "../../support/certificates.ts";
import { startHttpTarget } from "../../support/http-target.ts";
import { serviceRules } from "../../support/notice-services.ts";
import { openSamples, sampleChannels } from "../../support/sample-channels.ts";
import { hostileText, messageOf, noticeOf, recoveryOf } from "../../support/sample-notices.ts";

const at = Date.parse("2026-11-29T02:30:05Z");
const samples = await openSamples("https://service.example");

function requestOf({ type, options }: Channel, ...notices: readonly Notice[]): NoticeRequest {
  // Every sample is told by HTTP.
  return (type as HttpChannelType<ChannelOptions, unknown>).request(options, messageOf(...notices), { at });
}

function send(channel: Channel, ...notices: readonly Notice[]) {
  return channel.send(messageOf(...notices), { at }, new AbortController().signal);
}

async function openSample(type: string, origin: string): Promise<Channel> {
  const configuration = sampleChannels(origin).find((one) => one.type === type);
  if (configuration === undefined) throw new Error(`there is no sample of ${type}`);
  return openChannel("own", configuration);
}

it("every type of channel but email is tried here", () => {
  expect([...samples.map(({ name }) => name), "email"].sort()).toEqual(Object.keys(channelTypes).sort());
});

describe.each(samples.map((channel) => [channel.name, channel] as const))("a request to %s", (type, channel) => {
  const bare = noticeOf({
    type: undefined,
    kind: undefined,
    reason: undefined,
    changes: undefined,
    uptime: undefined,
    page: undefined,
    trace: undefined,
    group: [],
    tags: [],
    labels: {},
    message: "",
  });
  const long = "x".repeat(100);
  const cases: Readonly<Record<string, readonly Notice[]>> = {
    "of a failure": [noticeOf()],
    "of a recovery": [recoveryOf()],
    "of a check that is no longer checked": [recoveryOf({ cause: "removed", state: "unknown" })],
    "of a repetition": [noticeOf({ cause: "lasts" })],
    "of another state": [noticeOf({ formerState: "degraded" })],
    "of a test": [noticeOf({ cause: "test", state: "healthy" })],
    "without anything that can be left out": [bare],
    "with mark-up in every text": [
      noticeOf({
        check: hostileText.slice(0, 100),
        message: hostileText.slice(0, 1000),
        group: [hostileText.slice(0, 90)],
      }),
    ],
    "with everything as long as it can be": [
      noticeOf({
        check: long,
        group: [long, long, long, long, long],
        labels: Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`label${index}`, "v".repeat(900)])),
        tags: Array.from({ length: 20 }, (_, index) => `${index}${"t".repeat(48)}`),
        message: "&".repeat(1000),
        page: `https://status.shop.example/${"p".repeat(1900)}/`,
        trace: `https://traces.shop.example/${"t".repeat(1900)}`,
      }),
    ],
    "of two hundred checks": Array.from({ length: 200 }, (_, index) =>
      noticeOf({ check: `check ${index}`, message: "*".repeat(500) }),
    ),
  };

  it.each(Object.keys(cases))("keeps the service's rules, %s", (name) => {
    const notices = (cases[name] ?? []).slice(0, channel.maxNotices);
    const request = requestOf(channel, ...notices);
    serviceRules[type]?.(request, JSON.parse(request.body));
  });

  it("says the check, its state and its message", () => {
    const { body } = requestOf(channel, noticeOf());
    for (const text of ["orders", "unhealthy", "connection refused"]) expect(body).toContain(text);
  });

  it("prints no secret, not even when the service repeats all that it was sent", async () => {
    await using echo = await startHttpTarget(({ url = "", headers }, response) => {
      const login = Buffer.from(headers.authorization?.replace(/^Basic /, "") ?? "", "base64").toString();
      const shown = [
        `${url} ${decodeURIComponent(url)}`,
        `${headers.authorization} ${headers["x-gotify-key"]} ${login}`,
        `${echo.requests.at(-1)?.body}`,
      ];
      response.writeHead(404, { "Content-Type": "text/plain" }).end(`no ${shown[(echo.requests.length - 1) % 3]}`);
    });
    const own = await openSample(type, echo.origin);
    // Only the beginning of an answer is repeated, so each part of the request is one.
    for (const _part of ["address", "headers", "body"]) {
      const { outcome, words } = await send(own, noticeOf());
      expect(outcome).toBe("again");
      expect(words).toMatch(/^status 404: no /);
      expect(words).not.toMatch(/hush/);
    }
    expect(`${inspect(own, { depth: 9 })}${JSON.stringify(own)}${JSON.stringify(own.options)}`).not.toMatch(/hush/);
  });

  it("is sent again when the service cannot be reached, redirects, or is busy", async () => {
    const answers: readonly (readonly [number, Record<string, string>])[] = [
      [307, { Location: "http://127.0.0.1:1/elsewhere" }],
      [500, {}],
      [401, {}],
      [429, { "Retry-After": "7" }],
    ];
    await using server = await startHttpTarget((_, response) => {
      const [status, headers] = answers[server.requests.length - 1] ?? [200, {}];
      response.writeHead(status, headers).end();
    });
    const own = await openSample(type, server.origin);
    for (const [status] of answers) {
      const delivery = await send(own, noticeOf());
      expect(delivery).toMatchObject({ outcome: "again", words: expect.stringContaining(`status ${status}`) });
      expect(delivery.waitMilliseconds).toBe(status === 429 ? 7000 : undefined);
    }
    expect(await send(own, noticeOf())).toMatchObject({ outcome: "sent", words: "status 200" });
    await server[Symbol.asyncDispose]();
    expect(await send(own, noticeOf())).toEqual({ outcome: "again", words: "Unavailable: connection refused" });
  });

  it("is not sent again when the service refuses it", async () => {
    await using server = await startHttpTarget((_, response) => void response.writeHead(400).end("invalid_payload"));
    const own = await openSample(type, server.origin);
    expect(await send(own, noticeOf())).toEqual({ outcome: "refused", words: "status 400: invalid_payload" });
  });
});

describe("a service that misbehaves", () => {
  it("is given up after the time-out, and when nobody waits for it any more", async () => {
    await using server = await startHttpTarget(() => {});
    const channel = await openChannel("own", { type: "gotify", url: server.origin, token: "t", timeout: "100ms" });
    expect(await send(channel, noticeOf())).toEqual({ outcome: "again", words: "no answer within 100ms" });
    const { words } = await channel.send(messageOf(noticeOf()), { at }, AbortSignal.abort());
    expect(words).toBe("it was not waited for the answer");
  });

  it("cannot fill the memory with its answer", async () => {
    await using server = await startHttpTarget((_, response) => void response.end("x".repeat(1_000_000)));
    const channel = await openChannel("own", { type: "gotify", url: server.origin, token: "t" });
    expect(await send(channel, noticeOf())).toMatchObject({
      outcome: "again",
      words: expect.stringMatching(/longer|bytes/),
    });
  });

  it("must show a certificate that is trusted", async () => {
    await using server = await startHttpTarget((_, response) => void response.end(), certificates.server);
    const options = { type: "gotify", url: server.origin, token: "t" } as const;
    const distrusting = await openChannel("own", options);
    expect((await send(distrusting, noticeOf())).words).toMatch(/certificate/);
    const trusting = await openChannel("own", { ...options, ca: certificates.ca });
    expect(await send(trusting, noticeOf())).toMatchObject({ outcome: "sent" });
    expect(server.requests).toHaveLength(1);
  });
});
