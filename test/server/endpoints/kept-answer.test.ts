import type { IncomingMessage } from "node:http";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { contentAnswer } from "../../../src/server/answer.ts";
import { keptAnswer } from "../../../src/server/endpoints/kept-answer.ts";

const long = `<p>${"All checks pass. ".repeat(200)}</p>`;

function request(headers: Readonly<Record<string, string>> = {}, method = "GET"): IncomingMessage {
  return { method, headers } as unknown as IncomingMessage; // Nothing else is read of it.
}

const page = (status = 200, body = long) => contentAnswer(status, "text/html; charset=utf-8", body);

describe("keptAnswer", () => {
  it("has a tag that is the same for the same content, and another for other content", async () => {
    const tag = async (body: string) => (await keptAnswer(request(), page(200, body), true)).headers.ETag;
    expect(await tag("a")).toMatch(/^W\/"[\w-]{22}"$/);
    expect(await tag("a")).toBe(await tag("a"));
    expect(await tag("a")).not.toBe(await tag("b"));
  });

  it.each([
    ["the tag itself", (tag: string) => tag],
    ["a strong one", (tag: string) => tag.slice(2)],
    ["one of several", (tag: string) => `"other", ${tag} , W/"more"`],
    ["any", () => "*"],
  ])("is answered with 304 when the client has %s", async (_, condition) => {
    const { headers } = await keptAnswer(request(), page(), true);
    const again = await keptAnswer(request({ "if-none-match": condition(headers.ETag ?? "") }), page(), true);
    expect(again).toMatchObject({
      status: 304,
      body: "",
      headers: { ETag: headers.ETag, "Cache-Control": "no-cache" },
    });
    expect(again.headers).not.toHaveProperty("Content-Type");
    const head = await keptAnswer(request({ "if-none-match": condition(headers.ETag ?? "") }, "HEAD"), page(), true);
    expect(head.status).toBe(304);
  });

  it("is told whole to a client with another tag, and to one that sends OPTIONS", async () => {
    const { headers } = await keptAnswer(request(), page(), true);
    const other = await keptAnswer(request({ "if-none-match": 'W/"other"' }), page(), true);
    expect(other).toMatchObject({ status: 200, body: long });
    const options = await keptAnswer(request({ "if-none-match": headers.ETag ?? "" }, "OPTIONS"), page(), true);
    expect(options.status).toBe(200);
  });

  it("always says anew that checks fail, and may not be kept then", async () => {
    const failing = await keptAnswer(request({ "if-none-match": "*" }), page(500), true);
    expect(failing).toMatchObject({ status: 500, body: long, headers: { "Cache-Control": "no-store" } });
    expect(failing.headers).not.toHaveProperty("ETag");
  });

  it("is kept by no browser when it asks for credentials", async () => {
    const closed = await keptAnswer(request(), page(), false);
    expect(closed.headers).toMatchObject({ "Cache-Control": "no-store", Vary: "Accept, Accept-Encoding" });
    expect(closed.headers.ETag).toBeDefined();
  });

  it.each(["gzip", "br, GZIP;q=0.5", "x-gzip", "*", "deflate, gzip; q=1.0"])(
    "is zipped for %s, once for many",
    async (encoding) => {
      const answer = page();
      const zipped = await keptAnswer(request({ "accept-encoding": encoding }), answer, true);
      const bytes = Buffer.isBuffer(zipped.body) ? zipped.body : Buffer.of();
      expect(zipped.headers).toMatchObject({ "Content-Encoding": "gzip", "Content-Length": String(bytes.length) });
      expect(gunzipSync(bytes).toString()).toBe(long);
      expect((await keptAnswer(request({ "accept-encoding": encoding }), answer, true)).body).toBe(bytes);
    },
  );

  it.each([undefined, "", "br", "gzip;q=0", "*;q=0", "gzip;q=0.00, *", "identity"])(
    "is not zipped for %s",
    async (encoding) => {
      const headers = encoding === undefined ? {} : { "accept-encoding": encoding };
      const plain = await keptAnswer(request(headers), page(), true);
      expect(plain.body).toBe(long);
      expect(plain.headers).not.toHaveProperty("Content-Encoding");
      expect(plain.headers.Vary).toBe("Accept, Accept-Encoding");
    },
  );

  it("is not zipped when it is short", async () => {
    expect((await keptAnswer(request({ "accept-encoding": "gzip" }), page(200, "short"), true)).body).toBe("short");
  });
});
