import type { ServerResponse } from "node:http";
import { describe, expect, it, vi } from "vitest";
import { contentAnswer, headerAnswer } from "../../src/server/answer.ts";
import { contentOf, sendAnswer } from "../../src/server/send-answer.ts";

const answer = (length: number) => contentAnswer(200, "text/plain", "x".repeat(length));

/** A response as far as it is looked at. */
function responseWith(about: { readonly destroyed?: boolean; readonly headersSent?: boolean; readonly vary?: string }) {
  const { destroyed = false, headersSent = false, vary } = about;
  const writeHead = vi.fn();
  const end = vi.fn();
  const getHeader = (name: string) => (name === "Vary" ? vary : undefined);
  return {
    response: { destroyed, headersSent, getHeader, writeHead, end } as unknown as ServerResponse,
    writeHead,
    end,
  };
}

describe("a long answer", () => {
  it("that is sent to many is encoded once", () => {
    const long = answer(16_384);
    expect(contentOf(long)).toBeInstanceOf(Buffer);
    expect(contentOf(long)).toBe(contentOf(long));
    expect(String(contentOf(long))).toBe(long.body);
    expect(contentOf(answer(16_384))).not.toBe(contentOf(long));
  });

  it("is none below 16 KiB", () => {
    expect(contentOf(answer(16_383))).toBe(answer(16_383).body);
    const stream = { ...answer(1), body: { length: 20_000 } };
    expect(contentOf(stream)).toBe(stream.body);
  });
});

describe("an answer", () => {
  it("is sent with its status, header and body", () => {
    const { response, writeHead, end } = responseWith({});
    sendAnswer(response, answer(2));
    expect(writeHead).toHaveBeenCalledWith(200, answer(2).headers);
    expect(end).toHaveBeenCalledWith("xx");
  });

  it("depends on what the program's answers depend on, too", () => {
    const { response, writeHead } = responseWith({ vary: "Accept-Encoding" });
    sendAnswer(response, answer(2));
    expect(writeHead).toHaveBeenCalledWith(200, { ...answer(2).headers, Vary: "Accept-Encoding, Accept" });
  });

  it.each([{ destroyed: true }, { headersSent: true }])("is not sent when it is too late for it: %j", (about) => {
    const { response, writeHead, end } = responseWith(about);
    sendAnswer(response, answer(2));
    expect(writeHead).not.toHaveBeenCalled();
    expect(end).not.toHaveBeenCalled();
  });

  it("says how long it is in bytes, that it is fresh, and of what it depends", () => {
    expect(contentAnswer(503, "text/plain", "ä", { "Retry-After": "1" })).toEqual({
      status: 503,
      headers: {
        "Cache-Control": "no-store",
        Vary: "Accept",
        "X-Content-Type-Options": "nosniff",
        "Retry-After": "1",
        "Content-Type": "text/plain",
        "Content-Length": "2",
      },
      body: "ä",
    });
    const { body, headers } = headerAnswer(204, { Allow: "GET" });
    expect([body, headers.Allow, headers["Cache-Control"], headers["Content-Length"]]).toEqual([
      "",
      "GET",
      "no-store",
      undefined,
    ]);
  });
});
