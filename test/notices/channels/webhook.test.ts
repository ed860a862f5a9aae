import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { openChannel } from "../../../src/notices/open-channel.ts";
import { startHttpTarget } from "../../support/http-target.ts";
import { messageOf, noticeOf, recoveryOf } from "../../support/sample-notices.ts";

const at = Date.parse("2026-11-29T02:30:05Z");
const { signal } = new AbortController();

describe("webhook", () => {
  it.each([
    [
      "a key in base64",
      `whsec_${Buffer.from("0123456789abcdef01234567").toString("base64")}`,
      "0123456789abcdef01234567",
    ],
    ["any text", "0123456789abcdef", "0123456789abcdef"],
  ])("is signed with %s as Standard Webhooks says", async (_, secret, key) => {
    await using server = await startHttpTarget((_request, response) => void response.end());
    const channel = await openChannel("hook", { type: "webhook", url: `${server.origin}/a?b=c`, secret });
    await channel.send(messageOf(noticeOf()), { at }, signal);
    const [{ headers, body, url, method } = { headers: {}, body: "" }] = server.requests;
    expect(`${method} ${url}`).toBe("POST /a?b=c");
    const id = headers["webhook-id"];
    expect(id).toBe("35b75671-ce4d-45ca-957a-717f2816e1dc");
    expect(headers["webhook-timestamp"]).toBe(String(at / 1000));
    const expected = createHmac("sha256", key)
      .update(`${id}.${at / 1000}.${body}`)
      .digest("base64");
    expect(headers["webhook-signature"]).toBe(`v1,${expected}`);
  });

  it("is the same when it is sent again, but for the moment", async () => {
    await using server = await startHttpTarget((_request, response) => void response.end());
    const channel = await openChannel("hook", { type: "webhook", url: server.origin });
    await channel.send(messageOf(noticeOf()), { at }, signal);
    await channel.send({ ...messageOf(noticeOf()), attempts: 2 }, { at: at + 60_000 }, signal);
    const [first, second] = server.requests;
    expect(second?.body).toBe(first?.body);
    expect(second?.headers["webhook-id"]).toBe(first?.headers["webhook-id"]);
    expect(second?.headers["webhook-signature"]).toBeUndefined();
  });

  it("has several changes in one event, without a subject", async () => {
    await using server = await startHttpTarget((_request, response) => void response.end());
    const channel = await openChannel("hook", { type: "webhook", url: server.origin });
    await channel.send(messageOf(noticeOf(), recoveryOf({ check: "disk" })), { at }, signal);
    const { subject, data } = JSON.parse(server.requests[0]?.body ?? "");
    expect(subject).toBeUndefined();
    expect(data.changes.map(({ check, event }: Record<string, unknown>) => `${check} ${event}`)).toEqual([
      "orders failed",
      "disk recovered",
    ]);
    expect(data.changes[0]).toMatchObject({
      uptime: { window: "30d", ratio: expect.closeTo(0.99946, 4) },
      outageSeconds: 5400,
    });
  });

  it("can have a body, a method and headers of its own", async () => {
    await using server = await startHttpTarget((_request, response) => void response.end());
    const channel = await openChannel("sms", {
      type: "webhook",
      url: server.origin,
      method: "PUT",
      headers: { "X-Key": "k" },
      body: "{{check}} ist {{state}}",
      contentType: "text/plain; charset=utf-8",
    });
    expect(channel.maxNotices).toBe(1);
    await channel.send(messageOf(noticeOf()), { at }, signal);
    expect(server.requests[0]).toMatchObject({
      method: "PUT",
      body: "orders ist unhealthy",
      headers: { "x-key": "k", "content-type": "text/plain; charset=utf-8" },
    });
  });

  it.each([
    [{ headers: { "Webhook-Id": "x" } }, "headers must not have webhook-id, which the channel itself sets"],
    [{ headers: { Authorization: "x" }, bearer: "y" }, "give either bearer or a header Authorization"],
    [{ secret: "short" }, "must be a text of at least 16 bytes"],
    [{ body: "{{chek}}" }, "has the unknown variable {{chek}}"],
    [{ url: "http://user:hush@host/" }, "must not contain @ or #"],
    [{ url: "ftp://host/" }, "must be an address that starts with http:// or https://"],
    [{ clientKey: "x" }, "must be a key in PEM form"],
  ])("refuses %j", async (options, message) => {
    const opening = openChannel("hook", { type: "webhook", url: "http://localhost/", ...options });
    await expect(opening).rejects.toThrow(message);
    await expect(opening).rejects.not.toThrow(/hush/);
  });
});
